//! A conversation's page with 50 messages, drawn for somebody who is signed in, beside a route that does nothing.

use std::time::{Duration, Instant};

use crate::engine::{Arrival, Engine};
use crate::peer::chatter::Chatter;
use crate::peer::{Peer, Post, Target};
use crate::stats::{Window, figure, percentile_ms};
use crate::{Error, Result, mark};

const CONNECTIONS: usize = 16;
const MESSAGES: u32 = 60;

/// The page, then the route beside it.
pub fn run(chatter: &Chatter, measured: Duration) -> Result<()> {
    page(chatter, measured)?;
    figures(chatter, "healthz", "/healthz", measured)
}

/// The page alone, for a profile of it.
pub fn page(chatter: &Chatter, measured: Duration) -> Result<()> {
    let mut engine = Engine::new(&chatter.process().address)?;
    let link = engine.connect(None)?;
    for number in 0..MESSAGES {
        if let Post::Request(request) = chatter.post(1, "", Target::Everyone, &mark::content(0, number), 0) {
            engine.sends().request(link, &request);
        }
        let mut answered = false;
        while !answered {
            engine.turn(Duration::from_millis(50), |_, _, arrival| {
                answered = matches!(arrival, Arrival::Answer { status: 200, .. });
                if answered { Ok(()) } else { Err(Error::from("a post was refused")) }
            })?;
        }
    }
    figures(chatter, "page", "/c/1", measured)
}

/// With many connections, and with one.
fn figures(chatter: &Chatter, name: &str, path: &str, measured: Duration) -> Result<()> {
    let request = chatter.get(path, 1);
    for connections in [CONNECTIONS, 1] {
        let (rate, p50, bytes) = ask(chatter, &request, connections, measured)?;
        let figure = |what: &str, value| figure("chatter", &format!("{name} {what}"), value);
        if connections == 1 {
            figure("p50 ms", p50);
        } else {
            figure("requests/s", rate);
            figure("bytes", bytes as f64);
        }
    }
    Ok(())
}

/// The same request on so many connections, again and again: requests a second, the median, bytes of a body.
pub fn ask(peer: &dyn Peer, request: &str, connections: usize, measured: Duration) -> Result<(f64, f64, usize)> {
    let mut engine = Engine::new(&peer.process().address)?;
    let mut asked = Vec::new();
    for _ in 0..connections {
        engine.connect(Some(request))?;
        asked.push(Instant::now());
    }
    let (mut latencies, mut bytes) = (Vec::new(), 0);
    let window = Window::open(peer.parts())?;
    let began = Instant::now();
    while began.elapsed() < measured {
        engine.turn(Duration::from_millis(50), |sends, link, arrival| {
            let Arrival::Answer { status: 200, body, .. } = arrival else {
                return Err(Error::from("not answered with 200"));
            };
            bytes = body.len();
            latencies.push(asked[link].elapsed());
            asked[link] = Instant::now();
            sends.request(link, request);
            Ok(())
        })?;
    }
    let use_ = window.close()?;
    latencies.sort_unstable();
    Ok((latencies.len() as f64 / use_.took_s, percentile_ms(&latencies, 0.5), bytes))
}
