//! 200 users in pairs, each posting to the other with a number of messages in flight.

use std::time::{Duration, Instant};

use crate::crowd::in_time;
use crate::lanes::{Pairs, SLOWEST_START};
use crate::peer::Peer;
use crate::stats::{Syncs, Window, figure, percentile_ms};
use crate::{Error, Result};

const WARM_UP: Duration = Duration::from_secs(1);
/// Messages that syncs are counted for at least: strace may hold the server up at first.
const LEAST: u64 = 5_000;

/// What a run is for.
pub enum Loop {
    /// As fast as it goes.
    Closed,
    /// So many messages a second in all.
    Open(f64),
    /// As fast as it goes while the server's syncs are counted, which slows it: nothing else is told of it.
    Syncs,
}

pub fn run(peer: &dyn Peer, in_flight: usize, kind: &Loop, measured: Duration) -> Result<()> {
    let rate = if let Loop::Open(rate) = kind { Some(*rate) } else { None };
    let (mut engine, mut pairs) = Pairs::gather(peer, in_flight, rate.is_some())?;
    if rate.is_none() {
        pairs.begin(engine.sends());
    }
    let began = Instant::now();
    let (mut window, mut syncs, mut synced) = (None, None, None);
    let mut before = 0;
    loop {
        // In a closed loop every lane has had its first turn by then, and so every connection stands.
        if window.is_none() && began.elapsed() >= WARM_UP && (rate.is_some() || pairs.all_begun()) {
            if let Loop::Syncs = kind {
                syncs = Some(Syncs::count(&peer.parts())?);
            }
            synced = peer.syncs()?;
            window = Some(Window::open(peer.parts())?);
            before = pairs.received;
            pairs.latencies.clear();
        }
        match &window {
            Some(window) if window.age() >= measured && (syncs.is_none() || pairs.received - before >= LEAST) => break,
            Some(window) if syncs.is_some() && window.age() >= SLOWEST_START => {
                return Err("too few messages while syncs were counted".into());
            }
            Some(_) => {}
            None => in_time(began + SLOWEST_START, "the first message of every lane")?,
        }
        if let Some(rate) = rate {
            pairs.schedule(engine.sends(), began, rate);
        }
        let timeout = Duration::from_millis(if rate.is_some() { 1 } else { 50 });
        engine.turn(timeout, |sends, link, arrival| pairs.handle(sends, link, arrival))?;
    }
    let use_ = window.ok_or("nothing was measured")?.close()?;
    let syncs = syncs.map(Syncs::end).transpose()?;
    let messages = (pairs.received - before) as f64;
    let mut latencies = std::mem::take(&mut pairs.latencies);
    latencies.sort_unstable();
    let name = match rate {
        None => format!("pairs-{in_flight}"),
        Some(rate) => format!("open-{rate:.0}"),
    };
    let figure = |what: &str, value: f64| figure(peer.name(), &format!("{name} {what}"), value);
    if let Some(syncs) = syncs {
        figure("syncs a message", syncs as f64 / messages);
    } else {
        figure("messages/s", messages / use_.took_s);
        if let (Some(before), Some(after)) = (synced, peer.syncs()?) {
            figure("syncs a message", (after - before) as f64 / messages);
        }
        figure("p50 ms", percentile_ms(&latencies, 0.5));
        figure("p99 ms", percentile_ms(&latencies, 0.99));
        figure("CPU µs", use_.server_cpu_s * 1e6 / messages);
        if let [_, _, ..] = use_.parts.as_slice() {
            for (part, cpu_s) in &use_.parts {
                figure(&format!("{part} CPU µs"), cpu_s * 1e6 / messages);
            }
        }
        let nodes = &peer.parts()[0];
        figure("MiB a node", nodes.pss_kib()? as f64 / 1_024.0 / nodes.ids.len() as f64);
        use_.tell(peer.name(), &name);
    }
    pairs.drain(&mut engine).map_err(|error| Error::from(format!("{name}: {error}")))
}
