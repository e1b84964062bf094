//! Waiting for an answer of the server, but not for ever.

use std::pin::Pin;

use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;

use crate::api::ApiError;
use crate::protocol::ErrorCode;

/// An answer that takes longer is not awaited: the network may have gone without a word.
const ANSWER_MS: u32 = 30_000;

/// What is asked of the server.
type Request<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>>>>;

/// The answer, or [`ErrorCode::Unavailable`] when none comes.
pub(super) fn answer<T: 'static>(request: impl Future<Output = Result<T, ApiError>> + 'static) -> Request<T> {
    // Boxed twice, so that waiting is compiled once for each kind of answer, and not into all that wait.
    let request: Request<T> = Box::pin(request);
    Box::pin(async {
        match select(request, TimeoutFuture::new(ANSWER_MS)).await {
            Either::Left((answer, _)) => answer,
            Either::Right(_) => Err(ApiError::new(ErrorCode::Unavailable, "Chatter did not answer in time.")),
        }
    })
}
