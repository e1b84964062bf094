//! Integration tests: one binary, real servers on free ports, real sockets, real database files.

mod accounts;
mod bus_contract;
mod cli;
mod crash;
mod frames;
mod live;
mod operation;
mod pages;
mod plain_forms;
mod posting;
mod requests;
mod store_contract;
mod support;
mod tidy;
