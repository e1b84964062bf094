//! The services that several nodes share, for tests: started in a folder of their own, hurt, and started again.
//!
//! [`service`] owns the process; [`postgres`] and [`nats`] know how it is begun, `folders` where.

mod folders;
pub mod nats;
pub mod ports;
pub mod postgres;
pub mod service;

/// Any error of a test's service: its sentence says what is missing.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
pub type Result<T> = std::result::Result<T, Error>;
