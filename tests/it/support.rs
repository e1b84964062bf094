//! What stories are told with: a server in this process on a free port ([`app::TestApp`]), people who use it over
//! HTTP ([`person::Person`]), their sockets ([`socket::Socket`]), and the program as a process of its own
//! ([`process::Program`]).

pub mod app;
pub mod device;
pub mod fake_store;
pub mod gateway_node;
pub mod membership;
pub mod message;
pub mod nats;
pub mod person;
pub mod postgres;
pub mod process;
pub mod socket;
pub mod steered;
