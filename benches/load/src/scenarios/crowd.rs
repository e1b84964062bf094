//! Thousands of connections: how fast they enter, what they take, and one post to all of them, again and again.

use std::time::{Duration, Instant};

use crate::crowd::{Crowd, in_time};
use crate::engine::Arrival;
use crate::order::{Faults, Order};
use crate::peer::{Heard, Peer, Post, Target};
use crate::stats::{Window, figure, percentile_ms};
use crate::{Error, Result, mark};

/// Deliveries of one run: fewer posts to more people.
const DELIVERIES: u32 = 200_000;
/// What is slower than that is told after fewer, but no fewer than [`LEAST`].
const LONGEST: Duration = Duration::from_secs(10);
const LEAST: u32 = 10;
/// A server may tidy up before its memory is read.
const SETTLE: Duration = Duration::from_secs(1);

/// Has them enter, and tells what they take; the server's memory before, too.
pub fn enter(peer: &dyn Peer, size: u32) -> Result<(Crowd, u64)> {
    let before = nodes_kib(peer)?;
    let crowd = Crowd::gather(peer, size, true)?;
    let figure = |what: &str, value: f64| figure(peer.name(), &format!("crowd-{size} {what}"), value);
    figure("enter/s", f64::from(size) / crowd.entering.as_secs_f64());
    figure("idle KiB", kib_each(peer, size, before)?);
    Ok((crowd, before))
}

fn nodes_kib(peer: &dyn Peer) -> Result<u64> {
    peer.parts()[0].pss_kib()
}

fn kib_each(peer: &dyn Peer, size: u32, before: u64) -> Result<f64> {
    std::thread::sleep(SETTLE);
    Ok((nodes_kib(peer)? as f64 - before as f64) / f64::from(size))
}

pub fn run(peer: &dyn Peer, size: u32) -> Result<()> {
    let name = format!("crowd-{size}");
    let figure = |what: &str, value: f64| figure(peer.name(), &format!("{name} {what}"), value);
    let (mut crowd, before) = enter(peer, size)?;
    crowd.enter_room(peer)?;

    let http = crowd.request_link(peer, 1)?;
    let Crowd { mut engine, tokens, users, sockets, .. } = crowd;
    let (mut orders, mut faults) = (Vec::new(), Faults::default());
    orders.resize_with(size as usize, Order::default);
    let mut rounds = Vec::new();
    let most = (DELIVERIES / size).max(LEAST);
    let window = Window::open(peer.parts())?;
    for number in 0..most {
        if number >= LEAST && window.age() > LONGEST {
            break;
        }
        let posted = Instant::now();
        match peer.post(1, &tokens[0], Target::Everyone, &mark::content(0, number), 0) {
            Post::Request(request) => engine.sends().request(http, &request),
            Post::Text(text) => engine.sends().text(sockets[0], &text),
        }
        let (mut received, mut acknowledged) = (0, !peer.acknowledges());
        while received < size || !acknowledged {
            engine.turn(Duration::from_millis(50), |sends, link, arrival| {
                match arrival {
                    Arrival::Answer { status: 200, .. } => acknowledged = true,
                    Arrival::Answer { status, .. } => {
                        return Err(Error::from(format!("a post was answered with {status}")));
                    }
                    Arrival::Text(text) => match peer.heard(text) {
                        Heard::Message => {
                            let (_, count) = mark::read(text)?;
                            let order = &mut orders[users[link] as usize - 1];
                            received += u32::from(order.take(count, &mut faults));
                        }
                        Heard::Acknowledged(_) => acknowledged = true,
                        Heard::Reply(reply) => sends.text(link, reply),
                        _ => {}
                    },
                    Arrival::Opened => {}
                }
                Ok(())
            })?;
            in_time(posted + Duration::from_secs(30), "a fan-out's frames (lost)")?;
        }
        rounds.push(posted.elapsed());
    }
    let use_ = window.close()?;
    rounds.sort_unstable();
    let deliveries = rounds.len() as f64 * f64::from(size);
    figure("deliveries/s", deliveries / use_.took_s);
    figure("all received p50 ms", percentile_ms(&rounds, 0.5));
    figure("all received p99 ms", percentile_ms(&rounds, 0.99));
    figure("CPU µs a delivery", use_.server_cpu_s * 1e6 / deliveries);
    figure("KiB after fan-out", kib_each(peer, size, before)?);
    use_.tell(peer.name(), &name);
    let Faults { doubled, out_of_order } = faults;
    if doubled + out_of_order > 0 {
        return Err(format!("{name}: doubled {doubled}, out of order {out_of_order}").into());
    }
    Ok(())
}
