//! The list's entry ends as a fresh fetch of it, whatever is lost, doubled or reordered on the way.
//!
//! Long because what happens, in the log, the inbox and on the way, and what must come of it belong on one page.

use proptest::prelude::*;

use super::super::*;
use crate::protocol::frame::{InboxState, Ready};
use crate::protocol::{ConversationList, Event, Level, Message, Mine, Stream};
use crate::ui::live::asked::Asked;
use crate::ui::live::model::{HERE, ME, NOON_MS, Store, message as made, user};

enum Wire {
    Event(Box<Event>),
    Read(Seq),
}

/// What is fetched: not yet, on its way, or as it was read for an answer that is on its way.
#[derive(Default, PartialEq)]
enum Fetch<T> {
    #[default]
    No,
    Asked,
    Read(T),
}

struct World {
    store: Store,
    list: List,
    told: Told,
    wire: Vec<Wire>,
    asked: Asked,
    /// The conversation, as the list shows it; none, where it is not theirs.
    summary: Fetch<Option<ConversationSummary>>,
    /// The list's beginning.
    page: Fetch<List>,
    /// The last entry of the inbox that was seen.
    inbox: i64,
    /// A mark that was set here and is not told yet.
    mark: Option<i64>,
    posts: u32,
}

impl World {
    fn step(&mut self, kind: u8, pick: u16) {
        let (last_before, inbox_before) = (self.store.last(), self.store.inbox_last());
        let was_theirs = self.store.is_theirs();
        match kind {
            0..=5 => {
                self.store.commit(pick % 61, pick / 7);
            }
            6..=10 => self.deliver(0),
            11 => self.deliver(usize::from(pick)),
            12 if !self.wire.is_empty() => {
                let at = usize::from(pick) % self.wire.len();
                // State is not replayed: what is lost of it comes with READY. An inbox has no holes.
                if matches!(&self.wire[at], Wire::Event(event) if event.stream == Stream::Conversation(HERE)) {
                    self.wire.remove(at);
                }
            }
            13 => self.reconnect(false),
            14 if pick.is_multiple_of(4) => {
                self.store.restore((self.store.last() - i64::from(pick % 5)).max(0));
                self.mark = None;
                self.reconnect(true);
                return;
            }
            15 if was_theirs => {
                let seq = i64::from(pick) % (self.store.last() + 1);
                if seq > self.store.read_seq {
                    self.store.read_seq = seq;
                    self.wire.push(Wire::Read(Seq(seq)));
                }
            }
            16 => {
                if let Some(last_seq) = last_seq(&self.list, HERE).filter(|last_seq| *last_seq > Seq::ZERO) {
                    seen(&mut self.list, HERE, last_seq, 0, last_seq);
                    self.mark = self.mark.max(Some(last_seq.0));
                }
            }
            17 => self.tell(),
            18 if self.summary == Fetch::Asked => self.summary = Fetch::Read(self.read()),
            18 | 24 if self.page == Fetch::Asked => self.page = Fetch::Read(self.read().into_iter().collect()),
            19 | 20 => {
                self.answered();
                self.listed();
            }
            21 if was_theirs => {
                self.posts += 1;
                let nonce = format!("p{}", self.posts);
                let seq = Seq(self.store.post(&nonce));
                let own = Message { seq, version: Seq::ZERO, author: user(1), nonce, ..made(seq.0, 1) };
                let known = message(&mut self.list, HERE, &own, ME);
                self.fetch(known);
            }
            22 if was_theirs => {
                let level = [Level::All, Level::Mentions, Level::Nothing][usize::from(pick % 3)];
                let (pinned, marked) = (pick.is_multiple_of(2), pick.is_multiple_of(5));
                self.store.keep(Mine { level, pinned, marked });
            }
            23 if pick.is_multiple_of(2) => self.store.move_reader(!was_theirs),
            24 => self.page = Fetch::Asked,
            _ => {}
        }
        for seq in inbox_before + 1..=self.store.inbox_last() {
            self.wire.push(Wire::Event(Box::new(self.store.inbox_event(seq))));
        }
        if self.store.is_theirs() {
            let new = last_before + 1..=self.store.last();
            self.wire.extend(new.map(|seq| Wire::Event(Box::new(self.store.event(seq, seq)))));
        }
    }

    /// The conversation, as it is read for an answer.
    fn read(&self) -> Option<ConversationSummary> {
        self.store.is_theirs().then(|| self.store.summary())
    }

    fn fetch(&mut self, known: Known) {
        if known == Known::Fetch && self.asked.ask(HERE) {
            self.summary = Fetch::Asked;
        }
    }

    /// Of the inbox what is first.
    fn deliver(&mut self, at: usize) {
        let Some(at) = at.checked_rem(self.wire.len()) else { return };
        let is_inbox = |told: &Wire| matches!(told, Wire::Event(event) if event.stream == Stream::Inbox(ME));
        let first = self.wire.iter().position(is_inbox).filter(|_| is_inbox(&self.wire[at]));
        let known = match self.wire.remove(first.unwrap_or(at)) {
            Wire::Event(told) if told.stream == Stream::Inbox(ME) => {
                self.inbox = self.inbox.max(told.seq.0);
                inbox(&mut self.list, &mut self.told, told.body, NOON_MS).map_or(Known::Yes, |(_, known)| known)
            }
            Wire::Event(told) => event(&mut self.list, HERE, &told, &user(1)),
            Wire::Read(seq) => read_elsewhere(&mut self.list, HERE, seq),
        };
        self.fetch(known);
    }

