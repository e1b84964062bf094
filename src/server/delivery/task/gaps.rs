//! Gaps of a log: held open for a moment, then filled from the store.

use tokio::time::Instant;

use super::Task;
use crate::protocol::Stream;
use crate::server::delivery::fetch::Page;
use crate::server::delivery::logs::{LATE, Step};
use crate::server::store::StoreError;

impl Task {
    /// Hands out what was held back and is next now.
    pub(super) async fn deliver_early(&mut self, stream: Stream) {
        while let Some((seq, (frame, change))) = self.logs.early(stream) {
            self.deliver(stream, seq, frame, change).await;
        }
    }

    /// Gaps have stayed for as long as they may.
    pub(super) fn overdue(&mut self) {
        let now = Instant::now();
        while let Some((_, stream)) = self.gaps.front().copied().filter(|(at, _)| *at <= now) {
            self.gaps.pop_front();
            let step = self.logs.overdue(stream);
            self.take(stream, step);
        }
    }

    /// Does what is to be done about a log of which nothing can be delivered now.
    pub(super) fn take<E>(&mut self, stream: Stream, step: Step<E>) {
        match step {
            Step::Fill(after) => self.fetches.page(stream, after),
            Step::Wait => self.gaps.push_back((Instant::now() + LATE, stream)),
            Step::Deliver(_) | Step::Leave => {}
        }
    }

    /// What was read to fill a gap is here.
    pub(super) async fn page(&mut self, stream: Stream, page: Result<Page, StoreError>) {
        let (events, absences) = page.unwrap_or_else(|error| {
            tracing::warn!(%error, "a gap could not be filled yet");
            (Vec::new(), Vec::new())
        });
        // No event of it says so, and their inbox may be behind.
        if let Stream::Conversation(id) = stream {
            let read = events.last().map(|event| event.seq).unwrap_or_default();
            self.absences(id, absences, read).await;
        }
        for event in events {
            if self.logs.take(stream, event.seq) {
                self.deliver_event(&event).await;
            }
        }
        self.deliver_early(stream).await;
        let step = self.logs.filled(stream);
        self.take(stream, step);
    }
}
