//! Integration tests: one program, so that it is linked once.

// The lint knows `#[test]` functions only, not what they share.
#![allow(clippy::unwrap_used)]
// Everything here is one program.
#![allow(unreachable_pub)]

mod bus_contract;
mod frames;
mod gateway_connection;
mod gateway_delivery;
mod gateway_raw;
mod gateway_upgrade;
mod support {
    pub mod fake_store;
    pub mod gateway_node;
}
