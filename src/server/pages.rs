//! Pages: who may see which, and drawing them on the server.

mod data;
mod guard;
mod kept;
mod outline;
mod pieces;

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{Request, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, middleware};
use futures_util::{Stream, StreamExt, stream};
use leptos::config::LeptosOptions;
use leptos::prelude::{IntoView, provide_context, use_context};
use leptos_axum::{ResponseOptions, handle_response_inner};

use crate::api::{ApiError, FormFailure};
use crate::protocol::ErrorCode;
use crate::server::forms::status_of;
use crate::server::headers::page_csp;
use crate::server::state::AppState;
use crate::ui::fragments::FragmentsHandle;
use crate::ui::routes::PATHS;
use crate::ui::{Address, PageAddress, SiteUrls, StatusHook, shell};
use kept::{Drawn, KeptPieces};

/// How long one page may take: far longer than a store under load makes it wait.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is drawn at most.
const TRIES: usize = 3;

/// The pages of `ui`, each under its address, with the guard in front. Draws whole pages: readable without JavaScript.
pub fn router(state: &AppState) -> Router {
    // Leptos spawns what it does for a page by this. Refused where another server of this process did so before.
    let _ = any_spawner::Executor::init_tokio();
    let draw = draw(state.clone());
    let mut router = Router::new();
    for path in PATHS {
        router = router.route(path, get(draw.clone()));
    }
    router.layer(middleware::from_fn_with_state(state.clone(), guard::guard))
}

/// The page for an address that does not exist.
pub async fn not_found(state: AppState, request: Request<Body>) -> Response {
    let mut response = draw(state)(request).await;
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

type Drawing = Pin<Box<dyn Future<Output = Response> + Send>>;

/// Draws a page, within bounds: if the reactive runtime loses a wake-up, the page never comes to its end. A page changes
/// nothing, so it is drawn anew.
fn draw(state: AppState) -> impl Fn(Request<Body>) -> Drawing + Clone + Send + Sync + 'static {
    let paper = Arc::new(Paper {
        urls: state.assets.urls(),
        // The watch mode sets this variable; AutoReload is for it alone.
        watch: std::env::var_os("LEPTOS_WATCH").map(|_| state.config.leptos.clone()),
        kept: KeptPieces::default(),
        state,
    });
    move |request| {
        let paper = paper.clone();
        Box::pin(async move {
            let (parts, _) = request.into_parts();
            for _try in 0..TRIES {
                let drawing = paper.draw(Request::from_parts(parts.clone(), Body::empty()));
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

/// What every page is drawn with.
struct Paper {
    state: AppState,
    urls: SiteUrls,
    watch: Option<LeptosOptions>,
    kept: KeptPieces,
}

impl Paper {
    async fn draw(self: &Arc<Self>, request: Request<Body>) -> Response {
        let (parts, body) = request.into_parts();
        let (data, version) = data::load(&self.state, &parts).await;
        let (script, data) = (data.to_script(), Arc::new(data));
        let key = kept::key(&data, version).filter(|_| self.watch.is_none());
        if let Some(page) = key.as_ref().and_then(|key| self.kept.page(key, &data, &script)) {
            return page;
        }
        let rows = self.kept.fragments();
        let address = parts.extensions.get::<FormFailure>().map(|_| PageAddress(parts.uri.to_string()));
        let here = address_of(&parts.uri);
        let provide = {
            let (paper, data, fragments) = (self.clone(), data.clone(), FragmentsHandle(rows.clone()));
            move || {
                provide_context(fragments.clone());
                page_csp(&paper.state);
                if let Some(address) = address.clone() {
                    provide_context(address);
                }
                if let Some(response) = use_context::<ResponseOptions>() {
                    let set = move |status| {
                        if let Ok(status) = StatusCode::from_u16(status) {
                            response.set_status(status);
                        }
                    };
                    if let Some(code) = data.error() {
                        set(status_of(code).as_u16());
                    }
                    provide_context(StatusHook(Arc::new(set)));
                }
                provide_context(data.clone());
                provide_context(here.clone());
            }
        };
        let paper = self.clone();
        let (text, preferences) = (script.clone(), data.context.preferences);
        let app = move || shell(paper.urls.clone(), text, preferences, paper.watch.clone());
        let response = handle_response_inner(provide, app, Request::from_parts(parts, body), whole).await;
        let (head, body) = response.into_parts();
        // All of it is there, so it can go in one piece, with its length.
        match to_bytes(body, usize::MAX).await {
            Ok(page) => {
                if let Some(key) = key {
                    let drawn = Drawn { data: &data, script: &script, head: &head, page: &page, rows: &rows };
                    self.kept.keep(key, &drawn);
                }
                Response::from_parts(head, Body::from(page))
            }
            Err(error) => {
                tracing::error!(%error, "a page was not drawn to its end");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

type Pieces = Pin<Box<dyn Stream<Item = String> + Send>>;

/// The document first, then the scripts that Leptos puts behind it.
fn whole<V: IntoView + 'static>(
    document: V,
    scripts: Box<dyn FnOnce() -> Pieces + Send>,
    _out_of_order: bool,
) -> Pin<Box<dyn Future<Output = Pieces> + Send>> {
    Box::pin(async move {
        let document = document.to_html_stream_in_order().collect::<String>().await;
        let pieces: Pieces = Box::pin(stream::once(async move { document }).chain(scripts()));
        pieces
    })
}

/// Path and query of what is asked for.
fn address_of(uri: &Uri) -> Address {
    Address::new(uri.path(), uri.query().unwrap_or_default())
}

/// The router's last resort: a file of the site, or the page that says that there is nothing.
pub async fn fallback(State(state): State<AppState>, request: Request<Body>) -> Response {
    let file = state.assets.respond(request.method(), request.uri().path(), request.headers()).await;
    if let Some(file) = file {
        return file;
    }
    not_found(state, request).await
}
