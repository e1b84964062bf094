//! The server's half. Dependencies point one way:
//! `store`, `bus`, `chatters` ← `chat` ← `gateway`, `api` ← `router` ← `boot`.

pub mod assets;
pub mod bus;
pub mod chatters;
pub mod error;
pub mod store;
