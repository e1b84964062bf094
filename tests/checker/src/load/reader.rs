//! A live reader: one person's gateway socket, opened again for ever, and the view that it gives.
//!
//! It does what the protocol tells a client to do and no more: it resumes with its cursors, and fetches what `reset`
//! names. It repairs nothing: a number that is skipped stays missing, and the judge finds it.
//! Long because a frame's way through a socket, a fetch and what is held is one.

mod fetch;
mod held;
mod inbox;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use self::fetch::{End, Page};
use self::held::Held;
pub(super) use self::inbox::named;
use super::back_off::BackOff;
use super::counters::count;
use super::shared::{Phase, Shared, is_draining, locked, seq};
use super::shown::Shown;
use crate::Error;
use crate::client::Client;
use crate::frames::Frame;
use crate::history::{Inbox, SpellEnd, View, ViewKind};
use crate::socket::{Ready, Socket};

/// How far a reader is in each of its conversations, for others to see.
#[derive(Debug)]
pub(super) struct Progress {
    pub(super) person: usize,
    /// In the order of the person's memberships.
    pub(super) cursors: Vec<AtomicU32>,
    /// In the order of the groups that the person comes to and goes from; 0 while they are not in one.
    pub(super) comings: Vec<AtomicU32>,
}

pub(super) struct Reader {
    shared: Arc<Shared>,
    progress: Arc<Progress>,
    slow: bool,
    /// In the order of the progress.
    held: Vec<Held>,
    by_id: HashMap<i64, usize>,
    inbox: Inbox,
    /// Nothing before the first READY.
    inbox_cursor: Option<u32>,
    /// Where it stood at READY: what is up to there is replayed.
    inbox_ready: u32,
    client: Client,
    phases: watch::Receiver<Phase>,
    /// When the socket was lost, until the reader has caught up.
    lost: Option<Instant>,
    /// Conversations that are not at their target yet.
    behind: usize,
}

impl Reader {
    pub(super) fn new(shared: Arc<Shared>, person: usize, number: u32, slow: bool) -> Self {
        let held = |(&conversation, is_group): (&u32, bool)| {
            let view = View::new(seq(person as i64), ViewKind::Live { reader: number });
            Held::new(&locked(&shared.conversations[conversation as usize]), conversation, view, is_group)
        };
        let (theirs, comings) = (&shared.memberships[person], &shared.comings[person]);
        let all = theirs.iter().map(|index| (index, false)).chain(comings.iter().map(|index| (index, true)));
        let held: Vec<Held> = all.map(held).collect();
        let by_id = held.iter().enumerate().map(|(index, held)| (held.id, index)).collect();
        let mut cursors: Vec<AtomicU32> = held.iter().map(|held| AtomicU32::new(held.cursor)).collect();
        let comings = cursors.split_off(theirs.len());
        let (client, phases) = (shared.client(person), shared.phase.subscribe());
        let progress = Arc::new(Progress { person, cursors, comings });
        let inbox = Inbox { person: seq(person as i64), ..Inbox::default() };
        let (inbox_cursor, inbox_ready) = (None, 0);
        let (lost, behind) = (None, 0);
        Self { shared, progress, slow, held, by_id, inbox, inbox_cursor, inbox_ready, client, phases, lost, behind }
    }

    pub(super) fn progress(&self) -> Arc<Progress> {
        self.progress.clone()
    }

    /// Reads until the run has ended; answers the views by conversation.
    pub(super) async fn run(mut self) -> (Vec<(u32, View)>, Inbox) {
        let mut ended = self.shared.phase.subscribe();
        tokio::select! {
            biased;
            // The sender lives as long as the run.
            _ = ended.wait_for(|phase| *phase == Phase::Ended) => {}
            () = self.connect_for_ever() => {}
        }
        (self.held.into_iter().map(Held::into_view).collect(), self.inbox)
    }

