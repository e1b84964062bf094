//! What does not stay costs next to nothing, in a room of thousands of connections: who types, who is idle, and what
//! each one has read. Everybody does each once; what the server spends on it is told, and how many frames tell of it.

use std::time::{Duration, Instant};

use crate::crowd::{Crowd, in_time};
use crate::engine::{Arrival, Engine, Link};
use crate::peer::chatter::Chatter;
use crate::peer::{Peer, Post, Target, User};
use crate::stats::{Use, Window, figure};
use crate::{Error, Result, mark};

/// How many do it at once.
const AT_ONCE: usize = 16;
/// What the server has to say about something, it has said by then: who is idle, after ten seconds.
const SETTLE: Duration = Duration::from_secs(12);

pub fn run(peer: &Chatter, size: u32) -> Result<()> {
    let (crowd, _) = super::crowd::enter(peer, size)?;
    let Crowd { mut engine, tokens, sockets, .. } = crowd;
    let figure = |what: &str, value: f64| figure(peer.name(), &format!("ephemeral-{size} {what}"), value);

    // With nobody doing anything, for as long as the server is given to tell of it.
    let idle = settled(peer, &mut engine)?;
    let idle_s = idle.used.server_cpu_s / idle.used.took_s;
    figure("CPU ms a second, idle", idle_s * 1_000.0);

    let tell = |what: &str, told: &Told| {
        let own = told.used.server_cpu_s - idle_s * told.used.took_s;
        figure(&format!("CPU µs {what}"), own * 1e6 / f64::from(size));
        figure(&format!("frames {what}"), told.frames as f64 / f64::from(size));
        told.used.tell(peer.name(), &format!("ephemeral-{size} {what}"));
    };
    let frames: [(&str, &str); 3] = [
        ("a typist", r#"{"op":"TYPING_START","d":{"conversation":1}}"#),
        ("one who goes idle", r#"{"op":"HEARTBEAT","d":{"idle":true}}"#),
        ("one who is back", r#"{"op":"HEARTBEAT","d":{"idle":false}}"#),
    ];
    for (what, frame) in frames {
        let (window, mut frames) = (Window::open(peer.parts())?, 0);
        for batch in sockets.chunks(AT_ONCE) {
            for socket in batch {
                engine.sends().text(*socket, frame);
            }
            frames += listen(&mut engine, Duration::ZERO)?;
        }
        let told = settle(&mut engine, window, frames)?;
        tell(what, &told);
    }

    let Post::Request(post) = peer.post(1, &tokens[0], Target::Everyone, &mark::content(0, 0), 0) else {
        return Err("a post is a request".into());
    };
    request_of_all(&mut engine, 1, |_| post.clone())?;
    let window = Window::open(peer.parts())?;
    let read = |user| peer.call("read-mark", "conversation_id=1&seq=1", user);
    let frames = request_of_all(&mut engine, size, read)?;
    let told = settle(&mut engine, window, frames)?;
    tell("a read mark", &told);
    Ok(())
}

struct Told {
    used: Use,
    /// Gateway frames that tell anybody of it.
    frames: u64,
}

fn settled(peer: &Chatter, engine: &mut Engine) -> Result<Told> {
    settle(engine, Window::open(peer.parts())?, 0)
}

/// Listens until the server has said what it has to say.
fn settle(engine: &mut Engine, window: Window, mut frames: u64) -> Result<Told> {
    let until = Instant::now() + SETTLE;
    while Instant::now() < until {
        frames += listen(engine, Duration::from_millis(50))?;
    }
    Ok(Told { used: window.close()?, frames })
}

fn listen(engine: &mut Engine, wait: Duration) -> Result<u64> {
    let mut frames = 0;
    engine.turn(wait, |_, _, arrival| {
        frames += u64::from(is_news(&arrival));
        Ok(())
    })?;
    Ok(frames)
}

/// Whether it tells of somebody, and not merely answers.
fn is_news(arrival: &Arrival<'_>) -> bool {
    let ops: [&[u8]; 3] = [br#"{"op":"TYPING_START""#, br#"{"op":"PRESENCE_UPDATE""#, br#"{"op":"READ_UPDATE""#];
    matches!(arrival, Arrival::Text(text) if ops.iter().any(|op| text.starts_with(op)))
}

/// A request of each of the first `size` users, some at once. How many frames tell of them meanwhile.
fn request_of_all(engine: &mut Engine, size: u32, request: impl Fn(User) -> String) -> Result<u64> {
    let deadline = Instant::now() + Duration::from_secs(120);
    let mut links: Vec<Link> = Vec::new();
    for user in 1..=User::try_from(AT_ONCE)?.min(size) {
        links.push(engine.connect(Some(&request(user)))?);
    }
    let (mut next, mut missing, mut frames) = (User::try_from(links.len())? + 1, size, 0);
    while missing > 0 {
        engine.turn(Duration::from_millis(50), |sends, link, arrival| {
            frames += u64::from(is_news(&arrival));
            match arrival {
                Arrival::Answer { status: 200, .. } => {
                    missing -= 1;
                    if next <= size {
                        sends.request(link, &request(next));
                        next += 1;
                    }
                }
                Arrival::Answer { status, body, .. } => {
                    let said = String::from_utf8_lossy(body);
                    return Err(Error::from(format!("a request was answered with {status}: {said}")));
                }
                Arrival::Text(_) | Arrival::Opened => {}
            }
            Ok(())
        })?;
        in_time(deadline, "requests")?;
    }
    for link in links {
        engine.close(link);
    }
    Ok(frames)
}
