//! The integration tests: one program.

mod store_contract;
