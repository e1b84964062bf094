//! Opening and ending sessions, each commit with its telling: nodes learn which sockets to close.
//!
//! A handler is dropped when its client goes away, at whatever await it stands; the store commits all the same. So
//! whatever ends a session runs in a task of its own, to its end, and the handler only waits for it.

use std::sync::Arc;

use super::SESSION_MS;
use super::accounts::SignedIn;
use super::extract::Viewer;
use super::token::SessionToken;
use crate::protocol::{SessionId, UserId, UserRef};
use crate::server::bus::{Bus, BusBody, BusMessage, Topic};
use crate::server::clock::now_ms;
use crate::server::error::ServerError;
use crate::server::store::{NewSession, Store};

/// Runs `work` to its end, whether or not the caller still waits.
pub(super) async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, ServerError>> + Send + 'static,
) -> Result<T, ServerError> {
    tokio::spawn(work).await.unwrap_or_else(|error| Err(ServerError::Internal(format!("a session's task: {error}"))))
}

/// What the tasks take along.
#[derive(Clone)]
pub(super) struct Sessions {
    pub(super) store: Arc<dyn Store>,
    pub(super) bus: Arc<dyn Bus>,
}

impl Sessions {
    /// Opens a session of `user`; ends the one that the browser came with. `client`: what their program is.
    pub(super) async fn open(
        &self,
        user: UserRef,
        presented: Option<Viewer>,
        client: Option<String>,
    ) -> Result<SignedIn, ServerError> {
        let token = SessionToken::generate();
        let now_ms = now_ms();
        let session = NewSession {
            user: user.id,
            token_hash: token.hash(),
            now_ms,
            expires_ms: now_ms + SESSION_MS,
            client,
            replaces: presented.as_ref().map(|viewer| viewer.session),
        };
        let session = self.store.session_create(session).await?;
        if let Some(viewer) = presented {
            self.tell_ended(viewer.user.id, vec![viewer.session]).await;
        }
        Ok(SignedIn { user, session, token })
    }

    /// The same for whoever proved to know the password of `hash`. `None` when that is no longer the password: a
    /// change ends the sessions of its moment, and this one may come after. The same order, looked at from both
    /// sides, lets none slip through.
    pub(super) async fn open_by_password(
        &self,
        user: UserRef,
        folded: &str,
        hash: &str,
        presented: Option<Viewer>,
        client: Option<String>,
    ) -> Result<Option<SignedIn>, ServerError> {
        let signed_in = self.open(user, presented, client).await?;
        let now = self.store.credentials(folded).await?.and_then(|c| c.password_hash);
        if now.as_deref() == Some(hash) {
            return Ok(Some(signed_in));
        }
        self.end(&signed_in.viewer()).await?;
        Ok(None)
    }

    pub(super) async fn end(&self, viewer: &Viewer) -> Result<(), ServerError> {
        self.store.session_end(viewer.session).await?;
        // Told even when it was gone before: whoever ended it may not have come to telling.
        self.tell_ended(viewer.user.id, vec![viewer.session]).await;
        Ok(())
    }

    /// The change is committed: a bus that does not answer delays the closing of sockets, and undoes nothing.
    pub(super) async fn tell_ended(&self, user: UserId, sessions: Vec<SessionId>) {
        if sessions.is_empty() {
            return;
        }
        let message = BusMessage { topic: Topic::User(user), body: BusBody::SessionsEnded(sessions) };
        if let Err(error) = self.bus.publish(message).await {
            tracing::warn!(%error, "ended sessions could not be told to the nodes");
        }
    }
}
