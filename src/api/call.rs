//! How the browser calls a server function: as Leptos's own protocol does, with less code.
//!
//! Leptos compiles the whole call anew for each function. Here only the fields of a request and the shape of its answer
//! are a function's own; what lies between is compiled once. Both halves of the wire stay Leptos's.

use std::pin::Pin;

use http::Method;
use leptos::server_fn::client::Client;
use leptos::server_fn::codec::{IntoReq, Json, PostUrl};
use leptos::server_fn::error::{FromServerFnError, IntoAppError, ServerFnErrorErr};
use leptos::server_fn::response::ClientRes;
use leptos::server_fn::server::Server;
use leptos::server_fn::{ContentType, Http, Protocol};
use serde::de::DeserializeOwned;

use super::ApiError;
use crate::protocol::json;

/// Form-encoded arguments, a JSON answer.
pub struct Call;

type Standard = Http<PostUrl, Json>;

impl<I, O, C, S> Protocol<I, O, C, S, ApiError> for Call
where
    Standard: Protocol<I, O, C, S, ApiError>,
    I: IntoReq<PostUrl, C::Request, ApiError>,
    O: DeserializeOwned,
    C: Client<ApiError>,
    S: Server<ApiError>,
{
    const METHOD: Method = Standard::METHOD;

    fn run_server<F, Fut>(
        request: S::Request,
        server_fn: F,
    ) -> impl Future<Output = Result<S::Response, ApiError>> + Send
    where
        F: Fn(I) -> Fut + Send,
        Fut: Future<Output = Result<O, ApiError>> + Send,
    {
        Standard::run_server(request, server_fn)
    }

    fn run_client(path: &str, input: I) -> impl Future<Output = Result<O, ApiError>> + Send {
        let answer = send::<C>(input.into_req(path, Json::CONTENT_TYPE));
        async move {
            let text = answer.await?;
            json::read(&text).map_err(|e| ServerFnErrorErr::Deserialization(e.to_string()).into_app_error())
        }
    }
}

/// The text of a successful answer.
type Answer = Pin<Box<dyn Future<Output = Result<String, ApiError>> + Send>>;

fn send<C: Client<ApiError>>(request: Result<C::Request, ApiError>) -> Answer {
    Box::pin(async move {
        let response = C::send(request?).await?;
        let status = response.status();
        let text = response.try_into_string().await?;
        if (400..=599).contains(&status) {
            return Err(ApiError::de(text.into()));
        }
        Ok(text)
    })
}