    /// The mark is told, and what it leaves unread is asked for.
    fn tell(&mut self) {
        let Some(seq) = self.mark.take().filter(|_| self.store.is_theirs()) else { return };
        if seq > self.store.read_seq {
            self.store.read_seq = seq;
            self.wire.push(Wire::Read(Seq(seq)));
        }
        if self.list.iter().any(|entry| entry.unread > 0) {
            self.fetch(Known::Fetch);
        }
    }

    fn answered(&mut self) {
        let answer = std::mem::take(&mut self.summary);
        let Fetch::Read(answer) = answer else {
            self.summary = answer;
            return;
        };
        match answer {
            Some(answer) => {
                let mut answer = vec![answer];
                self.told.over(&mut answer);
                for answer in answer {
                    fetched(&mut self.list, answer, false);
                }
            }
            None => deleted(&mut self.list, HERE),
        }
        if self.asked.again(HERE) {
            self.summary = Fetch::Asked;
        }
    }

    fn listed(&mut self) {
        let answer = std::mem::take(&mut self.page);
        let Fetch::Read(mut conversations) = answer else {
            self.page = answer;
            return;
        };
        self.told.over(&mut conversations);
        let page = ConversationList { conversations, more: false };
        if !merge(&mut self.list, page, &[]).is_empty() {
            self.fetch(Known::Fetch);
        }
    }

    fn reconnect(&mut self, is_restored: bool) {
        let sent = cursors(&self.list, &Beyond::default(), None, None);
        self.asked.clear();
        (self.summary, self.page) = (Fetch::No, Fetch::No);
        self.told.clear();
        let (is_theirs, end) = (self.store.is_theirs(), self.store.inbox_last());
        let inbox = InboxState { s: Seq(end), reset: self.inbox > end };
        if inbox.reset {
            self.inbox = end;
        }
        let missed = (self.inbox + 1..=end).map(|seq| self.store.inbox_event(seq));
        self.wire = missed.map(|event| Wire::Event(Box::new(event))).collect();
        let cursor = sent.get(&HERE.to_string()).copied();
        if let Some(after) = cursor.filter(|_| is_theirs && !is_restored) {
            let missed = self.store.events(after, usize::MAX);
            self.wire.extend(missed.into_iter().map(|event| Wire::Event(Box::new(event))));
        }
        let theirs = |id: ConversationId| is_theirs.then_some(id);
        let frame = Ready {
            user: user(1),
            inbox,
            marks: theirs(HERE).map(|_| self.store.mark()).into_iter().collect(),
            conversations: theirs(HERE)
                .filter(|_| inbox.reset || cursor.is_none() || is_restored)
                .map(|_| self.store.summary().conversation)
                .into_iter()
                .collect(),
            reset: theirs(HERE).filter(|_| is_restored).into_iter().collect(),
            mine: theirs(HERE).map(|id| (id, self.store.mine())).into_iter().collect(),
            mentions: theirs(HERE).map(|id| (id, self.store.mentions())).into_iter().collect(),
            part: 1,
            parts: 1,
            present: Vec::new(),
        };
        let wanted = ready(&mut self.list, &mut Beyond::default(), &sent, frame, true);
        if wanted.list {
            self.page = Fetch::Asked;
        }
        if !wanted.conversations.is_empty() {
            self.fetch(Known::Fetch);
        }
    }

    /// One catch-up: all that is on its way arrives, and what is asked for is answered.
    fn settle(&mut self) {
        self.tell();
        self.reconnect(false);
        self.arrive();
    }

    fn arrive(&mut self) {
        while !self.wire.is_empty() {
            self.deliver(0);
        }
        self.listed();
        if self.page != Fetch::No {
            self.page = Fetch::Read(self.read().into_iter().collect());
            self.listed();
        }
        self.answered();
        while self.summary != Fetch::No {
            self.summary = Fetch::Read(self.read());
            self.answered();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn it_ends_as_a_fresh_fetch(
        past in proptest::collection::vec((any::<u16>(), any::<u16>()), 0..15),
        steps in proptest::collection::vec((0_u8..25, any::<u16>()), 0..100),
        by_resuming in any::<bool>(),
    ) {
        let mut store = Store::default();
        for (kind, pick) in past {
            store.commit(kind, pick);
        }
        let list = vec![store.summary()];
        let mut world = World {
            store,
            list,
            told: Told::default(),
            wire: Vec::new(),
            asked: Asked::default(),
            summary: Fetch::No,
            page: Fetch::No,
            inbox: 0,
            mark: None,
            posts: 0,
        };
        for (kind, pick) in steps {
            world.step(kind, pick);
            let last = Seq(world.store.last());
            prop_assert!(world.list.iter().all(|entry| entry.last_seq <= last));
        }
        if !by_resuming {
            // Whose it is and how they keep it is right without another connection, too.
            world.arrive();
            let kept = |entry: &ConversationSummary| entry.mine;
            let (held, stored) = (world.list.iter().map(kept), world.read().into_iter().map(|entry| kept(&entry)));
            prop_assert_eq!(held.collect::<Vec<_>>(), stored.collect::<Vec<_>>());
        }
        world.settle();
        let fresh: List = world.read().into_iter().collect();
        prop_assert_eq!(world.list, fresh);
    }
}
