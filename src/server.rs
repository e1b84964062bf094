//! The server's half. Dependencies point one way:
//! `store`, `bus`, `chatters` ← `chat` ← `gateway`, `api` ← `router` ← `boot`.

pub mod bus;
pub mod chatters;
pub mod clock;
pub mod delivery;
pub mod error;
pub mod gateway;
pub mod shutdown;
pub mod store;
