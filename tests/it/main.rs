//! Integration tests: one binary, real servers on free ports, real sockets, real database files.

// The lint knows `#[test]` functions only, not what they share.
#![allow(clippy::unwrap_used)]
// Everything here is one program.
#![allow(unreachable_pub)]

mod accounts;
mod amending;
mod blocking;
mod bus_contract;
mod cli;
mod cluster;
mod connections;
mod crash;
mod demo;
mod frames;
mod gateway_connection;
mod gateway_delivery;
mod gateway_lost;
mod gateway_raw;
mod gateway_upgrade;
mod live;
mod managing;
mod memberships;
mod migrate;
mod nodes;
mod nodes_changes;
mod operation;
mod pages;
mod people;
mod plain_forms;
mod postgres_tls;
mod posting;
mod presence;
mod read_marks;
mod requests;
mod resume;
mod storage_faults;
mod store_contract;
mod storms;
mod support;
mod tidy;
