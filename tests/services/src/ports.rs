//! Ports that nobody uses.

use std::net::{Ipv4Addr, TcpListener};

use crate::Result;

/// One that is free on every address: one of loopback alone may still be a closed connection's elsewhere.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0))?.local_addr()?.port())
}
