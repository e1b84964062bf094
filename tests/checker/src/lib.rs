//! Proof by trying: whatever happens to the server, nothing acknowledged is lost, doubled, reordered or made up.
//!
//! In the manner of Jepsen: many clients write and read; each operation is noted as invoked and then as acknowledged,
//! refused or *unknown* (no answer, or a 5xx), with the times of one clock; in the end the logs are read and a pure
//! function, [`judge`], compares all of it. The checker speaks HTTP and WebSocket and shares no code with the server,
//! so it can be pointed at any installation.
//!
//! # Layout
//!
//! | Part | Owns |
//! |---|---|
//! | [`site`] | where the installation is now, and who writes and reads |
//! | [`plan`] | what the load does |
//! | [`load`] | the clients: writers, live readers, and the reading of the logs at the end |
//! | [`history`] | what they noted, compactly: a million messages take some hundred bytes each |
//! | [`judge()`] | what is wrong with it: a [`Verdict`] |
//! | [`broken`], [`self_test`] | a small server that breaks each promise in turn, and the proof that the judge notices |
//!
//! # Using it from a fault run
//!
//! ```no_run
//! # async fn run(people: Vec<chatter_checker::Person>) -> Result<(), chatter_checker::Error> {
//! use chatter_checker::{Load, Plan, Site, judge};
//! let site = Site::new("127.0.0.1:3000");
//! let load = Load::start(site.clone(), people, Plan::default()).await?; // the site answers at this point
//! // Break things here: kill the server, start it elsewhere and call `site.move_to(address)`, cut cables.
//! // Clients try again with jittered back-off for ever. `load.acknowledged()` tells how far they are.
//! site.move_to("127.0.0.1:3001");
//! let history = load.stop().await; // the site must answer again by now, or soon
//! let verdict = judge(&history);
//! assert!(verdict.is_clean(), "{verdict}");
//! # Ok(()) }
//! ```

pub mod broken;
pub mod client;
pub mod faults;
pub mod frames;
pub mod history;
pub mod http;
pub mod judge;
pub mod load;
pub mod plan;
pub mod report;
pub mod self_test;
pub mod site;
pub mod socket;
pub mod stamp;

pub use history::History;
pub use judge::{Verdict, judge};
pub use load::{Counters, Load};
pub use plan::Plan;
pub use site::{Error, Person, Site};
