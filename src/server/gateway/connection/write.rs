//! Writing, while the connection may be ended from outside.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::pin::Pin;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite;
use tokio_util::sync::WaitForCancellationFutureOwned;

use crate::server::chatters::{End, Registration};
use crate::server::gateway::session::Input;
use crate::server::shutdown::Shutdown;

/// Longest that one write may wait for its reader: of a part of READY, of ten events of a replay, of what was queued.
const WRITE: Duration = Duration::from_secs(20);

/// What RECONNECT asks for at least: long enough for a restart.
const RECONNECT_MS: u32 = 1_000;
/// Sockets that should come back in a second after that; clients add their own jitter.
const BACK_PER_SECOND: usize = 1_000;
/// Longest that anybody is asked to stay away.
const AWAY_MS: u32 = 30_000;

/// What ends a connection whatever it is doing, a stuck write included.
pub(super) struct Interrupts {
    shutdown: Shutdown,
    began: Pin<Box<WaitForCancellationFutureOwned>>,
    ended: Option<BoxFuture<'static, End>>,
}

impl Interrupts {
    pub(super) fn new(shutdown: &Shutdown) -> Self {
        Self { shutdown: shutdown.clone(), began: Box::pin(shutdown.began()), ended: None }
    }

    /// From now on the chatters map may end it too.
    pub(super) fn listen(&mut self, registration: &Registration) {
        self.ended = Some(Box::pin(registration.ended()));
    }

    /// Cancel-safe. After it resolved, the connection is over and it is not asked again.
    pub(super) async fn next(&mut self) -> Input<'static> {
        let ended = async {
            match &mut self.ended {
                Some(ended) => ended.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            end = ended => Input::Ended(end),
            () = &mut self.began => Input::ShuttingDown { after_ms: after_ms(self.shutdown.running()) },
        }
    }
}

/// When one of so many sockets should come back: spread, so that they do not all come at once.
fn after_ms(sockets: usize) -> u32 {
    let spread_ms = u32::try_from(sockets * 1_000 / BACK_PER_SECOND).unwrap_or(AWAY_MS).min(AWAY_MS - RECONNECT_MS);
    // The hasher's keys are random, and all that is wanted here.
    let random = RandomState::new().build_hasher().finish();
    RECONNECT_MS + u32::try_from(random % u64::from(spread_ms + 1)).unwrap_or(0)
}

/// Why a write was not finished.
pub(super) enum Stop {
    Interrupt(Input<'static>),
    /// The reader took nothing for [`WRITE`].
    Stuck,
    Lost,
}

/// Runs a write, at most for [`WRITE`] and until the connection is ended from outside.
pub(super) async fn bounded(
    interrupts: &mut Interrupts,
    write: impl Future<Output = Result<(), tungstenite::Error>>,
) -> Option<Stop> {
    tokio::select! {
        biased;
        input = interrupts.next() => Some(Stop::Interrupt(input)),
        written = timeout(WRITE, write) => match written {
            Ok(Ok(())) => None,
            Ok(Err(_)) => Some(Stop::Lost),
            Err(_) => Some(Stop::Stuck),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_come_back_at_once_and_thousands_over_some_seconds() {
        assert_eq!((after_ms(0), after_ms(1) / 10), (1_000, 100));
        let drawn: Vec<u32> = (0..1_000).map(|_| after_ms(5_000)).collect();
        assert!(drawn.iter().all(|ms| (1_000..=6_000).contains(ms)));
        let early = drawn.iter().filter(|ms| **ms < 3_500).count();
        assert!((350..650).contains(&early), "{early} of 1,000 in the first half");
        assert!((0..1_000).all(|_| after_ms(usize::MAX / 2_000) <= AWAY_MS));
    }
}
