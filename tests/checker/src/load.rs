//! The clients of a run.

pub mod counters;

pub use counters::Counters;

use crate::{Error, History, Person, Plan, Site};

/// A load that is running. Dropped, it ends at once.
#[derive(Debug)]
pub struct Load {}

impl Load {
    /// Opens the conversations, notes where their logs stand, opens the readers' sockets and starts to write. The site
    /// must answer; from then on it may be away for any time.
    ///
    /// # Errors
    ///
    /// When the site does not answer within the plan's patience, or refuses somebody.
    pub async fn start(site: Site, people: Vec<Person>, plan: Plan) -> Result<Self, Error> {
        let _ = (site, people, plan);
        Ok(Self {})
    }

    /// Posts that were acknowledged so far, each counted once.
    #[must_use]
    pub fn acknowledged(&self) -> u64 {
        0
    }

    #[must_use]
    pub fn counters(&self) -> Counters {
        Counters::default()
    }

    /// No new posts until [`Load::resume`]; those under way are finished, readers go on.
    pub fn pause(&self) {}

    pub fn resume(&self) {}

    /// Ends the writing, waits until every outcome is known and every live reader has come to the log's end (each for
    /// the plan's patience at most), and reads the logs.
    pub async fn stop(self) -> History {
        History::default()
    }
}
