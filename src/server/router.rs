//! Every URL on one page, and what each request goes through on its way.
//!
//! One function after the other, not a stack of layers: a layer is boxed, and clones all that lies within, for each
//! request.

use std::collections::HashSet;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::FutureExt;
use leptos::prelude::provide_context;
use leptos::server_fn::axum::server_fn_paths;
use leptos_axum::handle_server_fns_with_context;
use tower::{Service, ServiceExt};

use crate::api::ApiError;
use crate::protocol::ErrorCode;
use crate::server::access_log::Line;
use crate::server::auth::AuthState;
use crate::server::csrf::HomeOrigins;
use crate::server::forms::Forms;
use crate::server::state::AppState;
use crate::server::store::StoreError;
use crate::server::{gateway, headers, host, pages};

/// The whole program as one service, but for the upgrade on `/`, which [`gateway::root_upgrade`] maps before it comes
/// here. Clones share it.
#[derive(Clone)]
pub struct App(Arc<Doors>);

struct Doors {
    state: AppState,
    home: HomeOrigins,
    auth: AuthState,
    forms: Forms,
    /// For everyone, and without a session.
    open: Router,
    /// Pages and files.
    pages: Router,
}

impl App {
    pub fn new(state: AppState) -> Result<Self, tower_http::csrf::ConfigError> {
        let home = HomeOrigins::new(state.config.public_url.as_ref())?;
        let pages = pages::router(&state);
        let forms = Forms { pages: pages.clone(), patience: state.config.patience.body };
        let open = Router::new()
            .route("/healthz", get(|| async { "ok\n" }))
            .route("/readyz", get(ready))
            .with_state(state.clone())
            .route("/gateway", get(gateway::upgrade::upgrade))
            .with_state(state.gateway.clone());
        let pages = pages.fallback_service(get(pages::fallback).with_state(state.clone()));
        let auth = state.auth_state();
        Ok(Self(Arc::new(Doors { state, home, auth, forms, open, pages })))
    }
}

impl Service<Request> for App {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let doors = self.0.clone();
        Box::pin(async move { Ok(doors.respond(request).await) })
    }
}

/// Where a path leads.
enum Door<'p> {
    /// For everyone; its route.
    Open(&'static str),
    /// A server function's name.
    Function(&'p str),
    Pages,
}

impl Door<'_> {
    fn of(path: &str) -> Door<'_> {
        match path {
            "/healthz" => Door::Open("/healthz"),
            "/readyz" => Door::Open("/readyz"),
            "/gateway" => Door::Open("/gateway"),
            _ => match path.strip_prefix("/api/") {
                Some(name) if !name.is_empty() && !name.contains('/') => Door::Function(name),
                _ => Door::Pages,
            },
        }
    }

    /// For the log: what a path begins with, and never what somebody typed.
    fn name(&self) -> &'static str {
        match self {
            Door::Open(route) => route,
            Door::Function(_) => "/api/{name}",
            Door::Pages => "pages",
        }
    }
}

impl Doors {
    async fn respond(&self, request: Request) -> Response {
        let line = Line::begin(request.method(), || Door::of(request.uri().path()).name());
        // A panic ends its own request alone.
        let mut response = AssertUnwindSafe(self.admit(request)).catch_unwind().await.unwrap_or_else(|_| panicked());
        headers::complete(&self.state.config, response.headers_mut());
        if let Some(line) = line {
            line.end(response.status());
        }
        response
    }

    async fn admit(&self, request: Request) -> Response {
        if let Some(refused) = host::refused(&self.state.config, &request) {
            return refused;
        }
        match self.home.admit(request) {
            Some(request) => self.answer(request).await,
            None => StatusCode::FORBIDDEN.into_response(),
        }
    }

    async fn answer(&self, request: Request) -> Response {
        match Door::of(request.uri().path()) {
            Door::Open(_) => routed(&self.open, request).await,
            Door::Function(name) => {
                let name = name.to_owned();
                self.auth.authenticated(request, |request| self.function(name, request)).await
            }
            Door::Pages => self.auth.authenticated(request, |request| routed(&self.pages, request)).await,
        }
    }

    async fn function(&self, name: String, request: Request) -> Response {
        if request.method() != Method::POST {
            return ApiError::new(ErrorCode::MethodNotAllowed, "Server functions are called with POST.")
                .into_response();
        }
        self.forms.answer(&name, request, |request| run(self.state.clone(), request)).await
    }
}

async fn routed(router: &Router, request: Request) -> Response {
    let Ok(response) = router.clone().oneshot(request).await;
    response
}

async fn run(state: AppState, request: Request) -> Response {
    static PATHS: LazyLock<HashSet<&str>> = LazyLock::new(|| server_fn_paths().map(|(path, _)| path).collect());
    if !PATHS.contains(request.uri().path()) {
        return ApiError::new(ErrorCode::NotFound, "There is no such server function.").into_response();
    }
    handle_server_fns_with_context(move || provide_context(state.clone()), request).await.into_response()
}

/// What it said is in the log already: the panic hook wrote it.
fn panicked() -> Response {
    ApiError::new(ErrorCode::Internal, "Something went wrong here. Try again.").into_response()
}

/// Whether this node can serve: the store writes and the bus answers.
async fn ready(State(state): State<AppState>) -> Response {
    if state.shutdown.is_near() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n").into_response();
    }
    if let Err(error) = state.chat.store.ping().await {
        tracing::error!(%error, "not ready: the store does not save");
        let reason = match error {
            StoreError::Full(_) => "the disk is full\n",
            StoreError::Failed(_) => "the store has failed\n",
            _ => "the store does not answer\n",
        };
        return (StatusCode::SERVICE_UNAVAILABLE, reason).into_response();
    }
    if let Err(error) = state.chat.bus.ping().await {
        // All nodes lose it together: red everywhere, nobody would be served, though each node goes on with the store.
        tracing::warn!(%error, "the bus does not answer: what other nodes post comes a second later");
        return "ready, without the bus\n".into_response();
    }
    "ready\n".into_response()
}
