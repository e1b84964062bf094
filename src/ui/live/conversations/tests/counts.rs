//! The list's entry ends as a fresh fetch of it, whatever is lost, doubled or reordered on the way.

use proptest::prelude::*;

use super::super::*;
use crate::protocol::frame::{InboxState, Ready};
use crate::protocol::{Event, Message};
use crate::ui::live::asked::Asked;
use crate::ui::live::model::{HERE, ME, Store, message as made, user};

enum Told {
    Event(Box<Event>),
    Read(Seq),
}

struct World {
    store: Store,
    list: List,
    wire: Vec<Told>,
    asked: Asked,
    fetching: bool,
    /// The entry as it was read for an answer that is on its way.
    answer: Option<ConversationSummary>,
    /// A mark that was set here and is not told yet.
    mark: Option<i64>,
    posts: u32,
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
                let at = usize::from(pick) % self.wire.len();
                // State is not replayed: what is lost of it comes with READY.
                if matches!(self.wire[at], Told::Event(_)) {
                    self.wire.remove(at);
                }
            }
            13 => self.reconnect(false),
            14 if pick.is_multiple_of(4) => {
                self.store.restore((self.store.last() - i64::from(pick % 5)).max(0));
                self.mark = None;
                self.reconnect(true);
            }
            15 => {
                let seq = i64::from(pick) % (self.store.last() + 1);
                if seq > self.store.read_seq {
                    self.store.read_seq = seq;
                    self.wire.push(Told::Read(Seq(seq)));
                }
            }
            16 => {
                if let Some(last_seq) = last_seq(&self.list, HERE).filter(|last_seq| *last_seq > Seq::ZERO) {
                    seen(&mut self.list, HERE, last_seq, 0, last_seq);
                    self.mark = self.mark.max(Some(last_seq.0));
                }
            }
            17 => self.tell(),
            18 if self.fetching && self.answer.is_none() => self.answer = Some(self.store.summary()),
            19 | 20 => self.answered(),
            21 => {
                self.posts += 1;
                let nonce = format!("p{}", self.posts);
                let seq = Seq(self.store.post(&nonce));
                let own = Message { seq, version: Seq::ZERO, author: user(1), nonce, ..made(seq.0, 1) };
                let known = message(&mut self.list, HERE, &own, ME);
                self.fetch(known);
            }
            _ => {}
        }
        let new = last_before + 1..=self.store.last();
        self.wire.extend(new.map(|seq| Told::Event(Box::new(self.store.event(seq, seq)))));
    }

    fn fetch(&mut self, known: Known) {
        if known == Known::Fetch && self.asked.ask(HERE) {
            self.fetching = true;
            self.answer = None;
        }
    }

    fn deliver(&mut self, at: usize) {
        let Some(at) = at.checked_rem(self.wire.len()) else { return };
        let known = match self.wire.remove(at) {
            Told::Event(told) => event(&mut self.list, HERE, &told, &user(1)),
            Told::Read(seq) => read_elsewhere(&mut self.list, HERE, seq),
        };
        self.fetch(known);
    }

    /// The mark is told, and what it leaves unread is asked for.
    fn tell(&mut self) {
        let Some(seq) = self.mark.take() else { return };
        if seq > self.store.read_seq {
            self.store.read_seq = seq;
            self.wire.push(Told::Read(Seq(seq)));
        }
        if self.list.iter().any(|entry| entry.unread > 0) {
            self.fetch(Known::Fetch);
        }
    }

    fn answered(&mut self) {
        let Some(answer) = self.answer.take() else { return };
        fetched(&mut self.list, answer, false);
        self.fetching = self.asked.again(HERE);
    }

    fn reconnect(&mut self, is_restored: bool) {
        let sent = cursors(&self.list, &Beyond::default(), None, None);
        self.asked.clear();
        (self.answer, self.fetching) = (None, false);
        let cursor = sent.get(&HERE.to_string()).copied();
        let reset = if is_restored { vec![HERE] } else { Vec::new() };
        self.wire = match cursor.filter(|_| !is_restored) {
            Some(after) => {
                self.store.events(after, usize::MAX).into_iter().map(|event| Told::Event(Box::new(event))).collect()
            }
            None => Vec::new(),
        };
        let inbox = InboxState { s: Seq(1), reset: false };
        let marks = vec![self.store.mark()];
        let frame = Ready {
            user: user(1),
            inbox,
            marks,
            conversations: Vec::new(),
            reset,
            mine: Vec::new(),
            mentions: vec![(HERE, self.store.mentions())],
            part: 1,
            parts: 1,
            present: Vec::new(),
        };
        let wanted = ready(&mut self.list, &mut Beyond::default(), &sent, frame, true);
        if !wanted.conversations.is_empty() {
            self.fetch(Known::Fetch);
        }
    }

    /// One catch-up: all that is on its way arrives, and what is asked for is answered.
    fn settle(&mut self) {
        self.tell();
        self.reconnect(false);
        while !self.wire.is_empty() {
            self.deliver(0);
        }
        while self.fetching {
            self.answer = Some(self.store.summary());
            self.answered();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn it_ends_as_a_fresh_fetch(
        past in proptest::collection::vec((any::<u16>(), any::<u16>()), 0..15),
        steps in proptest::collection::vec((0_u8..22, any::<u16>()), 0..100),
    ) {
        let mut store = Store::default();
        for (kind, pick) in past {
            store.commit(kind, pick);
        }
        let list = vec![store.summary()];
        let (wire, asked) = (Vec::new(), Asked::default());
        let mut world = World { store, list, wire, asked, fetching: false, answer: None, mark: None, posts: 0 };
        for (kind, pick) in steps {
            world.step(kind, pick);
            prop_assert!(world.list[0].last_seq <= Seq(world.store.last()));
        }
        world.settle();
        prop_assert_eq!(world.list, vec![world.store.summary()]);
    }
}
