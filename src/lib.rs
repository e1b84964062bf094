//! Chatter.

pub mod api;
pub mod protocol;
#[cfg(feature = "ssr")]
pub mod server;
pub mod ui;
