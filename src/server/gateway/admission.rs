//! From IDENTIFY to a place in the chatters map.
//!
//! The order is what makes it sound:
//! 1. The token, then its session in the store: is this a living chatter, and this browser's?
//! 2. Register. From here on a revocation finds the connection.
//! 3. The session again: a revocation between 1 and 2 found nothing to close, so it is looked for.
//! 4. Subscribe, beside 3, as neither needs the other. From here on every event of the chatter's logs is queued, and every
//!    change of who is there.
//! 5. The snapshot for READY: whatever was committed before 4 is in it, whatever comes later is queued.

use std::sync::Arc;

use super::Gateway;
use super::ready::{self, Plan};
use super::resume::Resume;
use super::session::Refusal;
use super::waiting::Place;
use crate::protocol::UserRef;
use crate::protocol::frame::Identify;
use crate::server::chatters::{Line, Registration};
use crate::server::clock::now_ms;
use crate::server::store::{ReadySnapshot, Session, StoreError, TokenHash};

/// A chatter that was let in.
pub(super) struct Admission {
    pub(super) registration: Registration,
    pub(super) user: Box<UserRef>,
    pub(super) plan: Plan,
}

/// Who was refused, with the place that it still takes.
pub(super) type Refused = (Refusal, Option<Place>);

/// Lets the chatter in. `cookie` is the session that the upgrade came with: a browser's. `place` is given back as soon
/// as the socket counts as its user's.
pub(super) async fn admit(
    gateway: Gateway,
    identify: Identify,
    cookie: Option<TokenHash>,
    line: Arc<Line>,
    mut place: Option<Place>,
) -> Result<Admission, Refused> {
    enter(gateway, identify, cookie, &line, &mut place).await.map_err(|refusal| (refusal, place))
}

async fn enter(
    gateway: Gateway,
    identify: Identify,
    cookie: Option<TokenHash>,
    line: &Arc<Line>,
    place: &mut Option<Place>,
) -> Result<Admission, Refusal> {
    let claims = gateway.tokens.verify(&identify.token, now_ms()).map_err(|_| Refusal::BadToken)?;
    let session = match cookie {
        None => gateway.store.session_by_id(claims.session, now_ms()).await,
        Some(hash) => gateway.store.session_by_token(hash, now_ms()).await,
    };
    let theirs = |session: &Session| session.id == claims.session && session.user.id == claims.user;
    let user = session.map_err(unavailable)?.filter(theirs).ok_or(Refusal::BadToken)?.user;
    let registration = gateway.chatters.register(user.id, claims.session, line);
    let registration = registration.map_err(|_| Refusal::TooManyConnections)?;
    *place = None;
    // Before the session is asked for again: from here on, the bus is asked for the word of its end.
    let present = gateway.delivery.subscribe(user.id).await.map_err(|_| Refusal::Unavailable)?;
    let still = gateway.store.session_by_id(claims.session, now_ms()).await;
    still.map_err(unavailable)?.ok_or(Refusal::SessionEnded)?;
    let cursors = identify.cursors.map(Arc::new);
    let (known, id) = (cursors.clone(), user.id);
    let in_full = move |snapshot: &ReadySnapshot| Resume::decide(id, snapshot, known.as_deref()).in_full;
    let snapshot = gateway.store.ready(user.id, Box::new(in_full)).await.map_err(unavailable)?;
    let plan = ready::plan(&user, snapshot, cursors.as_deref(), present);
    Ok(Admission { registration, user: Box::new(user), plan })
}

// By value: it is the argument of `map_err`.
#[allow(clippy::needless_pass_by_value)]
fn unavailable(error: StoreError) -> Refusal {
    tracing::warn!(%error, "a chatter cannot be let in: the store does not answer");
    Refusal::Unavailable
}
