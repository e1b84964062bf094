//! Integration tests: one binary, real servers on free ports, real sockets, real database files.

mod accounts;
mod crash;
mod live;
mod operation;
mod pages;
mod plain_forms;
mod posting;
mod requests;
mod support;
mod tidy;
