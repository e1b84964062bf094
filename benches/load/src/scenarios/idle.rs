//! Memory of idle connections, signed in and registered.

use std::time::Instant;

use crate::server::Server;
use crate::socket::Socket;
use crate::{Result, USERS};

pub async fn run(server: &Server) -> Result<()> {
    let before = server.pss_kib()?;
    let began = Instant::now();
    let mut sockets = Vec::with_capacity(USERS);
    for cookie in &server.cookies {
        sockets.push(Socket::open(&server.address, cookie).await?);
    }
    let took = began.elapsed();
    let after = server.pss_kib()?;
    println!(
        "| memory per idle connection at {USERS} (PSS of the server) | {:.1} KiB |",
        after.saturating_sub(before) as f64 / USERS as f64
    );
    println!(
        "| token + connect + IDENTIFY + READY, one after the other | {:.0}/s |",
        USERS as f64 / took.as_secs_f64()
    );
    Ok(())
}
