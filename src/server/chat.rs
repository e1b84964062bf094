//! The use cases: check → store → tell. What may be said, to whom, and what a reader may see.
//!
//! Knows the traits of store and bus, no socket and no HTTP. Committed events reach the bus through the store's
//! one publisher, never from here; only state that is not an event (read marks) is told from here.

mod amend;
mod blocking;
mod called;
mod directory;
mod keeping;
mod manage;
mod members;
mod people;
mod post;
mod read;
pub mod rights;

use std::sync::Arc;

use crate::server::bus::Bus;
use crate::server::limits::Limits;
use crate::server::store::Store;

pub use called::called;
pub use manage::{Changes, Creation};
pub use people::ProfileChange;
pub use post::Draft;
pub use read::no_conversation;

/// The use cases over one store and one bus. Clones share them.
#[derive(Clone)]
pub struct Chat {
    pub store: Arc<dyn Store>,
    pub bus: Arc<dyn Bus>,
    pub limits: Arc<Limits>,
}
