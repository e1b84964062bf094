//! *State + missed events = a fresh fetch*, under everything that networks and stores do, and at every moment one
//! row a message, in order and without holes.
//!
//! Long because what happens, what must hold meanwhile and what must come of it belong on one page.

use std::collections::HashSet;

use proptest::prelude::*;

use super::*;
use crate::protocol::Posted;
use crate::ui::live::model::{HERE, ME, Store};

/// An answer of the store on its way: it says what stood when it was read.
#[derive(Debug, Clone)]
enum Answer {
    Events(Seq, Vec<Event>, Seq),
    Page(MessageList),
    Older(Seq, MessageList),
    Newer(Seq, MessageList),
    Posted(Posted),
}

struct World {
    store: Store,
    timeline: Timeline,
    /// Live and replayed events on their way, in order until a step takes them out of it.
    wire: Vec<Event>,
    answers: Vec<Answer>,
    /// Nonces of own posts, and whether their request has reached the store.
    posts: Vec<(String, bool)>,
    made: u32,
    acknowledged: HashSet<String>,
    limit: usize,
}

impl World {
    fn step(&mut self, kind: u8, pick: u16) {
        let last_before = self.store.last();
        match kind {
            0..=5 => {
                self.store.commit(pick % 61, pick / 7);
            }
            6..=10 => self.deliver(0),
            11 => self.deliver(usize::from(pick)),
            12 if !self.wire.is_empty() => {
                self.wire.remove(usize::from(pick) % self.wire.len());
            }
            13 if !self.wire.is_empty() => {
                let again = self.wire[usize::from(pick) % self.wire.len()].clone();
                self.wire.push(again);
            }
            14 => self.reconnect(),
            15 if pick.is_multiple_of(4) => self.restore(pick),
            16 => self.ask(),
            17 if self.timeline.has_older() => {
                let before = self.timeline.begins();
                self.answers.push(Answer::Older(before, self.store.page(before.0, self.limit)));
            }
            25 if self.timeline.has_newer() => {
                let Some(after) = self.timeline.until() else { return };
                self.answers.push(Answer::Newer(after, self.store.page_after(after.0, self.limit)));
            }
            26 => self.timeline.trim_to(usize::from(pick) % 9 + 1, pick.is_multiple_of(2)),
            27 if !self.timeline.stale && self.store.last() > 0 => {
                // The reader goes to a place in the middle.
                let around = i64::from(pick) % self.store.last() + 1;
                let page = self.store.page_around(around, self.limit);
                assert!(self.timeline.go_to(page, ME), "just read");
                self.answers.retain(|answer| matches!(answer, Answer::Posted(_)));
            }
            18..=20 if !self.answers.is_empty() => {
                let answer = self.answers.remove(usize::from(pick) % self.answers.len());
                self.answer(answer);
            }
            21 => {
                self.made += 1;
                let nonce = format!("p{}", self.made);
                self.timeline.pend(pending(&nonce));
                self.posts.push((nonce, false));
            }
            22 | 23 => self.arrive(usize::from(pick), !pick.is_multiple_of(3)),
            24 => {
                if let Some((nonce, _)) = usize::from(pick).checked_rem(self.posts.len()).map(|at| &self.posts[at]) {
                    let state =
                        if pick.is_multiple_of(2) { SendState::Pending } else { SendState::Failed("No.".into()) };
                    let mut shown = self.timeline.pending.clone();
                    shown.iter_mut().filter(|p| p.nonce == *nonce).for_each(|p| p.state = state.clone());
                    self.timeline.set_pending(shown);
                }
            }
            _ => {}
        }
        for seq in last_before + 1..=self.store.last() {
            // As it was committed: later changes have events of their own.
            self.wire.push(self.store.event(seq, seq));
        }
    }

    fn deliver(&mut self, at: usize) {
        if let Some(at) = at.checked_rem(self.wire.len()) {
            let event = self.wire.remove(at);
            self.timeline.apply(&event, ME);
        }
    }

