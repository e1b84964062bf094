//! A live reader: one person's gateway socket, opened again for ever, and the view that it gives.
//!
//! It does what the protocol tells a client to do and no more: it resumes with its cursors, and fetches what `reset`
//! names. It repairs nothing: a number that is skipped stays missing, and the judge finds it.

mod fetch;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use self::fetch::Page;
use super::back_off::BackOff;
use super::counters::count;
use super::shared::{Phase, Shared, is_draining, locked, seq};
use crate::Error;
use crate::client::Client;
use crate::frames::Frame;
use crate::history::{Entry, View, ViewKind};
use crate::socket::{Ready, Socket};

/// How far a reader is in each of its conversations, for others to see.
#[derive(Debug)]
pub(super) struct Progress {
    pub(super) person: usize,
    /// In the order of the person's memberships.
    pub(super) cursors: Vec<AtomicU32>,
}

/// One conversation as this reader holds it.
struct Held {
    /// Into the run's conversations.
    conversation: u32,
    id: i64,
    baseline: u32,
    cursor: u32,
    epoch: u32,
    view: View,
    /// What the last READY named: until there the reader is catching up.
    target: u32,
    /// Live events that came while the conversation is fetched anew.
    fetching: Option<Vec<(u32, Entry)>>,
    /// On this socket, what comes live up to here was fetched already, and is left: the page may overtake it.
    fetched_to: u32,
}

pub(super) struct Reader {
    shared: Arc<Shared>,
    progress: Arc<Progress>,
    slow: bool,
    held: Vec<Held>,
    by_id: HashMap<i64, usize>,
    client: Client,
    phases: watch::Receiver<Phase>,
    /// When the socket was lost, until the reader has caught up.
    lost: Option<Instant>,
    /// Conversations that are not at their target yet.
    behind: usize,
}

impl Reader {
    pub(super) fn new(shared: Arc<Shared>, person: usize, number: u32, slow: bool) -> Self {
        let held = |&conversation: &u32| {
            let of = locked(&shared.conversations[conversation as usize]);
            let (id, baseline) = (of.id, of.baseline);
            let view = View::new(seq(person as i64), ViewKind::Live { reader: number });
            Held {
                conversation,
                id,
                baseline,
                cursor: baseline,
                epoch: 0,
                view,
                target: 0,
                fetching: None,
                fetched_to: 0,
            }
        };
        let held: Vec<Held> = shared.memberships[person].iter().map(held).collect();
        let by_id = held.iter().enumerate().map(|(index, held)| (held.id, index)).collect();
        let cursors = held.iter().map(|held| AtomicU32::new(held.cursor)).collect();
        let (client, phases) = (shared.client(person), shared.phase.subscribe());
        let progress = Arc::new(Progress { person, cursors });
        Self { shared, progress, slow, held, by_id, client, phases, lost: None, behind: 0 }
    }

    pub(super) fn progress(&self) -> Arc<Progress> {
        self.progress.clone()
    }

    /// Reads until the run has ended; answers the views by conversation.
    pub(super) async fn run(mut self) -> Vec<(u32, View)> {
        let mut ended = self.shared.phase.subscribe();
        tokio::select! {
            biased;
            // The sender lives as long as the run.
            _ = ended.wait_for(|phase| *phase == Phase::Ended) => {}
            () = self.connect_for_ever() => {}
        }
        self.held.into_iter().map(|held| (held.conversation, held.view)).collect()
    }

    async fn connect_for_ever(&mut self) {
        let mut back_off = BackOff::new(&self.shared.plan);
        loop {
            let address = self.shared.site.address(fastrand::usize(..1 << 16));
            let cursors: BTreeMap<String, u32> =
                self.held.iter().map(|held| (held.id.to_string(), held.cursor)).collect();
            let silence = self.shared.plan.socket_silence;
            let source = self.shared.source();
            let opened = Socket::open(&mut self.client, &address, source, Some(&cursors), silence, self.slow).await;
            if let Ok((socket, ready)) = opened {
                back_off.reset();
                let error = self.read(socket, ready).await;
                self.shared.tally.ended(&error);
                self.lost = Some(Instant::now());
            }
            back_off.wait(&mut self.phases).await;
        }
    }

