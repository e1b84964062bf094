//! From IDENTIFY to a place in the chatters map.
//!
//! The order is what makes it sound:
//! 1. The token, then its session in the store: is this a living chatter, and this browser's?
//! 2. Register. From here on a revocation finds the connection.
//! 3. The session again: a revocation between 1 and 2 found nothing to close, so it is looked for.
//! 4. Subscribe. From here on every event of the chatter's logs is queued.
//! 5. The snapshot for READY: whatever was committed before 4 is in it, whatever comes later is queued.

use std::sync::Arc;

use super::Gateway;
use super::ready::{self, Plan};
use super::resume::Resume;
use super::session::Refusal;
use crate::protocol::frame::Identify;
use crate::protocol::{SessionId, UserId, UserRef};
use crate::server::chatters::Registration;
use crate::server::clock::now_ms;
use crate::server::store::{ReadySnapshot, StoreError, TokenHash};

/// A chatter that was let in.
pub(super) struct Admission {
    pub(super) registration: Registration,
    pub(super) plan: Plan,
}

/// Lets the chatter in. `cookie` is the session that the upgrade came with: a browser's.
pub(super) async fn admit(
    gateway: Gateway,
    identify: Identify,
    cookie: Option<TokenHash>,
) -> Result<Admission, Refusal> {
    let claims = gateway.tokens.verify(&identify.token, now_ms()).map_err(|_| Refusal::BadToken)?;
    let user = living(&gateway, claims.session, claims.user).await?.ok_or(Refusal::BadToken)?;
    if let Some(hash) = cookie {
        let session = gateway.store.session_by_token(hash, now_ms()).await.map_err(unavailable)?;
        if session.is_none_or(|session| session.id != claims.session) {
            return Err(Refusal::BadToken);
        }
    }
    let registration = gateway.chatters.register(user.id, claims.session).map_err(|_| Refusal::TooManyConnections)?;
    living(&gateway, claims.session, user.id).await?.ok_or(Refusal::SessionEnded)?;
    gateway.delivery.subscribe(user.id).await.map_err(|_| Refusal::Unavailable)?;
    let cursors = identify.cursors.map(Arc::new);
    let (known, id) = (cursors.clone(), user.id);
    let in_full = move |snapshot: &ReadySnapshot| Resume::decide(id, snapshot, known.as_deref()).in_full;
    let snapshot = gateway.store.ready(user.id, Box::new(in_full)).await.map_err(unavailable)?;
    let plan = ready::plan(&user, snapshot, cursors.as_deref());
    Ok(Admission { registration, plan })
}

/// The session's user, if the session lives and is that user's.
async fn living(gateway: &Gateway, session: SessionId, user: UserId) -> Result<Option<UserRef>, Refusal> {
    let session = gateway.store.session_by_id(session, now_ms()).await.map_err(unavailable)?;
    Ok(session.map(|session| session.user).filter(|owner| owner.id == user))
}

// By value: it is the argument of `map_err`.
#[allow(clippy::needless_pass_by_value)]
fn unavailable(error: StoreError) -> Refusal {
    tracing::warn!(%error, "a chatter cannot be let in: the store does not answer");
    Refusal::Unavailable
}
