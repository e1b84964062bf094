//! Writing, while the connection may be ended from outside.

use std::pin::Pin;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite;
use tokio_util::sync::WaitForCancellationFutureOwned;

use crate::server::chatters::{End, Registration};
use crate::server::gateway::session::Input;
use crate::server::shutdown::Shutdown;

/// Longest that one write may wait for a reader that takes nothing.
const WRITE: Duration = Duration::from_secs(20);

/// What ends a connection whatever it is doing, a stuck write included.
pub(super) struct Interrupts {
    shutdown: Pin<Box<WaitForCancellationFutureOwned>>,
    ended: Option<BoxFuture<'static, End>>,
}

impl Interrupts {
    pub(super) fn new(shutdown: &Shutdown) -> Self {
        Self { shutdown: Box::pin(shutdown.began()), ended: None }
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
            () = &mut self.shutdown => Input::ShuttingDown,
        }
    }
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
