//! What is measured, one scenario a file.

pub mod crowd;
pub mod ephemeral;
pub mod history;
pub mod pages;
pub mod pairs;
pub mod reconnect;
pub mod sizes;
pub mod soak;
