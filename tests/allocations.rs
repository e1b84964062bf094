//! What a post, a delivery and a page allocate: counted in a process that holds the whole server, and clients that
//! allocate nothing. A binary of its own, as it has an allocator of its own, and one test, as the counts are the
//! process's.
//!
//! The budgets are in `benches/budgets/budgets.toml`; `scripts/budgets --set` sets them anew.

#![allow(clippy::unwrap_used)]

use std::alloc::System;
use std::net::SocketAddr;
use std::path::Path;

use chatter::server::auth::SessionToken;
use chatter::server::boot::{self, Running};
use chatter::server::clock::now_ms;
use chatter::server::config::{Config, Overrides};
use chatter::server::store::{NewRoom, NewSession, NewUser, Store};
use chatter_budgets::budgets::{Count, Unit, judge};
use chatter_budgets::client::{Http, Poster, Reader};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Readers of the room.
const READERS: i64 = 200;
/// Times that a step is done while it is counted.
const TIMES: u32 = 20;
/// How often it is counted. The least is what it costs: what else the server does now and then comes on top.
const ROUNDS: u32 = 9;

/// A server with so many users, who are all in the first conversation, and a cookie of each.
async fn start(data: &Path, users: i64) -> (Running, Vec<String>) {
    let overrides =
        Overrides { data: Some(data.to_owned()), addr: Some("127.0.0.1:0".parse().unwrap()), ..Overrides::default() };
    let mut config = Config::load(&overrides).unwrap();
    config.limits.posts_per_second = 1_000_000.try_into().unwrap();
    config.limits.posts_burst = 1_000_000.try_into().unwrap();
    let running = boot::start(config).await.unwrap();
    let store: &dyn Store = &*running.state.chat.store;
    let (mut members, mut cookies) = (Vec::new(), Vec::new());
    for number in 1..=users {
        let name = format!("u{number}");
        let user = NewUser { folded: name.clone(), name, password_hash: None, now_ms: now_ms() };
        let (user, token) = (store.user_create(user).await.unwrap().id, SessionToken::generate());
        let (now_ms, expires_ms) = (now_ms(), now_ms() + 3_600_000);
        let session = NewSession { user, token_hash: token.hash(), now_ms, expires_ms, client: None, replaces: None };
        store.session_create(session).await.unwrap();
        members.push(user);
        cookies.push(format!("session={}", token.expose()));
    }
    let room = NewRoom { title: "Everyone here".into(), everyone: false, members, now_ms: now_ms() };
    assert_eq!(store.room_create(room).await.unwrap().0, 1);
    (running, cookies)
}

/// What a step allocates, in calls that allocate or grow. It is told how often it was done.
fn cost(mut step: impl FnMut(u32)) -> f64 {
    let mut done = 0;
    let mut round = || {
        let region = Region::new(ALLOCATOR);
        for _ in 0..TIMES {
            done += 1;
            step(done);
        }
        let change = region.change();
        change.allocations + change.reallocations
    };
    // What is made once is made by now.
    round();
    let least = (0..ROUNDS).map(|_| round()).min().unwrap();
    least as f64 / f64::from(TIMES)
}

#[test]
fn steps_allocate_no_more_than_their_budgets() {
    let data = tempfile::tempdir().unwrap();
    // One worker: work that moves between workers allocates now more, now less.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (running, cookies) = runtime.block_on(start(data.path(), READERS + 2));
    let address: SocketAddr = running.address;

    let mut author = Poster::connect(address, &cookies[0], "target_id=2", "direct").unwrap();
    let post = cost(|number| author.post(number).unwrap());

    let mut author = Poster::connect(address, &cookies[0], "conversation_id=1", "alone").unwrap();
    let unheard = cost(|number| author.post(number).unwrap());

    let mut guest = Http::connect(address, &cookies[1]).unwrap();
    let request = guest.page("/c/1");
    let mut author = Poster::connect(address, &cookies[0], "conversation_id=1", "read").unwrap();
    let read = cost(|number| {
        author.post(number).unwrap();
        guest.ask(&request).unwrap();
        guest.answered().unwrap();
    });

    let mut readers: Vec<Reader> = cookies[2..].iter().map(|cookie| Reader::enter(address, cookie).unwrap()).collect();
    let mut author = Poster::connect(address, &cookies[0], "conversation_id=1", "heard").unwrap();
    let heard = cost(|number| {
        author.post(number).unwrap();
        readers.iter_mut().for_each(|reader| reader.hear().unwrap());
    });

    let page = cost(|_| {
        guest.ask(&request).unwrap();
        guest.answered().unwrap();
    });

    let counts = [
        Count { step: "a post", cost: post },
        Count { step: "a post to a room that nobody reads", cost: unheard },
        Count { step: "a delivery", cost: (heard - unheard) / READERS as f64 },
        Count { step: "a page of 50 messages", cost: page },
        Count { step: "a page of 50 messages, one of them new", cost: read - unheard },
    ];
    // On lines of their own, where the test runner has begun one.
    println!();
    let are_within = judge(Unit::Allocations, &counts, |line| println!("{line}")).unwrap();
    drop(readers);
    runtime.block_on(running.stop());
    assert!(are_within, "a step allocates more than its budget: see the lines above");
}
