//! 200 users in pairs, each posting to the other with a number of messages in flight.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, Semaphore, mpsc};
use tokio::task::JoinSet;

use crate::Result;
use crate::http::Http;
use crate::server::Server;
use crate::socket::Socket;
use crate::stats::percentile_ms;

const USERS: usize = 200;
const MEASURED: Duration = Duration::from_secs(10);

/// A message is out until its receiver has its frame: the latency runs from before the post to the frame.
type Out = Arc<Mutex<HashMap<String, Instant>>>;

pub async fn run(server: &Server, in_flight: usize) -> Result<()> {
    let stop = Arc::new(AtomicBool::new(false));
    let (done_tx, mut done) = mpsc::unbounded_channel();
    let mut readers = JoinSet::new();
    let mut writers = JoinSet::new();
    let out: Out = Arc::default();
    for user in 0..USERS {
        let mut socket = Socket::open(&server.address, &server.cookies[user]).await?;
        let (out, done) = (out.clone(), done_tx.clone());
        let own = format!("m{user}.{in_flight}.");
        readers.spawn(async move {
            while let Ok(content) = socket.content().await {
                // One's own echo is not a delivery.
                if content.starts_with(&own) || content == "warm-up" {
                    continue;
                }
                match out.lock().await.remove(&content) {
                    Some(began) => drop(done.send(Ok(began.elapsed()))),
                    None => drop(done.send(Err(content))),
                }
            }
        });
    }
    // One message each way beforehand: opening the conversations is not what is measured.
    for user in 0..USERS {
        let form = format!("target_id={}&content=warm-up", (user ^ 1) + 1);
        Http::connect(&server.address, &server.cookies[user]).await?.post("/api/message-post", &form).await?;
    }
    let cpu = server.cpu_s()?;
    let began = Instant::now();
    for user in 0..USERS {
        let slots = Arc::new(Semaphore::new(in_flight));
        for lane in 0..in_flight {
            let mut http = Http::connect(&server.address, &server.cookies[user]).await?;
            let partner = (user ^ 1) + 1;
            let (out, stop, slots) = (out.clone(), stop.clone(), slots.clone());
            writers.spawn(async move {
                let mut acknowledged = 0_u64;
                for n in 0_u64.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let _slot = slots.acquire().await?;
                    let content = format!("m{user}.{in_flight}.{lane}.{n}");
                    out.lock().await.insert(content.clone(), Instant::now());
                    let answer =
                        http.post("/api/message-post", &format!("target_id={partner}&content={content}")).await?;
                    if answer.status != 200 {
                        return Err(format!("message-post answered {}", answer.status).into());
                    }
                    acknowledged += 1;
                }
                Ok::<u64, crate::Error>(acknowledged)
            });
        }
    }
    tokio::time::sleep(MEASURED).await;
    stop.store(true, Ordering::Relaxed);
    let mut acknowledged = 0;
    while let Some(writer) = writers.join_next().await {
        acknowledged += writer??;
    }
    let took = began.elapsed();
    let cpu = server.cpu_s()? - cpu;

    let (mut latencies, mut doubled) = (Vec::new(), 0);
    let deadline = Instant::now() + Duration::from_secs(10);
    while (latencies.len() as u64) < acknowledged && Instant::now() < deadline {
        match tokio::time::timeout(Duration::from_secs(2), done.recv()).await {
            Ok(Some(Ok(latency))) => latencies.push(latency),
            Ok(Some(Err(_))) => doubled += 1,
            Ok(None) | Err(_) => break,
        }
    }
    readers.shutdown().await;
    let lost = acknowledged - latencies.len() as u64;
    latencies.sort_unstable();
    println!(
        "| durable messages/s, {USERS} users in pairs, {in_flight} in flight | {:.0}/s; p50 {:.1} ms, p99 {:.1} ms; {:.0} µs \
         CPU a message; lost {lost}, doubled {doubled} |",
        acknowledged as f64 / took.as_secs_f64(),
        percentile_ms(&latencies, 0.5),
        percentile_ms(&latencies, 0.99),
        cpu * 1e6 / acknowledged as f64,
    );
    if lost + doubled > 0 { Err("messages were lost or doubled".into()) } else { Ok(()) }
}
