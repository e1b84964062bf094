//! Server functions, one a file: authenticate, call the use case, map the error; no logic.
//!
//! Each is `POST /api/{name}`, form-encoded. A JSON caller gets JSON; a plain form is answered by the layer
//! in front (`server/forms.rs`), with a page.

pub mod call;
pub mod error;

pub mod conversation;
pub mod conversation_keep;
pub mod conversation_list;
pub mod event_list;
pub mod gateway_token;
pub mod given;
pub mod message_list;
pub mod message_post;
pub mod page_context;
pub mod password_change;
pub mod profile_update;
pub mod read_mark;
pub mod reader_list;
pub mod session_list;
pub mod session_revoke;
pub mod sessions_revoke_others;
pub mod sign_in;
pub mod sign_out;
pub mod sign_up;
pub mod user_list;
pub mod user_profile;

pub use call::Call;
pub use conversation::conversation;
pub use conversation_keep::conversation_keep;
pub use conversation_list::conversation_list;
pub use error::ApiError;
pub use event_list::event_list;
pub use gateway_token::gateway_token;
pub use message_list::message_list;
pub use message_post::message_post;
pub use page_context::{FormFailure, PageContext};
pub use password_change::password_change;
pub use profile_update::profile_update;
pub use read_mark::read_mark;
pub use reader_list::reader_list;
pub use session_list::session_list;
pub use session_revoke::session_revoke;
pub use sessions_revoke_others::sessions_revoke_others;
pub use sign_in::sign_in;
pub use sign_out::sign_out;
pub use sign_up::sign_up;
pub use user_list::user_list;
pub use user_profile::user_profile;
