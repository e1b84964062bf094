//! The gateway's frames: `{"op": NAME, "d": {…}}`, with `"c"` and `"s"` on events of a log.
//!
//! The golden JSON of each stands in `tests/frames/`. Reading a client's frame is strict (see
//! [`ClientFrame::decode`]); reading a server's frame takes what it knows and leaves the rest, as the
//! protocol grows by addition.

mod client;
mod envelope;
mod message_out;
mod server;
mod strict;

pub use client::{ClientFrame, FrameError, Identify};
pub use server::{
    ErrorFrame, Hello, InboxState, Mark, PresenceUpdate, ReadUpdate, Ready, Reconnect, ServerFrame, TypingStart,
    UserUpdate,
};
