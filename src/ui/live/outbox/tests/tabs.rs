//! Several tabs over one disk and one server, with crashes, lost answers, disks that refuse and locks that are missing:
//! every text ends in the log exactly once and in order, or is failed and shown, or was discarded.
//! Long because it is one world, of which every part touches the others.

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;

use super::*;

const TABS: usize = 3;
/// The conversation that the name stands for.
const ADA: i64 = 9;

#[derive(Debug, Clone)]
enum Op {
    /// `refused`: the server will not have it until it is retried.
    Write {
        tab: usize,
        to: usize,
        refused: bool,
    },
    /// The disk answers: it took it (0 to 5), it did not (6), it did and the tab does not know (7).
    Disk {
        tab: usize,
        outcome: u8,
    },
    /// A lane goes one step on; `lost`: an answer does not come.
    Lane {
        tab: usize,
        nth: usize,
        lost: bool,
    },
    /// What is under way to the disk and the server arrives, or does not.
    Crash {
        tab: usize,
        disk: bool,
        server: bool,
    },
    /// A broadcast, late or doubled.
    Look {
        tab: usize,
    },
    Retry {
        tab: usize,
        nth: usize,
    },
    Discard {
        tab: usize,
        nth: usize,
    },
    Later,
}

fn ops() -> impl Strategy<Value = Op> {
    let tab = 0..TABS;
    prop_oneof![
        4 => (tab.clone(), 0..3_usize, prop::bool::weighted(0.2)).prop_map(|(tab, to, refused)| Op::Write { tab, to, refused }),
        4 => (tab.clone(), 0..8_u8).prop_map(|(tab, outcome)| Op::Disk { tab, outcome }),
        12 => (tab.clone(), 0..3_usize, prop::bool::weighted(0.2)).prop_map(|(tab, nth, lost)| Op::Lane { tab, nth, lost }),
        1 => (tab.clone(), any::<bool>(), any::<bool>()).prop_map(|(tab, disk, server)| Op::Crash { tab, disk, server }),
        2 => tab.clone().prop_map(|tab| Op::Look { tab }),
        1 => (tab.clone(), 0..2_usize).prop_map(|(tab, nth)| Op::Retry { tab, nth }),
        1 => (tab, 0..2_usize).prop_map(|(tab, nth)| Op::Discard { tab, nth }),
        1 => Just(Op::Later),
    ]
}

#[derive(Default)]
struct Tab {
    outbox: Outbox,
    writing: Option<Record>,
    lanes: Vec<Lane>,
}

struct Lane {
    recipient: Recipient,
    post: Option<Post>,
    reply: Option<Result<Posted, Failure>>,
}

#[derive(Default)]
struct World {
    disk: Disk,
    tabs: [Tab; TABS],
    locks: bool,
    held: Vec<Recipient>,
    now_ms: i64,
    log: HashMap<i64, Vec<String>>,
    refuses: HashSet<String>,
    /// Each message, and those that were accepted for the same recipient before it.
    written: Vec<(String, Vec<String>)>,
    /// Whose order is their own: they failed once.
    failed: HashSet<String>,
    discarded: HashSet<String>,
    /// Gone with a tab that had them in memory: the browser asked first.
    lost: HashSet<String>,
}

impl World {
    fn server(&mut self, post: &Post) -> Result<Posted, Failure> {
        if self.refuses.contains(&post.nonce) {
            self.failed.insert(post.nonce.clone());
            return Err(refused());
        }
        let id = if let Recipient::Conversation(id) = post.recipient { id.0 } else { ADA };
        let log = self.log.entry(id).or_default();
        if !log.contains(&post.nonce) {
            log.push(post.nonce.clone());
        }
        Ok(posted(&post.nonce, id))
    }

    fn in_log(&self, nonce: &str) -> usize {
        self.log.values().flatten().filter(|logged| *logged == nonce).count()
    }

