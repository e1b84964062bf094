//! What stands in front of the server functions: checks type and size, gives errors their status, and answers plain
//! forms.
//!
//! A caller that accepts `text/html` is a browser submitting a form without JavaScript: success redirects it, failure
//! draws the page again with the status, the sentence, the typed text and a fresh nonce. Left to themselves, server
//! functions would redirect to the Referer and lose the text.

mod body;
mod emoji;
mod fields;

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt;

use crate::api::{ApiError, FormFailure};
use crate::protocol::ErrorCode;
use crate::server::auth::{Viewer, WhoIsUnknown};
use fields::Fields;

/// Largest answer that is read here, in bytes: a list of 100 long messages fits.
const ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// The status that goes with a code: the one mapping of the program.
#[must_use]
pub fn status_of(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::BadRequest
        | ErrorCode::EmojiInvalid
        | ErrorCode::TitleInvalid
        | ErrorCode::TopicInvalid
        | ErrorCode::NameInvalid
        | ErrorCode::PasswordInvalid
        | ErrorCode::ContentBlank
        | ErrorCode::ContentTooLong
        | ErrorCode::ContentControl
        | ErrorCode::NonceInvalid => StatusCode::BAD_REQUEST,
        ErrorCode::Unauthenticated | ErrorCode::WrongCredentials | ErrorCode::InvalidCreds => StatusCode::UNAUTHORIZED,
        ErrorCode::Forbidden | ErrorCode::SignUpClosed => StatusCode::FORBIDDEN,
        ErrorCode::NotFound | ErrorCode::UnknownTarget => StatusCode::NOT_FOUND,
        ErrorCode::NameTaken
        | ErrorCode::NonceReused
        | ErrorCode::WrongSession
        | ErrorCode::Archived
        | ErrorCode::Blocked
        | ErrorCode::LimitReached => StatusCode::CONFLICT,
        ErrorCode::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        ErrorCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ErrorCode::RateLimited | ErrorCode::TooManyConnections => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (status_of(self.code), axum::Json(self)).into_response()
    }
}

/// What stands in front of the server functions.
#[derive(Clone)]
pub struct Forms {
    /// Draws the page of a failed form.
    pub pages: axum::Router,
    /// How long a body may take to come in.
    pub patience: Duration,
}

impl Forms {
    /// Answers a call of the server function `action`, which `run` carries out.
    pub async fn answer<F, Answer>(&self, action: &str, request: Request<Body>, run: F) -> Response
    where
        F: FnOnce(Request<Body>) -> Answer,
        Answer: Future<Output = Response>,
    {
        let (mut parts, body) = request.into_parts();
        // Only a plain form comes back to its page.
        let page = accepts_html(&parts.headers).then(|| Page {
            pages: self.pages.clone(),
            action: action.to_owned(),
            headers: parts.headers.clone(),
            extensions: parts.extensions.clone(),
        });
        let limit = if page.is_some() { body::FORM_BYTES } else { body::PROGRAM_BYTES };
        let body = match body::read(&parts.headers, body, limit, self.patience).await {
            Ok(body) => body,
            Err(error) => return refused(page, error, Fields::default()).await,
        };
        let unknown = parts.extensions.get::<WhoIsUnknown>().map(|unknown| unknown.0.clone());
        let not_text = || (!body::is_utf8(&body)).then(|| ApiError::bad_request("That is not text in UTF-8."));
        if let Some(error) = unknown.or_else(not_text) {
            return refused(page, error, Fields::parse(&body)).await;
        }
        parts.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        if body.is_empty() {
            let form = HeaderValue::from_static("application/x-www-form-urlencoded");
            parts.headers.insert(header::CONTENT_TYPE, form);
        }
        let is_form = page.is_some() && parts.extensions.get::<Viewer>().is_some();
        let sent = if is_form { emoji::named(action, &body) } else { None };
        let response = run(Request::from_parts(parts, Body::from(sent.unwrap_or_else(|| body.clone())))).await;
        let response = with_status(response).await;
        let Some(page) = page else { return response };
        match failure(response).await {
            Ok(done) => page.done(done, &Fields::parse(&body)).await,
            Err(error) => page.failed(error, Fields::parse(&body)).await,
        }
    }
}

/// A form that was not carried out: its page again, or, for a program, the error.
async fn refused(page: Option<Page>, error: ApiError, fields: Fields) -> Response {
    match page {
        Some(page) => page.failed(error, fields).await,
        None => error.into_response(),
    }
}

fn accepts_html(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

/// Server functions answer every error with 500: gives it the status of its code.
async fn with_status(response: Response) -> Response {
    if response.status().is_success() {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, ANSWER_BYTES).await else {
        return ApiError::new(ErrorCode::Internal, "Something went wrong here. Try again.").into_response();
    };
    match serde_json::from_slice::<ApiError>(&body) {
        Ok(error) => {
            parts.status = status_of(error.code);
            parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            Response::from_parts(parts, Body::from(body))
        }
        Err(_) => Response::from_parts(parts, Body::from(body)),
    }
}

/// The error in a response, or the response if it is none.
async fn failure(response: Response) -> Result<Response, ApiError> {
    if response.status().is_success() {
        return Ok(response);
    }
    let body = to_bytes(response.into_body(), ANSWER_BYTES).await.unwrap_or_default();
    Err(serde_json::from_slice(&body)
        .unwrap_or_else(|_| ApiError::new(ErrorCode::Internal, "Something went wrong here. Try again.")))
}

/// The page that a plain form came from, and what it needs to be drawn again.
struct Page {
    pages: axum::Router,
    action: String,
    headers: HeaderMap,
    extensions: axum::http::Extensions,
}

impl Page {
    /// Redirects to where the form leads; cookies that the function set go along.
    async fn done(self, response: Response, fields: &Fields) -> Response {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, ANSWER_BYTES).await.unwrap_or_default();
        let viewer = self.extensions.get::<Viewer>().map(|viewer| viewer.user.id);
        let location = fields.leads_to(&self.action, &body, viewer);
        let mut redirect = StatusCode::SEE_OTHER.into_response();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            redirect.headers_mut().append(header::SET_COOKIE, cookie.clone());
        }
        if let Ok(location) = HeaderValue::from_str(&location) {
            redirect.headers_mut().insert(header::LOCATION, location);
        }
        redirect
    }

    /// Draws the page again, with the sentence and the typed text.
    async fn failed(self, error: ApiError, fields: Fields) -> Response {
        let status = status_of(error.code);
        let signed_in = self.extensions.get::<Viewer>().is_some();
        let path = fields.page_of(&self.action, signed_in);
        let failure = FormFailure {
            action: self.action,
            code: error.code,
            message: error.message.into_owned(),
            fields: fields.0,
        };
        let mut request = Request::new(Body::empty());
        *request.method_mut() = Method::GET;
        *request.uri_mut() = path.parse().unwrap_or_else(|_| Uri::from_static("/"));
        *request.headers_mut() = self.headers;
        for name in [header::CONTENT_LENGTH, header::CONTENT_TYPE, header::TRANSFER_ENCODING] {
            request.headers_mut().remove(name);
        }
        *request.extensions_mut() = self.extensions;
        request.extensions_mut().insert(failure);
        match self.pages.oneshot(request).await {
            Ok(mut response) => {
                *response.status_mut() = status;
                response
            }
            Err(never) => match never {},
        }
    }
}