    async fn connect_for_ever(&mut self) {
        let mut back_off = BackOff::new(&self.shared.plan);
        loop {
            let address = self.shared.site.address(fastrand::usize(..1 << 16));
            let named = self.held.iter().filter(|held| held.is_named());
            let mut cursors: BTreeMap<String, u32> = named.map(|held| (held.id.to_string(), held.cursor)).collect();
            cursors.extend(self.inbox_cursor.map(|cursor| ("inbox".to_owned(), cursor)));
            let marks = locked(&self.shared.marks[self.progress.person]).clone();
            let silence = self.shared.plan.socket_silence;
            let source = self.shared.source();
            let opened = Socket::open(&mut self.client, &address, source, Some(&cursors), silence, self.slow).await;
            if let Ok((socket, ready)) = opened {
                back_off.reset();
                self.check_marks(&ready, &marks);
                self.shared.opened[self.progress.person].store(true, Ordering::Relaxed);
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
            let Held { id, cursor, epoch, .. } = self.held[index];
            let page = Page { index, epoch, entries: Vec::new(), end: None };
            fetches.spawn(fetch::fetch(self.shared.clone(), self.progress.person, page, id, cursor, sender.clone()));
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
        for held in &mut self.held {
            held.begin_socket();
        }
        let mut anew = self.begin_inbox(ready);
        for &(id, last, ..) in &ready.marks {
            if let Some(&index) = self.by_id.get(&id) {
                self.held[index].target = seq(last);
            }
        }
        for id in &ready.reset {
            let Some(&index) = self.by_id.get(id) else { continue };
            count(&self.shared.tally.resets);
            let held = &mut self.held[index];
            if held.is_group {
                continue;
            }
            if held.target < held.cursor {
                held.begin_anew();
            }
            held.fetching = Some(Vec::new());
            anew.push(index);
        }
        (0..self.held.len()).for_each(|index| self.publish(index));
        self.behind = self.held.iter().filter(|held| held.cursor < held.target).count();
        anew
    }

    fn frame(&mut self, frame: &Frame) {
        let Some(s) = frame.s else { return self.told_mark(frame) };
        let Some(id) = frame.c else { return self.inbox_event(s, frame) };
        let Some(&index) = self.by_id.get(&id) else {
            // One of the load's that is others'; of conversations beside it nothing is known.
            if let Some(&conversation) = self.shared.by_id.get(&id) {
                self.shared.leaked(conversation, self.progress.person);
            }
            return;
        };
        let (at, shown) = (seq(s), self.shared.shown(frame));
        let held = &mut self.held[index];
        match &mut held.fetching {
            Some(waiting) => waiting.push((at, shown)),
            None if at <= held.fetched_to => {}
            None => self.note(index, at, &shown),
        }
    }

    fn fetched(&mut self, Page { index, epoch, entries, end }: Page) {
        // What is fetched of before they went and came back is nothing any more.
        if self.held[index].epoch != epoch || self.held[index].fetching.is_none() {
            return;
        }
        for (at, shown) in entries {
            self.note(index, at, &shown);
        }
        let Some(end) = end else { return };
        let held = &mut self.held[index];
        let (waiting, cursor) = (held.fetching.take().unwrap_or_default(), held.cursor);
        held.fetched_to = cursor;
        if end == End::NotTheirs {
            // Gone again before it could be fetched; what is still to come says so.
            held.fetching = Some(Vec::new());
            held.go(SpellEnd::Away);
        }
        // What is older was in the pages.
        for (at, shown) in waiting.into_iter().filter(|(at, _)| *at > cursor) {
            self.note(index, at, &shown);
        }
        self.publish(index);
    }

    fn note(&mut self, index: usize, at: u32, shown: &Shown) {
        let held = &mut self.held[index];
        let before = held.cursor;
        held.note(&self.shared, at, shown);
        count(&self.shared.tally.events);
        if before < held.target && held.cursor >= held.target {
            self.behind = self.behind.saturating_sub(1);
            self.note_progress();
        }
        self.publish(index);
    }

    /// Lets others see how far a conversation is.
    fn publish(&self, index: usize) {
        let (cursors, comings) = (&self.progress.cursors, &self.progress.comings);
        let place = cursors.get(index).or_else(|| comings.get(index - cursors.len()));
        place.expect("as many as are held").store(self.held[index].progress(), Ordering::Relaxed);
    }

    fn note_progress(&mut self) {
        if self.behind == 0
            && let Some(lost) = self.lost.take()
        {
            self.shared.tally.caught_up(lost.elapsed());
        }
    }
}
