//! Server functions, one a file: authenticate, call the use case, map the error; no logic.
//!
//! Each is `POST /api/{name}`, form-encoded. A JSON caller gets JSON; a plain form is answered by the layer
//! in front (`server/forms.rs`).

pub mod error;
pub mod page_context;

pub use error::ApiError;
