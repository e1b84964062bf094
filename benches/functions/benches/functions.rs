//! Criterion's times of the functions that every post, delivery and connection goes through: for whoever works on one
//! of them. `cargo bench -p chatter-functions` runs all, `cargo bench -p chatter-functions -- frames` those of that name.

#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::hint::black_box;

use axum::body::Body;
use axum::http::{Request, header};
use chatter::api::ApiError;
use chatter::api::message_post::MessagePost;
use chatter::protocol::frame::Identify;
use chatter::protocol::{ClientFrame, Event, MessageList, Seq, ServerFrame, SessionId, Stream, UserId, content};
use chatter::server::auth::{GatewayTokens, SessionToken};
use chatter::server::bus::BusMessage;
use chatter::server::chatters::{Chatters, Frame, Line, Outgoing, Seam};
use chatter::server::clock::now_ms;
use chatter::server::secrets::GatewayKeys;
use chatter::server::store::sqlite::SqliteStore;
use chatter::server::store::{NewSession, NewUser, Store};
use chatter::ui::live::timeline::Timeline;
use chatter_functions::{CONVERSATION, ME, SHORT, event, long, message};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use futures_util::FutureExt;
use leptos::server_fn::codec::{FromReq, PostUrl};

fn frames(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("frames");
    let long = content::normalise(&long());
    for (name, text) in [("short", SHORT), ("long", &long)] {
        let event = event(1_000, text);
        group.bench_function(format!("event to JSON, {name}"), |b| b.iter(|| black_box(&event).encode()));
        group.bench_function(format!("event to bus message, {name}"), |b| {
            b.iter(|| BusMessage::of_event(black_box(&event)));
        });
        let json = event.encode();
        group.bench_function(format!("JSON to event, {name}"), |b| {
            b.iter(|| ServerFrame::decode(black_box(&json), ME).unwrap());
        });
    }
    let token = "x".repeat(300);
    let cursors = (1..=20).map(|log: i64| (log.to_string(), log * 1_000)).collect::<HashMap<_, _>>();
    let identify = format!(r#"{{"op":"IDENTIFY","d":{{"token":"{token}"}}}}"#);
    let with_cursors =
        format!(r#"{{"op":"IDENTIFY","d":{{"token":"{token}","cursors":{}}}}}"#, json_of_numbers(&cursors));
    let heartbeat = r#"{"op":"HEARTBEAT"}"#;
    for (name, text) in [("IDENTIFY", &*identify), ("IDENTIFY of 20 logs", &with_cursors), ("HEARTBEAT", heartbeat)] {
        let decoded = ClientFrame::decode(text).unwrap();
        assert!(matches!(&decoded, ClientFrame::Identify(Identify { .. }) | ClientFrame::Heartbeat { .. }));
        group.bench_function(format!("client's {name}"), |b| b.iter(|| ClientFrame::decode(black_box(text)).unwrap()));
    }
    group.finish();
}

fn json_of_numbers(numbers: &HashMap<String, i64>) -> String {
    let fields: Vec<String> = numbers.iter().map(|(name, number)| format!("{name:?}:{number}")).collect();
    format!("{{{}}}", fields.join(","))
}

fn deliveries(criterion: &mut Criterion) {
    const READERS: i64 = 1_000;
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (left, _left) = tokio::sync::mpsc::unbounded_channel();
    let chatters = Chatters::new(left);
    // Sockets that take everything: what is measured is the way to them.
    let registrations: Vec<_> = (1..=READERS)
        .map(|reader| {
            let line = Line::new(Box::new(tokio::io::sink()));
            line.open(Seam::default());
            chatters.register(UserId(reader), SessionId(reader), &line).unwrap()
        })
        .collect();
    let readers: Vec<UserId> = (1..=READERS).map(UserId).collect();
    let frame = Frame::from(event(1, SHORT).encode());
    let outgoing = Outgoing { position: Some((Stream::Conversation(CONVERSATION), Seq(1))), frame };
    let mut group = criterion.benchmark_group("deliveries");
    group.throughput(Throughput::Elements(READERS.unsigned_abs()));
    group.bench_function("a frame to 1,000 lines", |b| {
        b.iter(|| {
            runtime.block_on(async {
                chatters.send_all(readers.iter(), black_box(&outgoing));
                // The flush has the lines in chunks, a task each.
                for _ in 0..8 {
                    tokio::task::yield_now().await;
                }
            });
        });
    });
    group.finish();
    drop(registrations);
}

fn callers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("callers");
    let tokens = GatewayTokens::new(&GatewayKeys::generate());
    let now = now_ms();
    let token = tokens.issue(ME, SessionId(9), now);
    group.bench_function("gateway token: issue", |b| b.iter(|| tokens.issue(ME, SessionId(9), black_box(now))));
    group.bench_function("gateway token: verify", |b| {
        b.iter(|| tokens.verify(black_box(&token), now).unwrap());
    });

    let session = SessionToken::generate();
    let cookie = session.expose();
    group.bench_function("session cookie: read and hash", |b| {
        b.iter(|| SessionToken::parse(black_box(&cookie)).unwrap().hash());
    });
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (store, _committed) = SqliteStore::open(&folder.path().join("chatter.db"), [0; 32]).unwrap();
    let hash = session.hash();
    runtime.block_on(async {
        let user = NewUser { name: "ada".into(), folded: "ada".into(), password_hash: None, now_ms: now };
        let user = store.user_create(user).await.unwrap().id;
        let expires_ms = now + 3_600_000;
        store
            .session_create(NewSession {
                user,
                token_hash: hash,
                now_ms: now,
                expires_ms,
                client: None,
                replaces: None,
            })
            .await
            .unwrap();
        // From now on it is kept.
        store.session_by_token(hash, now).await.unwrap().unwrap();
    });
    group.bench_function("session: look up one that is kept", |b| {
        b.iter(|| store.session_by_token(black_box(hash), now).now_or_never().unwrap().unwrap().unwrap());
    });
    group.finish();
    runtime.block_on(store.close());
}

fn posts(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("posts");
    let long = long();
    for (name, text) in [("short", SHORT), ("long", &long)] {
        group.bench_function(format!("content: normalise and check, {name}"), |b| {
            b.iter(|| {
                let text = content::normalise(black_box(text));
                content::check(&text).unwrap();
                text
            });
        });
        let escaped: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let body = format!("conversation_id=42&content={escaped}&nonce=018f6f3a-7c1e-7000-8000-0123456789ab");
        let request = || {
            let form = "application/x-www-form-urlencoded";
            Request::post("/api/message-post")
                .header(header::CONTENT_TYPE, form)
                .body(Body::from(body.clone()))
                .unwrap()
        };
        group.bench_function(format!("form: read, {name}"), |b| {
            b.iter_batched(
                request,
                |request| {
                    let read = <MessagePost as FromReq<PostUrl, Request<Body>, ApiError>>::from_req(request);
                    read.now_or_never().unwrap().unwrap()
                },
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

fn timelines(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("timelines");
    let messages = (1..=50).map(|seq| message(seq, SHORT)).collect();
    let page = Timeline::from_page(
        CONVERSATION,
        MessageList { messages, quoted: Vec::new(), as_of: Seq(50), more: false, newer: false },
    );
    let next = event(51, SHORT);
    group.bench_function("the next event", |b| {
        b.iter_batched_ref(|| page.clone(), |timeline| timeline.apply(black_box(&next), ME), BatchSize::SmallInput);
    });
    // The worst that a line may do: the last one first.
    let backwards: Vec<Event> = (51..=150).rev().map(|seq| event(seq, SHORT)).collect();
    group.bench_function("100 events, the last one first", |b| {
        b.iter_batched_ref(
            || page.clone(),
            |timeline| backwards.iter().for_each(|event| timeline.apply(event, ME)),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("50 messages to rows", |b| b.iter(|| black_box(&page).rows(ME, |_| 60, Some(Seq(40)))));
    group.finish();
}

criterion_group!(all, frames, deliveries, callers, posts, timelines);
criterion_main!(all);
