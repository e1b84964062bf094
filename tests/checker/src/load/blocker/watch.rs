//! The blocker's own socket, opened again whenever it ends, and what comes there of the conversation.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch::Sender;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::BLOCKER;
use super::pair::found;
use super::written::Kind;
use crate::history::Blocking;
use crate::load::back_off::BackOff;
use crate::load::shared::Shared;
use crate::socket::Socket;

/// Where the reading of sockets is.
#[derive(Debug, Default)]
struct State {
    /// The one that is open.
    socket: Option<u32>,
    /// What was heard last that may be heard: on which socket, and its nonce.
    last: (u32, String),
}

/// What came of waiting for a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// It came.
    Message,
    /// It did not, though the socket lives.
    Nothing,
    /// The socket ended first.
    Ended,
}

/// Dropped, it ends.
pub(super) struct Watch {
    state: Arc<Sender<State>>,
    _task: JoinSet<()>,
}

impl Watch {
    pub(super) fn begin(shared: Arc<Shared>, conversation: i64) -> Self {
        let state = Arc::new(Sender::new(State::default()));
        let mut task = JoinSet::new();
        task.spawn(read_for_ever(shared, conversation, state.clone()));
        Self { state, _task: task }
    }

    /// Waits for the first socket.
    pub(super) async fn opens(&self) {
        // The sender lives as long as this.
        let _ = self.state.subscribe().wait_for(|state| state.socket.is_some()).await;
    }

    /// The socket that is open.
    pub(super) fn socket(&self) -> Option<u32> {
        self.state.borrow().socket
    }

    /// Waits until this message has come on this socket, which was open before.
    pub(super) async fn hears(&self, socket: u32, nonce: &str, patience: Duration) -> Heard {
        let is_it = |state: &State| state.last.0 == socket && state.last.1 == nonce;
        let mut states = self.state.subscribe();
        let waited = timeout(patience, states.wait_for(|state| is_it(state) || state.socket != Some(socket))).await;
        match waited {
            Err(_) => Heard::Nothing,
            Ok(state) if state.as_ref().is_ok_and(|state| is_it(state)) => Heard::Message,
            Ok(_) => Heard::Ended,
        }
    }
}

async fn read_for_ever(shared: Arc<Shared>, conversation: i64, state: Arc<Sender<State>>) {
    let (mut client, mut phases) = (shared.client(BLOCKER), shared.phase.subscribe());
    let mut back_off = BackOff::new(&shared.plan);
    let unheard = Kind::Unheard.prefix(shared.stamp);
    for number in 1.. {
        let (address, source) = (shared.site.address(fastrand::usize(..1 << 16)), shared.source());
        let silence = shared.plan.socket_silence;
        if let Ok((mut socket, _)) = Socket::open(&mut client, &address, source, None, silence, false).await {
            back_off.reset();
            state.send_modify(|state| state.socket = Some(number));
            while let Ok(frame) = socket.frame().await {
                let is_told = frame.op == "MESSAGE_CREATE" && frame.c == Some(conversation);
                let Some(nonce) = frame.d.nonce.filter(|_| is_told) else { continue };
                // Nothing is replayed to who names no cursors: whatever comes is told as it is written.
                if nonce.starts_with(&unheard) {
                    found(&shared, Blocking::Shown { how: "MESSAGE_CREATE" });
                } else {
                    state.send_modify(|state| state.last = (number, nonce));
                }
            }
            state.send_modify(|state| state.socket = None);
        }
        back_off.wait(&mut phases).await;
    }
}
