//! What is measured, one scenario a file.

pub mod fan_out;
pub mod idle;
pub mod pairs;
pub mod reconnect;
pub mod sizes;
