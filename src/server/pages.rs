//! Pages: who may see which, and drawing them on the server.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{Request, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, middleware};
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{ResponseOptions, generate_route_list, render_app_async_with_context};

use crate::api::{ApiError, FormFailure};
use crate::protocol::ErrorCode;
use crate::server::auth::Viewer;
use crate::server::headers::page_csp;
use crate::server::state::AppState;
use crate::ui::{App, PageAddress, StatusHook, shell};

/// How long one page may take: far longer than a store under load makes it wait.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is drawn at most.
const TRIES: usize = 3;

/// The pages of `ui`, each under its address, with the guard in front. Draws whole pages: readable without JavaScript.
pub fn router(state: &AppState) -> Router {
    let draw = draw(state.clone());
    let mut router = Router::new();
    for route in generate_route_list(App) {
        // `ui` writes trailing parts as leptos_router does; axum wants the same braces.
        router = router.route(route.path(), get(draw.clone()));
    }
    router.layer(middleware::from_fn(guard))
}

/// The page for an address that does not exist.
pub async fn not_found(state: AppState, request: Request<Body>) -> Response {
    let mut response = draw(state)(request).await;
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

type Drawing = Pin<Box<dyn Future<Output = Response> + Send>>;

/// Draws a page, within bounds: the reactive runtime can lose a wake-up between two pages that are drawn at once, and
/// the page then never comes to its end. It is rare (none in 100,000 pages of one program under load, some when many
/// servers share a process), and a page changes nothing: it is drawn anew.
fn draw(state: AppState) -> impl Fn(Request<Body>) -> Drawing + Clone + Send + Sync + 'static {
    let once = draw_once(state);
    move |request| {
        let once = once.clone();
        Box::pin(async move {
            let (parts, _) = request.into_parts();
            for _try in 0..TRIES {
                let drawing = once(Request::from_parts(parts.clone(), Body::empty()));
                if let Ok(response) = tokio::time::timeout(PATIENCE, drawing).await {
                    return response;
                }
                tracing::warn!("a page was not drawn in {} s", PATIENCE.as_secs());
            }
            ApiError::new(ErrorCode::Unavailable, "Chatter is too busy to show this. Try again in a moment.")
                .into_response()
        })
    }
}

fn draw_once(state: AppState) -> impl Fn(Request<Body>) -> Drawing + Clone + Send + Sync + 'static {
    let urls = state.assets.urls();
    // The watch mode sets this variable; AutoReload is for it alone.
    let watch = std::env::var_os("LEPTOS_WATCH").map(|_| state.config.leptos.clone());
    render_app_async_with_context(
        move || {
            provide_context(state.clone());
            page_csp(&state);
            if let Some(parts) = use_context::<Parts>()
                && parts.extensions.get::<FormFailure>().is_some()
            {
                provide_context(PageAddress(parts.uri.to_string()));
            }
            if let Some(response) = use_context::<ResponseOptions>() {
                let set = move |status| {
                    if let Ok(status) = StatusCode::from_u16(status) {
                        response.set_status(status);
                    }
                };
                provide_context(StatusHook(Arc::new(set)));
            }
        },
        move || shell(urls.clone(), watch.clone()),
    )
}

/// Guests are sent to `/`; who is signed in, from `/` and `/sign-up` on to `/c`. `/?ended` stays, so that a session
/// that ended never bounces. A form that failed stays where it is drawn.
async fn guard(request: Request<Body>, next: Next) -> Response {
    let signed_in = request.extensions().get::<Viewer>().is_some();
    let failed = request.extensions().get::<FormFailure>().is_some();
    let ended = request.uri().query().is_some_and(|query| query.split('&').any(|part| part == "ended"));
    match (request.uri().path(), signed_in) {
        ("/" | "/sign-up", true) if !failed && !ended => redirect("/c"),
        ("/" | "/sign-up", _) | (_, true) => next.run(request).await,
        (_, false) => redirect("/"),
    }
}

fn redirect(location: &'static str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, location), (header::CACHE_CONTROL, "no-store")]).into_response()
}

/// The router's last resort: a file of the site, or the page that says that there is nothing.
pub async fn fallback(State(state): State<AppState>, request: Request<Body>) -> Response {
    let file = state.assets.respond(request.method(), request.uri().path(), request.headers()).await;
    if let Some(file) = file {
        return file;
    }
    not_found(state, request).await
}
