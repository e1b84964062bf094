//! Counts the instructions of the release program, step by step, and holds them to their budgets.
//!
//! The server runs under callgrind, which counts while a step is done over and over; the clients run beside it, at full
//! speed. What a step costs does not depend on how fast the machine is or what else it does, but for how often the
//! server's own timers come in between: so every step is counted in five rounds, and the one in the middle counts.
//!
//! `scripts/budgets` runs this.

#![expect(clippy::print_stdout, reason = "its lines are what it is for")]
#![expect(unreachable_pub, reason = "one program")]

mod server;

use std::process::ExitCode;

use chatter_budgets::Result;
use chatter_budgets::budgets::{Count, Unit, judge};
use chatter_budgets::client::{Http, Poster, Reader};
use server::Server;

/// Members of the room.
const MEMBERS: usize = 202;
/// Those of them that read.
const READERS: usize = 200;
/// Users who post at the same time.
const AT_ONCE: usize = 64;
/// How often each step is counted.
const ROUNDS: usize = 5;

fn main() -> Result<ExitCode> {
    let counts = count()?;
    let are_within = judge(Unit::Instructions, &counts, |line| println!("{line}"))?;
    Ok(if are_within { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Every step. None has had a reader before the deliveries.
fn count() -> Result<Vec<Count>> {
    let server = Server::start(MEMBERS)?;
    let (address, cookies) = (server.address, &server.cookies);
    let author = |target, nonces| Poster::connect(address, &cookies[0], target, nonces);

    let mut one = author("target_id=2", "direct")?;
    let post = cost(&server, 100, |number| one.post(number))?;

    let mut many = Vec::new();
    for (at, cookie) in cookies.iter().take(AT_ONCE).enumerate() {
        many.push(Poster::connect(address, cookie, &format!("target_id={}", at + 2), "at-once")?);
    }
    let posts = cost(&server, 6, |number| {
        many.iter_mut().try_for_each(|poster| poster.send(number))?;
        many.iter_mut().try_for_each(Poster::posted)
    })?;
    drop(many);

    let mut unread = author("conversation_id=1", "unread")?;
    let unheard = cost(&server, 100, |number| unread.post(number))?;

    let mut guest = Http::connect(address, &cookies[1])?;
    let request = guest.page("/c/1");
    let page = cost(&server, 10, |_| {
        guest.ask(&request)?;
        guest.answered().map(drop)
    })?;

    let mut visitors = cookies[2..].iter();
    let entering = cost(&server, 6, |_| {
        let cookie = visitors.next().ok_or("too few users")?;
        Reader::enter(address, cookie).map(drop)
    })?;

    let mut said = author("conversation_id=1", "said")?;
    let after = cost(&server, 10, |number| {
        said.post(number)?;
        guest.ask(&request)?;
        guest.answered().map(drop)
    })?;

    let mut readers = cookies[2..].iter().map(|cookie| Reader::enter(address, cookie)).collect::<Result<Vec<_>>>()?;
    let mut read = author("conversation_id=1", "read")?;
    let heard = cost(&server, 20, |number| {
        read.post(number)?;
        readers.iter_mut().try_for_each(Reader::hear)
    })?;

    Ok(vec![
        Count { step: "a post, one at a time", cost: post },
        Count { step: "a post of 64 at a time", cost: posts / AT_ONCE as f64 },
        Count { step: "a delivery to one of 200 readers", cost: (heard - unheard) / READERS as f64 },
        Count { step: "a page of 50 messages", cost: page },
        Count { step: "a page of 50 messages, one of them new", cost: after - unheard },
        Count { step: "a client that enters and leaves", cost: entering },
    ])
}

/// What one time costs, of so many in a row: the one in the middle of the rounds. It is told how often it was done.
fn cost(server: &Server, times: u32, mut step: impl FnMut(u32) -> Result<()>) -> Result<f64> {
    let mut done = 0;
    let mut round = |times| {
        for _ in 0..times {
            done += 1;
            step(done)?;
        }
        Ok(())
    };
    // What is made once is made by now.
    round(times.min(10))?;
    let mut costs = Vec::new();
    for _ in 0..ROUNDS {
        costs.push(server.counted(|| round(times))? as f64 / f64::from(times));
    }
    if std::env::var_os("BUDGETS_ROUNDS").is_some() {
        println!("  {costs:.0?}");
    }
    costs.sort_by(f64::total_cmp);
    Ok(costs[ROUNDS / 2])
}
