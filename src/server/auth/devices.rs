//! Where somebody is signed in, and ending that: one device, or all but the one that asks.

use super::accounts::Auth;
use super::extract::Viewer;
use super::sessions::to_the_end;
use crate::protocol::{ErrorCode, SessionId, SessionList};
use crate::server::clock::now_ms;
use crate::server::error::ServerError;

impl Auth {
    /// The living sessions of the viewer; the one that asks is marked.
    pub async fn devices(&self, viewer: &Viewer) -> Result<SessionList, ServerError> {
        let mut sessions = self.store.session_list(viewer.user.id, now_ms()).await?;
        for session in &mut sessions {
            session.current = session.id == viewer.session;
        }
        Ok(SessionList { sessions })
    }

    /// Ends one of the viewer's sessions; its sockets close. To end the one that asks is to sign out.
    pub async fn device_revoke(&self, viewer: &Viewer, session: SessionId) -> Result<(), ServerError> {
        let (sessions, user) = (self.sessions(), viewer.user.id);
        to_the_end(async move {
            if !sessions.store.session_revoke(user, session).await? {
                let sentence = "That device is signed out already.";
                return Err(ServerError::refused(ErrorCode::NotFound, sentence));
            }
            sessions.tell_ended(user, vec![session]).await;
            Ok(())
        })
        .await
    }

    /// Ends all of the viewer's sessions but the one that asks.
    pub async fn devices_revoke_others(&self, viewer: &Viewer) -> Result<(), ServerError> {
        let (sessions, user, keep) = (self.sessions(), viewer.user.id, viewer.session);
        to_the_end(async move {
            let ended = sessions.store.sessions_revoke_others(user, keep).await?;
            sessions.tell_ended(user, ended).await;
            Ok(())
        })
        .await
    }
}
