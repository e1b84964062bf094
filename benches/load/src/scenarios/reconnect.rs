//! A restart under thousands of sockets: everybody is sent away, and everybody comes back at once with a cursor.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::http::gateway_token;
use crate::server::Server;
use crate::socket::Socket;
use crate::stats::percentile_ms;
use crate::{Error, Result};

const USERS: usize = crate::USERS as usize;

/// What a client waits at first before it tries again, doubling up to sixteen times as long.
const BACK_OFF: Duration = Duration::from_millis(500);
/// No client takes longer to come back.
const PATIENCE: Duration = Duration::from_secs(120);

pub async fn run(server: &mut Server) -> Result<()> {
    let cursors = format!(r#"{{"inbox":1,"{}":0}}"#, server.room);
    let mut sockets = Vec::with_capacity(USERS);
    for cookie in &server.cookies {
        sockets.push(Socket::open(&server.address, cookie).await?);
    }
    let began = Instant::now();
    let mut leaving = JoinSet::new();
    for mut socket in sockets {
        leaving.spawn(async move {
            loop {
                if let Err(error) = socket.text().await {
                    return error.to_string().contains("Restart");
                }
            }
        });
    }
    server.terminate()?;
    let told = leaving.join_all().await.into_iter().filter(|told| *told).count();
    let away_ms = began.elapsed().as_millis();
    server.ended()?;
    let down_ms = began.elapsed().as_millis();
    println!(
        "| restart: {USERS} sockets closed with 1012 | {told} in {away_ms} ms; the process ended after {down_ms} ms |"
    );

    server.start_again()?;
    server.ready().await?;
    let cpu = server.cpu_s()?;
    let began = Instant::now();
    let mut coming = JoinSet::new();
    for (number, cookie) in server.cookies.iter().cloned().enumerate() {
        let (address, cursors) = (server.address.clone(), cursors.clone());
        coming.spawn(async move {
            let mut refused = 0;
            loop {
                match come_back(&address, &cookie, &cursors).await {
                    Ok(socket) => return Ok((socket, began.elapsed(), refused)),
                    Err(_) if began.elapsed() < PATIENCE => {
                        refused += 1;
                        // Full jitter, from the number: the load needs no better dice.
                        let most = BACK_OFF * (1 << refused.min(4));
                        let part = f64::from(u32::try_from((number * 7 + refused * 13) % 100)?) / 100.0;
                        tokio::time::sleep(most.mul_f64(part)).await;
                    }
                    Err(error) => return Err(error),
                }
            }
        });
    }
    let (mut times, mut back_offs, mut held) = (Vec::new(), 0, Vec::new());
    while let Some(back) = coming.join_next().await {
        let (socket, took, refused) = back??;
        times.push(took);
        back_offs += refused;
        held.push(socket);
    }
    let took = began.elapsed();
    times.sort_unstable();
    println!(
        "| {USERS} clients back at once: token, connect, IDENTIFY with cursors, READY | {:.0}/s; the middle one after \
         {:.0} ms, the last after {:.0} ms; {back_offs} times a client backed off; {:.0} µs CPU a client |",
        USERS as f64 / took.as_secs_f64(),
        percentile_ms(&times, 0.5),
        percentile_ms(&times, 1.0),
        (server.cpu_s()? - cpu) * 1e6 / USERS as f64,
    );
    Ok(())
}

async fn come_back(address: &str, cookie: &str, cursors: &str) -> Result<Socket> {
    let token = gateway_token(address, cookie).await?;
    let entered = tokio::time::timeout(Duration::from_secs(30), Socket::enter(address, &token, Some(cursors))).await;
    entered.map_err(|_| Error::from("no READY in 30 s"))?
}