    /// Reads one socket to its end.
    async fn read(&mut self, mut socket: Socket, ready: Ready) -> Error {
        if let Some(lost) = self.lost {
            self.shared.tally.ready_again(lost.elapsed());
        }
        // Ends with this socket: what was fetched by then stays.
        let mut fetches = JoinSet::new();
        let (sender, mut pages) = mpsc::channel(8);
        for index in self.begin(&ready) {
            let Held { id, cursor, .. } = self.held[index];
            fetches.spawn(fetch::fetch(self.shared.clone(), self.progress.person, index, id, cursor, sender.clone()));
        }
        self.note_progress();
        loop {
            let frame = tokio::select! {
                frame = socket.frame() => frame,
                Some(page) = pages.recv() => {
                    self.fetched(page);
                    continue;
                }
            };
            match frame {
                Ok(frame) => self.frame(&frame),
                Err(error) => return error,
            }
            if self.slow && !is_draining(*self.phases.borrow()) {
                tokio::time::sleep(self.shared.plan.slowness).await;
            }
        }
    }

    /// Takes what READY says; answers what has to be fetched anew.
    fn begin(&mut self, ready: &Ready) -> Vec<usize> {
        for &(id, last, ..) in &ready.marks {
            if let Some(&index) = self.by_id.get(&id) {
                self.held[index].target = seq(last);
            }
        }
        let mut anew = Vec::new();
        for held in &mut self.held {
            held.fetching = None;
            held.fetched_to = 0;
        }
        for id in &ready.reset {
            let Some(&index) = self.by_id.get(id) else { continue };
            count(&self.shared.tally.resets);
            let held = &mut self.held[index];
            if held.target < held.cursor {
                // The log ends before what was seen of it: begin anew. The judge keeps what was seen.
                held.epoch += 1;
                held.cursor = held.baseline;
            }
            held.fetching = Some(Vec::new());
            anew.push(index);
        }
        self.behind = self.held.iter().filter(|held| held.cursor < held.target).count();
        anew
    }

    fn frame(&mut self, frame: &Frame) {
        let (Some(id), Some(s)) = (frame.c, frame.s) else { return };
        let Some(&index) = self.by_id.get(&id) else {
            // One of the load's that is others'; of conversations beside it nothing is known.
            if let Some(&conversation) = self.shared.by_id.get(&id) {
                self.shared.leaked(conversation, self.progress.person);
            }
            return;
        };
        let (at, entry) = (seq(s), self.shared.entry(frame));
        let held = &mut self.held[index];
        match &mut held.fetching {
            Some(waiting) => waiting.push((at, entry)),
            None if at <= held.fetched_to => {}
            None => self.note(index, at, entry),
        }
    }

    fn fetched(&mut self, Page { index, entries, done }: Page) {
        for (at, entry) in entries {
            self.note(index, at, entry);
        }
        if done {
            let held = &mut self.held[index];
            let (waiting, cursor) = (held.fetching.take().unwrap_or_default(), held.cursor);
            held.fetched_to = cursor;
            // What is older was in the pages.
            for (at, entry) in waiting.into_iter().filter(|(at, _)| *at > cursor) {
                self.note(index, at, entry);
            }
        }
    }

    fn note(&mut self, index: usize, at: u32, entry: Entry) {
        let held = &mut self.held[index];
        let other = locked(&self.shared.conversations[held.conversation as usize]).claim(at, entry);
        held.view.saw(at, held.epoch, other);
        count(&self.shared.tally.events);
        let before = held.cursor;
        held.cursor = before.max(at);
        if before < held.target && held.cursor >= held.target {
            self.behind -= 1;
            self.note_progress();
        }
        self.progress.cursors[index].store(self.held[index].cursor, Ordering::Relaxed);
    }

    fn note_progress(&mut self) {
        if self.behind == 0
            && let Some(lost) = self.lost.take()
        {
            self.shared.tally.caught_up(lost.elapsed());
        }
    }
}
