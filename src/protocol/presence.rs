//! Whether somebody is there: state that is never stored, and is told of those with whom one has a direct conversation or
//! a group.

use serde::{Deserialize, Serialize};

use super::ids::UserId;

/// How far somebody is there: on any of their devices, the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// No connection anywhere, or hidden.
    Offline,
    /// Connected, and nobody sits at any of the devices.
    Away,
    Online,
}

/// `[id, status]` of somebody who is there: in READY.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Present(pub UserId, pub Status);
