//! Who is sent elsewhere than to the page that they ask for.

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::address_of;
use crate::api::FormFailure;
use crate::protocol::{ConversationId, UserId};
use crate::server::auth::Viewer;
use crate::server::state::AppState;
use crate::ui::{ChatTarget, Wanted};

/// Guests are sent to `/`, which keeps what they wanted to read in a conversation; who is signed in, from `/` and
/// `/sign-up` on to there, and from a new chat with somebody to the one that there is. `/?ended` stays, so that a
/// session that ended never bounces. A form that failed stays where it is drawn.
pub(super) async fn guard(State(state): State<AppState>, request: Request<Body>, next: Next) -> Response {
    let signed_in = request.extensions().get::<Viewer>().is_some();
    let failed = request.extensions().get::<FormFailure>().is_some();
    let ended = request.uri().query().is_some_and(|query| query.split('&').any(|part| part == "ended"));
    match (request.uri().path(), signed_in) {
        ("/" | "/sign-up", true) if !failed && !ended => redirect(&Wanted::at(&address_of(request.uri())).path()),
        ("/c", true) if !failed => {
            let whom = newly(&request);
            match begun(&state, whom).await {
                Some(id) => redirect(&format!("/c/{id}")),
                None => next.run(request).await,
            }
        }
        ("/" | "/sign-up", _) | (_, true) => next.run(request).await,
        (path, false) => redirect(&Wanted::in_path(path).link("/")),
    }
}

/// Who asks for a new chat, and the name of whom with.
fn newly(request: &Request<Body>) -> Option<(UserId, String)> {
    let ChatTarget::Start(name) = ChatTarget::read(&address_of(request.uri())) else { return None };
    request.extensions().get::<Viewer>().filter(|_| !name.is_empty()).map(|viewer| (viewer.user.id, name))
}

/// The conversation that there is with them already.
async fn begun(state: &AppState, whom: Option<(UserId, String)>) -> Option<ConversationId> {
    let (viewer, name) = whom?;
    state.chat.direct_with(viewer, &name).await.unwrap_or_else(|error| {
        tracing::debug!(%error, "whether there is a conversation already could not be read");
        None
    })
}

fn redirect(location: &str) -> Response {
    let headers = [(header::LOCATION, location), (header::CACHE_CONTROL, "no-store")];
    (StatusCode::SEE_OTHER, headers).into_response()
}
