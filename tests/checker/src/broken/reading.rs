//! Lists, marks and READY, with their faults.

use serde_json::{Value, json};

use super::mode::Mode;
use super::posting::Reply;
use super::state::State;
use super::stored::{Post, Room, Stored};

/// Missed events that are replayed, of one conversation; more are reset. Few, so that both happen.
const REPLAY: i64 = 40;

pub(super) fn not_found() -> Reply {
    Some((404, json!({"code": "not_found", "message": "not here"})))
}

/// A page of `message-list` or `event-list`.
pub(super) fn page(state: &mut State, user: usize, id: i64, after: i64, messages: bool) -> Reply {
    state.fill_free();
    let hides = messages && state.mode == Mode::HidesFromOneMember && user == 0;
    let mode = state.mode;
    let floor = if mode == Mode::ShowsBeforeJoining { 0 } else { state.floor(id, user) };
    let lists = mode == Mode::ListsTheBlocked && messages;
    let lists = lists && state.rooms.iter().any(|room| room.id == id && state.has_blocked(room, user));
    if !lists && state.readable(id, user).is_none() {
        return not_found();
    }
    let Some(room) = state.rooms.iter().find(|room| room.id == id) else { return not_found() };
    let is_shown = |seq: i64, stored: &Stored| !(messages && stored.message().is_none() || hides && seq % 10 == 0);
    let from = floor.max(after + 1);
    let shown: Vec<(i64, &Stored)> = room
        .log
        .range(from..)
        .filter(|(seq, stored)| is_shown(**seq, stored))
        .map(|(s, e)| (*s, e))
        .take(101)
        .collect();
    let more = shown.len() > 100;
    let listed = |seq: i64, post: &Post| match post.before.last() {
        // As if it had been read before it was changed.
        Some(old) if mode == Mode::ListsTheOldText && post.is_edited => {
            state.message(seq, &Post { content: old.clone(), ..post.clone() })
        }
        _ => state.message(seq, post),
    };
    let entries: Vec<Value> = shown
        .iter()
        .take(100)
        .map(|(seq, stored)| match stored.message().filter(|_| messages) {
            Some(post) => listed(*seq, post),
            None => state.frame(room, *seq, floor, false),
        })
        .collect();
    let name = if messages { "messages" } else { "events" };
    Some((200, json!({name: entries, "as_of": room.last, "more": more})))
}

/// What a message said.
pub(super) fn history(state: &mut State, user: usize, id: i64, seq: i64) -> Reply {
    let keeps = state.mode == Mode::KeepsDeletedInHistory;
    let post = state.room(id, user).and_then(|room| room.log.get(&seq)).and_then(Stored::message);
    let Some(post) = post else { return not_found() };
    let before = post.before.iter().filter(|_| keeps || !post.is_deleted);
    let edits: Vec<Value> =
        before.chain([&post.content]).map(|content| json!({"content": content, "written_ms": 0})).collect();
    Some((200, json!({"edits": edits})))
}

pub(super) fn mark(state: &mut State, user: usize, id: i64, seq: i64) -> Reply {
    let mode = state.mode;
    let Some(room) = state.room(id, user) else { return not_found() };
    let seq = seq.min(room.last);
    let mark = room.read.entry(user).or_default();
    *mark = if mode == Mode::MarksGoBack { seq } else { seq.max(*mark) };
    // Elsewhere nothing hangs on it, and it would be most of what all servers together have to tell.
    if matches!(mode, Mode::Correct | Mode::TellsMarksAhead) {
        let ahead = if mode == Mode::TellsMarksAhead { 1_000 } else { 0 };
        let told = json!({"conversation": id, "user": user + 1, "read_seq": *mark + ahead});
        let frame = json!({"op": "READ_UPDATE", "d": told}).to_string();
        let members = room.members.clone();
        for subscriber in state.subscribers.iter().filter(|subscriber| members.contains(&subscriber.user)) {
            let _ = subscriber.frames.send(frame.clone());
        }
    }
    Some((200, Value::Null))
}

/// How far the members have read.
pub(super) fn readers(state: &mut State, user: usize, id: i64) -> Reply {
    let ahead = i64::from(state.mode == Mode::ListsMarksAhead);
    let Some(room) = state.room(id, user) else { return not_found() };
    let of = |member: &usize| json!([member + 1, read_seq(room, *member) + ahead]);
    let readers: Vec<Value> = room.members.iter().map(of).collect();
    Some((200, json!({"readers": readers})))
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
    let unread = unread(mode, room, user) + wrong;
    json!({
        "conversation": {"id": room.id, "kind": "room", "members": [], "member_count": room.members.len()},
        "last_seq": room.last, "read_seq": read_seq(room, user), "unread": unread, "active_ms": 0,
    })
}

fn read_seq(room: &Room, user: usize) -> i64 {
    // After a crash a mark may be beyond the log.
    room.read.get(&user).copied().unwrap_or_default().min(room.last)
}

fn unread(mode: Mode, room: &Room, user: usize) -> i64 {
    let after = room.log.range(read_seq(room, user) + 1..).filter_map(|(_, stored)| stored.message());
    let is_unread = |post: &&Post| post.author != user && (!post.is_deleted || mode == Mode::CountsDeleted);
    after.filter(is_unread).count().min(1_000) as i64
}

/// READY and the replays, for cursors by conversation. What is told from now on follows without a gap.
pub(super) fn ready(state: &mut State, user: usize, cursors: &Value) -> Vec<String> {
    state.fill_free();
    let (mut marks, mut reset, mut replays, mut full) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let inbox = &state.inboxes[user];
    if let Some(cursor) = cursors["inbox"].as_u64().and_then(|cursor| usize::try_from(cursor).ok()) {
        for (index, (id, is_theirs)) in inbox.iter().enumerate().skip(cursor) {
            // As things stand now.
            let is_theirs = *is_theirs && state.rooms.iter().any(|room| room.id == *id && room.members.contains(&user));
            replays.push(state.inbox_frame(index + 1, *id, is_theirs));
        }
    }
    for room in &state.rooms {
        let left = state.mode == Mode::ReadyNamesWhatWasLeft && cursors.is_null() && room.joined.contains_key(&user);
        if !room.members.contains(&user) && !left {
            continue;
        }
        marks.push(json!([room.id, room.last, read_seq(room, user), unread(state.mode, room, user)]));
        let floor = room.joined.get(&user).copied().unwrap_or_default();
        let cursor = cursors[room.id.to_string()].as_i64();
        let is_good = cursor.is_some_and(|c| (floor..=room.last).contains(&c) && room.last - c <= REPLAY);
        if !is_good {
            full.push(state.full(room));
            reset.extend(cursor.map(|_| room.id));
            continue;
        }
        let cursor = cursor.unwrap_or_default();
        let from = match state.mode {
            Mode::HoleAfterResume if cursor > 1 => cursor + 2,
            Mode::RepeatsAtResume => cursor.max(1),
            _ => cursor + 1,
        };
        let frames = room.log.range(from..).map(|(seq, _)| state.frame(room, *seq, floor, false).to_string());
        replays.extend(frames);
    }
    let ready = json!({"op": "READY", "d": {
        "user": state.author(user), "inbox": {"s": inbox.len()}, "marks": marks, "conversations": full, "reset": reset,
        "part": 1, "parts": 1,
    }});
    let mut frames = vec![ready.to_string()];
    frames.append(&mut replays);
    frames
}
