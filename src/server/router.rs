//! Every URL on one page.

use std::collections::HashSet;
use std::sync::LazyLock;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use leptos::prelude::provide_context;
use leptos::server_fn::axum::server_fn_paths;
use leptos_axum::handle_server_fns_with_context;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;

use crate::api::ApiError;
use crate::protocol::ErrorCode;
use crate::server::config::PublicUrl;
use crate::server::state::AppState;
use crate::server::store::StoreError;
use crate::server::{auth, forms, gateway, headers, host, pages};

/// The whole program as one service, but for the upgrade on `/`, which [`gateway::root_upgrade`] maps before routing.
pub fn router(state: AppState) -> Result<Router, tower_http::csrf::ConfigError> {
    let mut csrf = CsrfLayer::new();
    if let Some(origin) = state.config.public_url.as_ref().map(PublicUrl::origin) {
        csrf = csrf.add_trusted_origin(origin)?;
    }
    let authenticate = from_fn_with_state(state.auth_state(), auth::authenticate);
    let pages = pages::router(&state);
    let forms = forms::Forms { pages: pages.clone(), patience: state.config.patience.body };
    let api = Router::new()
        .route("/api/{name}", post(server_function).fallback(method_not_allowed))
        .route_layer(from_fn_with_state(forms, forms::layer))
        .with_state(state.clone());
    let signed = Router::new()
        .merge(pages)
        .merge(api)
        .fallback_service(get(pages::fallback).with_state(state.clone()))
        .layer(authenticate);
    Ok(Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/gateway", get(gateway::upgrade::upgrade).with_state(state.gateway.clone()))
        .with_state(state.clone())
        .fallback_service(signed)
        // One stack, from the outside in: the router boxes each layer that it is given one by one, for each request.
        .layer(
            ServiceBuilder::new()
                .layer(from_fn(crate::server::access_log::layer))
                .layer(CatchPanicLayer::new())
                .layer(from_fn_with_state(state.clone(), headers::layer))
                .layer(from_fn_with_state(state.clone(), host::layer))
                .layer(csrf)
                .layer(DefaultBodyLimit::disable()),
        ))
}

async fn server_function(State(state): State<AppState>, request: axum::extract::Request) -> Response {
    static PATHS: LazyLock<HashSet<&str>> = LazyLock::new(|| server_fn_paths().map(|(path, _)| path).collect());
    if !PATHS.contains(request.uri().path()) {
        return ApiError::new(ErrorCode::NotFound, "There is no such server function.").into_response();
    }
    handle_server_fns_with_context(move || provide_context(state.clone()), request).await.into_response()
}

async fn method_not_allowed() -> ApiError {
    ApiError::new(ErrorCode::MethodNotAllowed, "Server functions are called with POST.")
}

/// Whether this node can serve: the store writes and the bus answers.
async fn ready(State(state): State<AppState>) -> Response {
    if state.shutdown.has_begun() {
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
        tracing::error!(%error, "not ready: the bus does not answer");
        return (StatusCode::SERVICE_UNAVAILABLE, "the bus does not answer\n").into_response();
    }
    "ready\n".into_response()
}
