//! The server's half. Dependencies point one way:
//! `store`, `bus`, `chatters` ← `chat` ← `gateway`, `api` ← `router` ← `boot`.

pub mod access_log;
pub mod address;
pub mod assets;
pub mod auth;
pub mod boot;
pub mod bus;
pub mod caller;
pub mod chat;
pub mod chatters;
pub mod cli;
pub mod clock;
pub mod config;
pub mod csrf;
pub mod data_lock;
pub mod delivery;
pub mod error;
pub mod folder;
pub mod forms;
pub mod gateway;
pub mod headers;
pub mod host;
pub mod kept;
pub mod limits;
pub mod pages;
pub mod router;
pub mod secrets;
pub mod serve;
pub mod shutdown;
pub mod state;
pub mod storage;
pub mod store;