    /// Whatever was on the wire is lost, and replayed from the cursor; requests may still be answered.
    fn reconnect(&mut self) {
        let cursor = self.timeline.cursor();
        self.timeline.resumed(Seq(self.store.last()), true);
        self.wire = cursor.map(|after| self.store.events(after.0, usize::MAX)).unwrap_or_default();
        if cursor.is_none() {
            self.ask();
        }
    }

    /// The server comes back with an older copy of the file: it says so where the cursor is beyond its log.
    fn restore(&mut self, pick: u16) {
        let last = self.store.last() - i64::from(pick % 5);
        self.store.restore(last.max(0));
        // What was acknowledged, or seen in the log, is not sent again: a backup is as old as it is.
        let (store, timeline) = (&self.store, &self.timeline);
        let waits = |nonce: &str| timeline.pending.iter().any(|pending| pending.nonce == nonce);
        self.posts.retain(|(nonce, _)| store.seq_of(nonce).is_some() || waits(nonce));
        for (nonce, arrived) in &mut self.posts {
            *arrived = store.seq_of(nonce).is_some();
        }
        self.acknowledged.retain(|nonce| self.store.seq_of(nonce).is_some());
        self.answers.clear();
        self.timeline.reset();
        self.reconnect();
    }

    fn ask(&mut self) {
        let known = Seq(self.store.last());
        match self.timeline.missing(known) {
            Some(Missing::Events(after)) => {
                let events = self.store.events(after.0, self.limit);
                self.answers.push(Answer::Events(after, events, known));
            }
            Some(Missing::Page) => self.answers.push(Answer::Page(self.store.page(i64::MAX, self.limit))),
            None => {}
        }
    }

    fn answer(&mut self, answer: Answer) {
        match answer {
            Answer::Events(after, events, end) => self.timeline.fetched(after, &events, end, ME),
            Answer::Page(page) => self.timeline.replace(page, ME),
            Answer::Newer(after, page) => _ = self.timeline.newer(after, page, ME),
            Answer::Older(before, page) => _ = self.timeline.older(before, page, ME),
            Answer::Posted(posted) => {
                self.timeline.sent(&posted);
                self.acknowledged.insert(posted.nonce);
            }
        }
    }

    /// A post reaches the store, perhaps for the second time; its answer may be lost.
    fn arrive(&mut self, at: usize, is_answered: bool) {
        let Some(at) = at.checked_rem(self.posts.len()) else { return };
        let nonce = self.posts[at].0.clone();
        self.posts[at].1 = true;
        let seq = Seq(self.store.post(&nonce));
        if is_answered {
            self.answers.push(Answer::Posted(Posted { conversation_id: HERE, seq, nonce }));
        }
    }

    /// What must hold at every moment.
    fn check(&self) {
        let rows = self.timeline.rows(ME, |_| 0, None);
        let rows: Vec<_> =
            rows.iter().filter_map(|row| if let Row::Message(row) = row { Some(row) } else { None }).collect();
        let numbers: Vec<i64> = rows.iter().map(|row| row.seq.map_or(i64::MAX, |seq| seq.0)).collect();
        assert!(numbers.windows(2).all(|two| two[0] < two[1] || two[0] == i64::MAX), "order: {numbers:?}");
        let mut nonces = HashSet::new();
        assert!(rows.iter().all(|row| nonces.insert((row.author.id, &row.nonce))), "twice: {rows:?}");
        if self.timeline.stale {
            return;
        }
        let (begins, as_of) = (self.timeline.begins.0, self.timeline.as_of.0);
        let shown: HashSet<i64> = numbers.into_iter().collect();
        for seq in begins.max(1)..=self.timeline.until().map_or(as_of, |until| until.0.min(as_of)) {
            let (now, then) = (self.store.message(seq, self.store.last()), self.store.message(seq, as_of));
            assert!(now.is_none() || shown.contains(&seq), "a hole at {seq}");
            assert!(then.is_some() || !shown.contains(&seq), "{seq} is gone, and shown");
        }
        for row in rows.iter().filter(|row| row.seq.is_some_and(|seq| seq.0 > as_of)) {
            assert!(self.acknowledged.contains(&row.nonce), "ahead of its turn: {row:?}");
        }
    }