    fn act(&mut self, op: Op) {
        match op {
            Op::Write { tab, to, refused } => self.write(tab, to, refused),
            Op::Disk { tab, outcome } => self.store(tab, outcome),
            Op::Lane { tab, nth, lost } => self.lane(tab, nth, lost),
            Op::Crash { tab, disk, server } => self.crash(tab, disk, server),
            Op::Look { tab } => self.look(tab),
            Op::Retry { tab, nth } => {
                let Some(nonce) = self.nth_failed(tab, nth) else { return };
                self.refuses.remove(&nonce);
                if !self.tabs[tab].outbox.retry(&nonce) {
                    self.disk.change(&Change::Retry { nonce });
                    self.look(tab);
                }
            }
            Op::Discard { tab, nth } => {
                let Some(nonce) = self.nth_failed(tab, nth) else { return };
                if self.tabs[tab].outbox.discard(&nonce).is_some()
                    || self.disk.change(&Change::Discard { nonce: nonce.clone() })
                {
                    self.discarded.insert(nonce);
                }
                self.look(tab);
            }
            Op::Later => self.now_ms += 1_000,
        }
        for tab in &mut self.tabs {
            tab.writing = tab.writing.take().or_else(|| tab.outbox.next_to_keep());
            while let Some(Action::Lane(recipient)) = tab.outbox.next(self.now_ms) {
                tab.lanes.push(Lane { recipient, post: None, reply: None });
            }
        }
    }

    fn nth_failed(&self, tab: usize, nth: usize) -> Option<String> {
        self.tabs[tab].outbox.items().iter().filter(|i| i.is_failed()).nth(nth).map(|i| i.nonce.clone())
    }

    fn write(&mut self, tab: usize, to: usize, refused: bool) {
        let recipient = [room(1), room(2), name()][to].clone();
        let nonce = format!("n{}", self.written.len());
        // What the writer saw waiting there.
        let here = self.tabs[tab].outbox.items().iter().filter(|i| i.recipient == recipient && !i.is_failed());
        let before = here.map(|i| i.nonce.clone()).collect();
        push(&mut self.tabs[tab].outbox, &nonce, recipient);
        if refused {
            self.refuses.insert(nonce.clone());
        }
        self.written.push((nonce, before));
    }

    fn store(&mut self, tab: usize, outcome: u8) {
        let Some(record) = self.tabs[tab].writing.take() else { return };
        let nonce = record.nonce.clone();
        if outcome != 6 {
            self.disk.change(&Change::Add(record));
        }
        let kept = (outcome < 6).then(|| self.disk.kept.clone());
        self.tabs[tab].outbox.stored(&nonce, kept, self.now_ms);
    }

    fn look(&mut self, tab: usize) {
        self.tabs[tab].outbox.refresh(self.disk.kept.clone(), self.now_ms);
    }

    fn lane(&mut self, tab: usize, nth: usize, lost: bool) {
        if nth >= self.tabs[tab].lanes.len() {
            return;
        }
        let mut lane = self.tabs[tab].lanes.remove(nth);
        match (lane.post.take(), lane.reply.take()) {
            (None, _) => {
                if self.locks && self.held.contains(&lane.recipient) {
                    return self.tabs[tab].lanes.push(lane);
                }
                self.look(tab);
                lane.post = self.tabs[tab].outbox.begin(&lane.recipient, self.now_ms);
                if lane.post.is_none() {
                    return self.tabs[tab].outbox.finish(&lane.recipient);
                }
                self.held.push(lane.recipient.clone());
                self.tabs[tab].lanes.push(lane);
            }
            (Some(post), None) => {
                lane.reply = Some(self.server(&post));
                lane.post = Some(post);
                self.tabs[tab].lanes.push(lane);
            }
            (Some(post), Some(reply)) => {
                let reply = if lost { Err(LATER) } else { reply };
                let outbox = &mut self.tabs[tab].outbox;
                let answered = outbox.answered(&post.nonce, reply.as_ref().map_err(Clone::clone), self.now_ms, 0.5);
                if let Some((_, Some(change))) = answered {
                    self.disk.change(&change);
                    self.look(tab);
                    self.tabs[tab].outbox.offer();
                }
                self.leave(tab, &lane.recipient);
            }
        }
    }

