//! `message-post`, with its faults.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::mode::Mode;
use super::reading::not_found;
use super::state::State;
use super::stored::Stored;

/// Every so many-th post is the one that the mode strikes.
const STRIKE: u64 = 12;
/// Of all posts, stored as they are: every so many-th is answered with a 503, or not at all.
const UNAVAILABLE: u64 = 23;
const SILENT: u64 = 29;
/// A free number is given to a message that comes so much later, so that it was surely begun later.
const LATER: Duration = Duration::from_millis(50);
/// After so many posts one user is not known any more, or not answered: the last one.
const TURNS: u64 = 200;
/// After every so many-th post a reader is thrown out.
const THROWS_OUT: u64 = 50;
/// Where it answers before it saves: it saves after every so many-th post, and crashes after every so many-th of the
/// first posts. They are no multiples of each other, so that something is always unsaved.
const SAVES: u64 = 16;
const CRASHES: u64 = 57;
const CRASHES_UNTIL: u64 = 300;

/// A status and a body; nothing where the connection just ends.
pub(super) type Reply = Option<(u16, Value)>;

pub(super) fn post(state: &mut State, user: usize, field: impl Fn(&str) -> Option<String>) -> Reply {
    let (content, nonce) = (field("content").unwrap_or_default(), field("nonce").unwrap_or_default());
    let target = field("target_id").and_then(|name| state.user(&name));
    if state.mode == Mode::RefusesTheBlocked && target.is_some_and(|other| state.blocks.contains(&(other, user))) {
        return Some((403, json!({"code": "forbidden", "message": "you are blocked"})));
    }
    let id = match target {
        Some(other) => state.direct(user, other),
        None => field("conversation_id").and_then(|id| id.parse().ok()).unwrap_or_default(),
    };
    if content.contains('\u{1}') {
        if state.mode == Mode::StoresRefused {
            store(state, id, user, &content, &nonce);
        }
        return Some((400, json!({"code": "content_control", "message": "no"})));
    }
    if user + 1 == state.users.len() && state.posts > TURNS {
        match state.mode {
            Mode::LosesSession => return Some((401, json!({"code": "unauthenticated", "message": "who?"}))),
            Mode::FallsSilent => return None,
            _ => {}
        }
    }
    if state.room(id, user).is_none() && !state.nonces.contains_key(&(user, nonce.clone())) {
        return not_found();
    }
    let known = state.nonces.get(&(user, nonce.clone())).copied();
    let seq = match known {
        Some(_) if state.mode == Mode::RefusesDuplicates && !nonce.contains("open") => {
            return Some((409, json!({"code": "nonce_reused", "message": "again?"})));
        }
        Some(_) if state.mode == Mode::RefusesRetries && state.unanswered.contains(&(user, nonce.clone())) => {
            return Some((409, json!({"code": "nonce_reused", "message": "again?"})));
        }
        Some((_, seq)) if state.mode != Mode::ForgetsNonces => seq,
        _ => {
            state.posts += 1;
            // Not the messages that open the conversations.
            let strikes = !nonce.contains("open") && state.posts.is_multiple_of(STRIKE);
            if strikes && state.mode == Mode::LosesConversation {
                return not_found();
            }
            let seq = enter(state, id, user, content, &nonce, strikes);
            state.nonces.insert((user, nonce.clone()), (id, seq));
            trouble(state);
            if state.posts.is_multiple_of(UNAVAILABLE) {
                state.unanswered.insert((user, nonce));
                return Some((503, json!({"code": "unavailable", "message": "was it?"})));
            }
            if state.posts.is_multiple_of(SILENT) {
                state.unanswered.insert((user, nonce));
                return None;
            }
            seq
        }
    };
    let is_off = state.mode == Mode::AcknowledgesAnotherSeq && nonce.ends_with('7');
    let answered = if is_off { seq + 1 } else { seq };
    Some((200, json!({"conversation_id": id, "seq": answered, "nonce": nonce})))
}

/// What befalls the server at this post, beside it.
fn trouble(state: &mut State) {
    let after = |every: u64| state.posts.is_multiple_of(every);
    if after(THROWS_OUT) && state.mode.throws_out() {
        state.throw_one_out();
    }
    if state.mode == Mode::AcknowledgesBeforeStoring {
        if state.posts.is_multiple_of(SAVES) {
            state.save();
        }
        if state.posts.is_multiple_of(CRASHES) && state.posts < CRASHES_UNTIL {
            state.crash();
        }
    }
}

/// Stores a new message, as the mode has it.
fn enter(state: &mut State, id: i64, user: usize, mut content: String, nonce: &str, strikes: bool) -> i64 {
    let mode = state.mode;
    let Some(index) = state.rooms.iter().position(|room| room.id == id) else { return 0 };
    if mode == Mode::ReordersLog {
        let room = &mut state.rooms[index];
        if let Some((seq, _)) = room.free.take_if(|(_, since)| since.elapsed() > LATER) {
            room.log.insert(seq, Stored::posted(user, &content, nonce));
            state.tell(index);
            return seq;
        }
        if strikes && room.free.is_none() {
            room.last += 1;
            room.free = Some((room.last, Instant::now()));
        }
    }
    if strikes && mode == Mode::DropsAcknowledged {
        return state.rooms[index].last + 1;
    }
    if strikes && mode == Mode::AltersContent {
        content.push('!');
    }
    let seq = store(state, id, user, &content, nonce);
    if strikes && mode == Mode::DoublesInLog {
        store(state, id, user, &content, nonce);
    }
    if strikes && mode == Mode::Phantom {
        // So high a number no writer comes to.
        store(state, id, user, &content, &format!("{nonce}99999999"));
    }
    seq
}

fn store(state: &mut State, id: i64, user: usize, content: &str, nonce: &str) -> i64 {
    let Some(index) = state.rooms.iter().position(|room| room.id == id) else { return 0 };
    let room = &mut state.rooms[index];
    room.last += 1;
    let seq = room.last;
    room.log.insert(seq, Stored::posted(user, content, nonce));
    room.read.insert(user, seq);
    state.tell(index);
    seq
}
