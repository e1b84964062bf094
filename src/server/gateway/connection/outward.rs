//! What a connection sends besides its session's words: READY, what was missed, and the queue.

use futures_util::SinkExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::tungstenite::Message;

use super::write::bounded;
use super::{Connection, Exit, SEAM_MS, socket};
use crate::protocol::limits::QUEUE_FRAMES;
use crate::protocol::{Event, Stream, UserId};
use crate::server::chatters::{Outgoing, Registration};
use crate::server::gateway::admission::Admission;
use crate::server::gateway::ready::Plan;
use crate::server::gateway::resume::Replay;
use crate::server::gateway::session::{Action, Input, Refusal};
use crate::server::store::{Store, StoreError};

/// Events in one write of a replay, so that a slow line has the time of a write for 80 KB at most; and in its first page.
const REPLAY_WRITE: u32 = 10;
/// Events in one page of a replay when they are short: a read costs more than they do.
const REPLAY_PAGE: u32 = 100;
/// About how many bytes a page should be, as far as the one before tells: a slow reader's connection holds it.
const REPLAY_BYTES: usize = 80 * 1024;

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Connection<S> {
    /// The chatter is in: READY and what was missed, then the queue.
    pub(super) async fn admitted(&mut self, admission: Admission) -> Result<Vec<Action>, Exit> {
        let Admission { registration, plan: Plan { parts, replays, seam } } = admission;
        self.interrupts.listen(&registration);
        self.live = Some(registration);
        let now_ms = self.now_ms();
        let actions = self.session.handle(now_ms, Input::Admitted);
        for part in parts {
            self.write([Message::text(part)]).await?;
            self.taken();
        }
        for replay in replays {
            self.replay(replay).await?;
        }
        // Counted from here: what waits in the queue meanwhile meets the seam, however long the replay took.
        self.seam = Some((seam, self.now_ms() + SEAM_MS));
        Ok(actions)
    }

    /// Sends missed events page by page, from the store: the queue is kept for what happens now.
    pub(super) async fn replay(&mut self, replay: Replay) -> Result<(), Exit> {
        let Some(user) = self.live.as_ref().map(Registration::user) else { return Ok(()) };
        let store = self.gateway.store.clone();
        let (mut after, mut limit) = (replay.after, REPLAY_WRITE);
        while after < replay.until {
            let mut page = match missed(store.as_ref(), user, Replay { after, ..replay }, limit).await {
                Ok(page) => page,
                Err(error) => {
                    tracing::warn!(%error, "a replay failed");
                    return Err(self.exit(Input::Refused(Refusal::Unavailable)));
                }
            };
            let Some(last) = page.last() else { return Ok(()) };
            after = last.seq;
            page.retain(|event| event.seq <= replay.until);
            let (events, mut bytes) = (page.len(), 0);
            while !page.is_empty() {
                let later = page.split_off(page.len().min(REPLAY_WRITE as usize));
                let events = std::mem::replace(&mut page, later);
                bytes += self.write(events.into_iter().map(encoded)).await?;
                self.taken();
                self.read_what_waits().await?;
            }
            let fit = u32::try_from(events * REPLAY_BYTES / bytes.max(1)).unwrap_or(REPLAY_PAGE);
            limit = fit.clamp(REPLAY_WRITE, REPLAY_PAGE);
        }
        Ok(())
    }

    /// Bytes that the reader took are a sign of life: in a long replay nobody asks for another.
    fn taken(&mut self) {
        let taken = self.session.handle(self.now_ms(), Input::Taken);
        debug_assert!(taken.is_empty(), "{taken:?}");
    }

    /// Feeds what is queued, then flushes once.
    pub(super) async fn forward(&mut self, first: Outgoing) -> Result<(), Exit> {
        let Self { socket, live: Some(live), seam, interrupts, .. } = self else { return Ok(()) };
        let write = async {
            let (mut next, mut fed) = (Some(first), 0);
            while let Some(outgoing) = next.take() {
                if seam.as_ref().is_none_or(|(seam, _)| seam.passes(&outgoing)) {
                    socket.feed(socket::text(&outgoing.frame)).await?;
                }
                fed += 1;
                // One queue's worth at a time, so that reading has its turn.
                if fed < QUEUE_FRAMES {
                    next = live.try_recv();
                }
            }
            socket.flush().await
        };
        let stop = bounded(interrupts, write).await;
        self.stopped(stop)
    }

    /// Feeds one after the other, each as it is made, then flushes once. Answers their bytes.
    pub(super) async fn write(&mut self, messages: impl IntoIterator<Item = Message>) -> Result<usize, Exit> {
        let mut bytes = 0;
        let Self { socket, interrupts, .. } = self;
        let write = async {
            let mut fed = false;
            for message in messages {
                bytes += message.len();
                fed = true;
                socket.feed(message).await?;
            }
            if fed { socket.flush().await } else { Ok(()) }
        };
        let stop = bounded(interrupts, write).await;
        self.stopped(stop)?;
        Ok(bytes)
    }
}

fn encoded(event: Event) -> Message {
    Message::text(event.encode())
}

/// The next page of a replay. Empty when it is theirs no longer: the inbox says so.
async fn missed(store: &dyn Store, user: UserId, replay: Replay, limit: u32) -> Result<Vec<Event>, StoreError> {
    match replay.stream {
        Stream::Conversation(id) => {
            let page = store.event_list(user, id, replay.after, limit).await?;
            Ok(page.map_or_else(Vec::new, |page| page.events))
        }
        Stream::Inbox(_) => store.events_after(replay.stream, replay.after, limit).await,
    }
}

/// The next frame of the queue; nothing before READY.
pub(super) async fn queued(live: &mut Option<Registration>) -> Outgoing {
    if let Some(registration) = live
        && let Some(outgoing) = registration.recv().await
    {
        return outgoing;
    }
    std::future::pending().await
}
