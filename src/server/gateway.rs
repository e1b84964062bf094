//! The gateway: WebSocket in, live frames out.
//!
//! - `upgrade`: who may open a socket at all (Origin, session cookie), before anything is switched.
//! - `root_upgrade`: a WebSocket on `/` is the same as one on `/gateway`.
//! - `connection`: one socket, one task.
//! - `session`: the rules of that connection, without I/O.
//! - `waiting`: how many sockets of an address may be open before that.
//! - `admission`: from IDENTIFY to a place in the chatters map.
//! - `resume`: what a client's cursors are worth. `ready`: what READY says, and the seam to what comes live.
//!
//! Messages are never posted here: one way in, over HTTP.

mod admission;
pub mod connection;
mod ready;
mod resume;
pub mod root_upgrade;
pub mod session;
pub mod upgrade;
mod waiting;

use std::sync::Arc;

use super::auth::token::GatewayTokens;
use super::chatters::Chatters;
use super::config::Config;
use super::delivery::Delivery;
use super::shutdown::Shutdown;
use super::store::Store;
pub use waiting::WaitingRoom;

/// What connections share. Cheap to clone.
#[derive(Clone)]
pub struct Gateway {
    pub store: Arc<dyn Store>,
    pub chatters: Chatters,
    pub delivery: Delivery,
    pub tokens: Arc<GatewayTokens>,
    pub config: Arc<Config>,
    pub shutdown: Shutdown,
    pub waiting: WaitingRoom,
}