    /// One catch-up, and the answers to the posts that are still tried.
    fn settle(&mut self, by_replay: bool) {
        for (nonce, arrived) in self.posts.clone() {
            if arrived {
                let seq = Seq(self.store.post(&nonce));
                self.answer(Answer::Posted(Posted { conversation_id: HERE, seq, nonce }));
            }
        }
        self.answers.clear();
        if by_replay {
            self.reconnect();
            while !self.wire.is_empty() {
                self.deliver(0);
            }
            while let Some(answer) = self.answers.pop() {
                self.answer(answer);
            }
            assert_eq!(self.timeline.missing(Seq(self.store.last())), None, "a replay leaves nothing to fetch");
        }
        while self.timeline.missing(Seq(self.store.last())).is_some() {
            self.ask();
            let answer = self.answers.pop().expect("asked for");
            self.answer(answer);
        }
        // And down to the end, where the reader was further up.
        while let Some(after) = self.timeline.until() {
            let page = self.store.page_after(after.0, self.limit);
            assert!(self.timeline.newer(after, page, ME), "nothing happens meanwhile");
        }
    }
}

#[test]
fn what_waits_for_its_answer_is_shown_once_where_one_goes() {
    let mut store = Store::default();
    let mut timeline = Timeline::from_page(HERE, store.page(i64::MAX, 9));
    timeline.pend(pending("p1"));
    timeline.pend(pending("p2"));
    store.post("p1");
    assert!(timeline.go_to(store.page_around(1, 9), ME));
    let left: Vec<_> = timeline.pending.iter().map(|pending| pending.nonce.as_str()).collect();
    assert_eq!(left, ["p2"]);
}

#[test]
fn what_comes_before_an_acknowledged_message_is_within_what_was_kept() {
    let mut store = Store::default();
    store.commit(0, 0);
    let mut timeline = Timeline::from_page(HERE, store.page(i64::MAX, 9));
    store.commit(0, 0);
    timeline.pend(pending("p1"));
    let seq = Seq(store.post("p1"));
    timeline.sent(&Posted { conversation_id: HERE, seq, nonce: "p1".into() });
    timeline.trim_to(1, true);
    assert_eq!(timeline.begins(), Seq(2));
    timeline.apply(&store.event(2, 2), ME);
    timeline.apply(&store.event(3, 3), ME);
    assert_eq!(timeline.messages.keys().map(|seq| seq.0).collect::<Vec<_>>(), [2, 3]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_on_the_way_it_ends_as_a_fresh_fetch(
        past in proptest::collection::vec((any::<u16>(), any::<u16>()), 0..25),
        steps in proptest::collection::vec((0_u8..28, any::<u16>()), 0..120),
        limit in 1_usize..8,
        by_replay in any::<bool>(),
    ) {
        let mut store = Store::default();
        for (kind, pick) in past {
            store.commit(kind, pick);
        }
        let timeline = Timeline::from_page(HERE, store.page(i64::MAX, limit));
        let (wire, answers, posts, acknowledged) = (Vec::new(), Vec::new(), Vec::new(), HashSet::new());
        let mut world = World { store, timeline, wire, answers, posts, made: 0, acknowledged, limit };
        for (kind, pick) in steps {
            world.step(kind, pick);
            world.check();
        }
        world.settle(by_replay);
        world.check();
        let World { store, timeline, posts, .. } = world;
        let all = store.page(i64::MAX, usize::MAX).messages;
        let fresh: Vec<Message> = all.into_iter().filter(|message| message.seq >= timeline.begins).collect();
        prop_assert_eq!(timeline.messages.values().cloned().collect::<Vec<_>>(), fresh);
        prop_assert_eq!(timeline.as_of, Seq(store.last()));
        prop_assert!(timeline.waiting.is_empty() && !timeline.is_behind());
        let mut left: Vec<_> = timeline.pending.iter().map(|pending| pending.nonce.clone()).collect();
        left.sort_by_key(|nonce| posts.iter().position(|post| post.0 == *nonce));
        let unsent: Vec<_> = posts.into_iter().filter(|post| !post.1).map(|post| post.0).collect();
        prop_assert_eq!(left, unsent);
    }
}
