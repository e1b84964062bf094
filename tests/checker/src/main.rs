//! The command: `run` against an installation, `self-test` against the broken server.

fn main() {}
