//! What a connection says: READY, what was missed, and its session's words. What comes live is written on its line by
//! others.

use std::future::poll_fn;
use std::task::Poll;

use super::{Connection, Exit, Live, SEAM_MS, WRITE};
use crate::protocol::Event;
use crate::server::chatters::Frame;
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

impl Connection {
    /// The chatter is in: READY and what was missed, then the line is open.
    pub(super) async fn admitted(&mut self, admission: Admission) -> Result<Vec<Action>, Exit> {
        let Admission { registration, user, plan: Plan { parts, replays, seam } } = admission;
        self.live = Some(Live { registration, user });
        let now_ms = self.now_ms();
        let actions = self.session.handle(now_ms, Input::Admitted);
        for part in parts {
            self.line.say(&Frame::from(part));
            self.said().await?;
            self.taken();
        }
        for replay in replays {
            self.replay(replay).await?;
        }
        // Counted from here: what waits in the queue meanwhile meets the seam, however long the replay took.
        self.line.open(seam);
        self.seam_until_ms = Some(self.now_ms() + SEAM_MS);
        Ok(actions)
    }

    /// Sends missed events page by page, from the store: the queue is kept for what happens now.
    async fn replay(&mut self, replay: Replay) -> Result<(), Exit> {
        let store = self.gateway.store.clone();
        let (mut after, mut limit) = (replay.after, REPLAY_WRITE);
        while after < replay.until {
            let mut page = match missed(store.as_ref(), Replay { after, ..replay }, limit).await {
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
            for events in page.chunks(REPLAY_WRITE as usize) {
                for event in events {
                    let frame = Frame::from(event.encode());
                    bytes += frame.len();
                    self.line.say(&frame);
                }
                self.said().await?;
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

    /// Waits until what was said is written. Mostly the socket takes it at once, and nothing is set up to wait.
    pub(super) async fn said(&mut self) -> Result<(), Exit> {
        match poll_fn(|cx| Poll::Ready(self.line.poll_said(cx))).await {
            Poll::Ready(Ok(())) => Ok(()),
            Poll::Ready(Err(turn)) => Err(self.turned(turn)),
            Poll::Pending => Box::pin(self.said_in_time()).await,
        }
    }

    /// Waits for a reader that is slow, for as long as one write may take, and no longer than the connection may live.
    async fn said_in_time(&mut self) -> Result<(), Exit> {
        let turn = tokio::select! {
            biased;
            said = poll_fn(|cx| self.line.poll_said(cx)) => match said {
                Ok(()) => return Ok(()),
                Err(turn) => turn,
            },
            () = &mut self.shutdown_began => return Err(self.going_down()),
            () = tokio::time::sleep(WRITE) => return Err(self.stuck()),
        };
        Err(self.turned(turn))
    }
}

/// The next page of a replay. Up to where it ends all of it is theirs by the snapshot, whatever became of that since.
async fn missed(store: &dyn Store, replay: Replay, limit: u32) -> Result<Vec<Event>, StoreError> {
    let events = store.events_after(replay.stream, replay.after, limit).await?;
    Ok(events.into_iter().map(|event| event.seen_from(replay.floor)).collect())
}
