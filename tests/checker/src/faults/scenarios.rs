//! The faults, by what they are done to.

pub mod browser;
pub mod clients;
pub mod clock;
pub mod durability;
pub mod kills;
pub mod network;
pub mod nodes;
pub mod readers;
pub mod storage;
