//! Integration tests: one binary, real servers on free ports, real sockets, real database files.

mod support;
mod tidy;
