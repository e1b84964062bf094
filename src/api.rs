//! Server functions, one a file: authenticate, call the use case, map the error; no logic.
//!
//! Each is `POST /api/{name}`, form-encoded. A JSON caller gets JSON; a plain form is answered by the layer
//! in front (`server/forms.rs`), with a page.

pub mod call;
pub mod error;

pub mod conversation;
pub mod conversation_create;
pub mod conversation_list;
pub mod conversation_update;
pub mod event_list;
pub mod gateway_token;
pub mod given;
pub mod member_add;
pub mod member_list;
pub mod member_remove;
pub mod message_delete;
pub mod message_edit;
pub mod message_history;
pub mod message_list;
pub mod message_pin;
pub mod message_post;
pub mod page_context;
pub mod password_change;
pub mod pin_list;
pub mod reaction_add;
pub mod reaction_list;
pub mod reaction_remove;
pub mod read_mark;
pub mod room_join;
pub mod room_list;
pub mod sign_in;
pub mod sign_out;
pub mod sign_up;

pub use call::Call;
pub use conversation::conversation;
pub use conversation_create::conversation_create;
pub use conversation_list::conversation_list;
pub use conversation_update::conversation_update;
pub use error::ApiError;
pub use event_list::event_list;
pub use gateway_token::gateway_token;
pub use member_add::member_add;
pub use member_list::member_list;
pub use member_remove::member_remove;
pub use message_delete::message_delete;
pub use message_edit::message_edit;
pub use message_history::message_history;
pub use message_list::message_list;
pub use message_pin::message_pin;
pub use message_post::message_post;
pub use page_context::{FormFailure, PageContext};
pub use password_change::password_change;
pub use pin_list::pin_list;
pub use reaction_add::reaction_add;
pub use reaction_list::reaction_list;
pub use reaction_remove::reaction_remove;
pub use read_mark::read_mark;
pub use room_join::room_join;
pub use room_list::room_list;
pub use sign_in::sign_in;
pub use sign_out::sign_out;
pub use sign_up::sign_up;