    fn leave(&mut self, tab: usize, lane: &Recipient) {
        self.tabs[tab].outbox.finish(lane);
        if let Some(at) = self.held.iter().position(|held| held == lane) {
            self.held.remove(at);
        }
    }

    fn crash(&mut self, tab: usize, disk: bool, server: bool) {
        let old = std::mem::take(&mut self.tabs[tab]);
        if let Some(record) = old.writing.filter(|_| disk) {
            self.disk.change(&Change::Add(record));
        }
        for lane in old.lanes {
            if let Some(post) = lane.post {
                if server && lane.reply.is_none() {
                    let _ = self.server(&post);
                }
                self.leave(tab, &lane.recipient);
            }
        }
        let kept = |nonce: &str| self.disk.kept.iter().any(|k| k.record.nonce == nonce);
        let gone = old.outbox.items().iter().filter(|i| i.place != Place::Disk && !kept(&i.nonce));
        self.lost.extend(gone.map(|i| i.nonce.clone()));
        self.look(tab);
    }

    /// Everything works from here on, until there is nothing to do.
    fn settle(&mut self) {
        for _ in 0..60 {
            for tab in 0..TABS {
                self.act(Op::Look { tab });
                self.act(Op::Disk { tab, outcome: 0 });
                for _ in 0..12 {
                    self.act(Op::Lane { tab, nth: 0, lost: false });
                }
            }
            self.now_ms += 30_000;
        }
        // Each tab is shown the whole log once, as after a connection was lost.
        for (id, nonces) in self.log.clone() {
            for (tab, nonce) in (0..TABS).flat_map(|tab| nonces.iter().map(move |nonce| (tab, nonce))) {
                if let Some((_, change)) = self.tabs[tab].outbox.echoed(nonce, ConversationId(id)) {
                    self.disk.change(&change);
                }
            }
        }
        (0..TABS).for_each(|tab| self.look(tab));
    }

    fn check(&self) {
        for (nonce, before) in &self.written {
            let logged = self.in_log(nonce);
            let shown =
                (0..TABS).any(|tab| self.tabs[tab].outbox.items().iter().any(|i| i.nonce == *nonce && i.is_failed()));
            if self.lost.contains(nonce) || self.discarded.contains(nonce) {
                assert!(logged <= 1, "{nonce} is {logged} times in the log");
            } else {
                assert_eq!(
                    logged + usize::from(shown),
                    1,
                    "{nonce}: {logged} times in the log, shown as failed: {shown}"
                );
            }
            let place = |nonce: &String| {
                self.log.iter().find_map(|(id, log)| Some((*id, log.iter().position(|logged| logged == nonce)?)))
            };
            let Some((id, at)) = place(nonce).filter(|_| !self.failed.contains(nonce)) else { continue };
            for earlier in before.iter().filter(|earlier| !self.failed.contains(*earlier)) {
                let Some((other, earlier_at)) = place(earlier) else { continue };
                assert!(other != id || earlier_at < at, "{earlier} was written before {nonce}: {:?}", self.log[&id]);
            }
        }
        let waits = |tab: &Tab| tab.outbox.items().iter().any(|i| !i.is_failed());
        assert!(!self.tabs.iter().any(waits), "nothing waits for ever");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn every_text_ends_once_in_order_or_is_shown(locks in any::<bool>(), ops in prop::collection::vec(ops(), 1..80)) {
        let mut world = World { locks, ..World::default() };
        (0..TABS).for_each(|tab| world.look(tab));
        for op in ops {
            world.act(op);
        }
        world.settle();
        world.check();
    }
}
