//! The server's half. Dependencies point one way:
//! `store`, `bus`, `chatters` ← `chat` ← `gateway`, `api` ← `router` ← `boot`.

pub mod address;
pub mod auth;
pub mod bus;
pub mod chatters;
pub mod cli;
pub mod config;
pub mod error;
pub mod limits;
pub mod secrets;
pub mod store;
