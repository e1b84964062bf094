//! One post to a room of 1,000 connected members, again and again.

use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::Result;
use crate::http::Http;
use crate::server::{ROOM_MEMBERS, Server};
use crate::socket::Socket;
use crate::stats::percentile_ms;

const POSTS: usize = 100;

pub async fn run(server: &Server) -> Result<()> {
    let (received_tx, mut received) = mpsc::unbounded_channel();
    let mut readers = JoinSet::new();
    for cookie in &server.cookies[..ROOM_MEMBERS] {
        let mut socket = Socket::open(&server.address, cookie).await?;
        let received = received_tx.clone();
        readers.spawn(async move {
            while let Ok(content) = socket.content().await {
                if content.starts_with("fan.") {
                    let _ = received.send(());
                }
            }
        });
    }
    let mut http = Http::connect(&server.address, &server.cookies[0]).await?;
    let mut rounds = Vec::with_capacity(POSTS);
    let began = Instant::now();
    for n in 0..POSTS {
        let posted = Instant::now();
        let answer =
            http.post("/api/message-post", &format!("conversation_id={}&content=fan.{n}", server.room)).await?;
        if answer.status != 200 {
            return Err(format!("message-post answered {}", answer.status).into());
        }
        for _ in 0..ROOM_MEMBERS {
            let one = tokio::time::timeout(Duration::from_secs(10), received.recv()).await;
            one.map_err(|_| "a member got no frame in 10 s")?.ok_or("the readers ended")?;
        }
        rounds.push(posted.elapsed());
    }
    let took = began.elapsed();
    readers.shutdown().await;
    rounds.sort_unstable();
    println!(
        "| fan-out to {ROOM_MEMBERS} connected members | {:.0} deliveries/s; all received: p50 {:.1} ms, p99 {:.1} ms |",
        (POSTS * ROOM_MEMBERS) as f64 / took.as_secs_f64(),
        percentile_ms(&rounds, 0.5),
        percentile_ms(&rounds, 0.99),
    );
    Ok(())
}
