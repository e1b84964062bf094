//! Where the installation is now, and who writes and reads there.

use std::sync::{Arc, PoisonError, RwLock};

/// A user of the installation with a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub name: String,
    /// The whole cookie: `session=…` (`__Host-session=…` under HTTPS).
    pub cookie: String,
}

/// Where the installation answers: `host:port`, or several of them (the nodes of a cluster). May change at any time;
/// each new connection asks anew. Clones share it.
#[derive(Debug, Clone)]
pub struct Site(Arc<RwLock<Vec<String>>>);

impl Site {
    #[must_use]
    pub fn new(address: impl Into<String>) -> Self {
        Self::of(vec![address.into()])
    }

    /// Several nodes. A client starts at one and tries the next with each connection.
    ///
    /// # Panics
    ///
    /// When there are none.
    #[must_use]
    pub fn of(addresses: Vec<String>) -> Self {
        assert!(!addresses.is_empty(), "a site is somewhere");
        Self(Arc::new(RwLock::new(addresses)))
    }

    /// From now on it is there. Connections that are open are left alone.
    pub fn move_to(&self, address: impl Into<String>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = vec![address.into()];
    }

    /// How many addresses there are.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.0.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The address for a client's `turn`th connection.
    #[must_use]
    pub fn address(&self, turn: usize) -> String {
        let addresses = self.0.read().unwrap_or_else(PoisonError::into_inner);
        addresses[turn % addresses.len()].clone()
    }
}

/// Why something could not be done or was not answered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("{0}")]
    Socket(#[from] Box<tokio_tungstenite::tungstenite::Error>),
    /// The socket was closed with this code (1005 when it gave none, 1006 when it just ended).
    #[error("closed with {0}")]
    Closed(u16),
    #[error("no answer in {0:?}")]
    Silent(std::time::Duration),
    /// Answered, and not with what was asked for.
    #[error("answered {status}: {body}")]
    Refused { status: u16, body: String },
    /// Not what the protocol says.
    #[error("{0}")]
    Protocol(String),
}
