//! Lists, marks and READY, with their faults.

use serde_json::{Value, json};

use super::mode::Mode;
use super::posting::Reply;
use super::state::{Room, State};

/// Missed events that are replayed, of one conversation; more are reset. Few, so that both happen.
const REPLAY: i64 = 40;

fn not_found() -> Reply {
    Some((404, json!({"code": "not_found", "message": "not here"})))
}

/// A page of `message-list` or `event-list`.
pub(super) fn page(state: &mut State, user: usize, id: i64, after: i64, messages: bool) -> Reply {
    state.fill_free();
    let hides = messages && state.mode == Mode::HidesFromOneMember && user == 0;
    let Some(room) = state.room(id, user) else { return not_found() };
    let as_of = room.last;
    let shown: Vec<(i64, _)> = room
        .log
        .range(after + 1..)
        .filter(|(seq, stored)| !(messages && stored.joined || hides && **seq % 10 == 0))
        .map(|(seq, stored)| (*seq, stored.clone()))
        .take(101)
        .collect();
    let more = shown.len() > 100;
    let entries: Vec<Value> = shown
        .iter()
        .take(100)
        .map(|(seq, stored)| match messages {
            false => state.frame(id, *seq, stored),
            true => json!({
                "seq": seq, "version": seq, "author": state.author(stored.author), "content": stored.content,
                "created_ms": 0, "nonce": stored.nonce,
            }),
        })
        .collect();
    let name = if messages { "messages" } else { "events" };
    Some((200, json!({name: entries, "as_of": as_of, "more": more})))
}

pub(super) fn mark(state: &mut State, user: usize, id: i64, seq: i64) -> Reply {
    let Some(room) = state.room(id, user) else { return not_found() };
    let seq = seq.min(room.last);
    let mark = room.read.entry(user).or_default();
    *mark = seq.max(*mark);
    Some((200, Value::Null))
}

pub(super) fn conversation(state: &mut State, user: usize, id: i64) -> Reply {
    state.fill_free();
    let mode = state.mode;
    state.room(id, user).map_or_else(not_found, |room| Some((200, summary(mode, room, user))))
}

pub(super) fn list(state: &mut State, user: usize) -> Reply {
    state.fill_free();
    let theirs = state.rooms.iter().filter(|room| room.members.contains(&user));
    let entries: Vec<Value> = theirs.map(|room| summary(state.mode, room, user)).collect();
    Some((200, json!({"conversations": entries, "more": false})))
}

fn summary(mode: Mode, room: &Room, user: usize) -> Value {
    let wrong = i64::from(mode == Mode::Miscounts && user == 0);
    json!({
        "conversation": {"id": room.id, "kind": "room", "members": [], "member_count": room.members.len()},
        "last_seq": room.last, "read_seq": read_seq(room, user), "unread": unread(room, user) + wrong, "active_ms": 0,
    })
}

fn read_seq(room: &Room, user: usize) -> i64 {
    // After a crash a mark may be beyond the log.
    room.read.get(&user).copied().unwrap_or_default().min(room.last)
}

fn unread(room: &Room, user: usize) -> i64 {
    let after = room.log.range(read_seq(room, user) + 1..);
    after.filter(|(_, stored)| !stored.joined && stored.author != user).count().min(1_000) as i64
}

/// READY and the replays, for cursors by conversation. What is told from now on follows without a gap.
pub(super) fn ready(state: &mut State, user: usize, cursors: &Value) -> Vec<String> {
    state.fill_free();
    let (mut marks, mut reset, mut replays) = (Vec::new(), Vec::new(), Vec::new());
    for room in state.rooms.iter().filter(|room| room.members.contains(&user)) {
        marks.push(json!([room.id, room.last, read_seq(room, user), unread(room, user)]));
        let Some(cursor) = cursors[room.id.to_string()].as_i64() else { continue };
        if !(0..=room.last).contains(&cursor) || room.last - cursor > REPLAY {
            reset.push(room.id);
            continue;
        }
        let from = match state.mode {
            Mode::HoleAfterResume if cursor > 1 => cursor + 2,
            Mode::RepeatsAtResume => cursor.max(1),
            _ => cursor + 1,
        };
        replays.extend(room.log.range(from..).map(|(seq, stored)| state.frame(room.id, *seq, stored).to_string()));
    }
    let ready = json!({"op": "READY", "d": {
        "user": state.author(user), "inbox": {"s": 0}, "marks": marks, "conversations": [], "reset": reset,
        "part": 1, "parts": 1,
    }});
    let mut frames = vec![ready.to_string()];
    frames.append(&mut replays);
    frames
}
