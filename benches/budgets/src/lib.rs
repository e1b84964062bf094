//! Budgets that do not depend on time: a client that costs the machine next to nothing, and the file of figures that
//! what was counted is held to.
//!
//! `main.rs` counts the release program's instructions under callgrind; `tests/allocations.rs` of the main crate counts
//! the allocations of a server in its own process. Both measure with [`client`] and judge with [`budgets`].

pub mod budgets;
pub mod client;

/// A tool's errors are read by who runs it, and by nothing else.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
pub type Result<T> = std::result::Result<T, Error>;
