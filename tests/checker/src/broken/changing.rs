//! Edits, deletions and reactions, with their faults.

use serde_json::{Value, json};

use super::mode::Mode;
use super::posting::Reply;
use super::reading::not_found;
use super::state::State;
use super::stored::{Changed, Post, Stored};

/// Every so many-th change is the one that the mode strikes.
const STRIKE: u64 = 7;
/// What an altered text has at its end; the load writes none.
const ALTERED: char = '!';
/// Of all changes: every so many-th is answered with a 503, or not at all, once it is made.
const UNAVAILABLE: u64 = 23;
const SILENT: u64 = 29;
/// After so many changes one user is not answered any more: the last one.
const TURNS: u64 = 60;

/// What is asked for.
enum Wish {
    Edit(String),
    Delete,
    React { emoji: String, on: bool },
}

pub(super) fn change(state: &mut State, user: usize, function: &str, field: impl Fn(&str) -> Option<String>) -> Reply {
    let number = |name: &str| field(name).and_then(|value| value.parse().ok()).unwrap_or_default();
    let (id, of): (i64, i64) = (number("conversation_id"), number("seq"));
    let emoji = || field("emoji").unwrap_or_default();
    let wish = match function {
        "message-edit" => Wish::Edit(field("content").unwrap_or_default()),
        "message-delete" => Wish::Delete,
        "reaction-add" => Wish::React { emoji: emoji(), on: true },
        _ => Wish::React { emoji: emoji(), on: false },
    };
    if state.mode == Mode::FallsSilentOnChanges && user + 1 == state.users.len() && state.changes > TURNS {
        return None;
    }
    let floor = state.floor(id, user);
    let Some(post) = state.room(id, user).and_then(|room| room.log.get(&of)).and_then(Stored::message).cloned() else {
        return not_found();
    };
    if of < floor {
        return not_found();
    }
    let Some(then) = decided(&post, user, &wish) else {
        // Done before; or of what is deleted nothing can be made.
        let is_done = !post.is_deleted || matches!(wish, Wish::Delete);
        return if is_done { Some((200, state.message(of, &post))) } else { not_found() };
    };
    state.changes += 1;
    let strikes = state.changes.is_multiple_of(STRIKE);
    if strikes && state.mode == Mode::RefusesChanges {
        return Some((403, json!({"code": "forbidden", "message": "no"})));
    }
    let answer = enter(state, user, id, of, &wish, then, strikes);
    let after = |every: u64| state.changes.is_multiple_of(every);
    if after(UNAVAILABLE) {
        return Some((503, json!({"code": "unavailable", "message": "was it?"})));
    }
    if after(SILENT) { None } else { Some((200, answer)) }
}

/// What becomes of the message; nothing where there is nothing to do.
fn decided(post: &Post, user: usize, wish: &Wish) -> Option<Post> {
    let mut then = post.clone();
    match wish {
        Wish::Delete if post.is_deleted => return None,
        _ if post.is_deleted => return None,
        // Known again when it is repeated, also where it was altered: that is the one fault of its mode.
        Wish::Edit(content) if post.content.strip_suffix(ALTERED).unwrap_or(&post.content) == content => return None,
        Wish::Edit(content) => {
            then.before.push(std::mem::replace(&mut then.content, content.clone()));
            then.is_edited = true;
        }
        Wish::Delete => {
            then.before.push(std::mem::take(&mut then.content));
            (then.is_edited, then.is_deleted, then.gone) = (false, true, std::mem::take(&mut then.reactions));
        }
        Wish::React { emoji, on } => {
            let at = then.reactions.iter().position(|(known, _)| known == emoji);
            let is_there = at.is_some_and(|at| then.reactions[at].1.contains(&user));
            match (at, on) {
                _ if is_there == *on => return None,
                (Some(at), true) => then.reactions[at].1.push(user),
                (Some(at), false) => then.reactions[at].1.retain(|other| *other != user),
                (None, _) => then.reactions.push((emoji.clone(), vec![user])),
            }
        }
    }
    Some(then)
}

/// Stores a change, as the mode has it; the answer.
fn enter(state: &mut State, by: usize, id: i64, of: i64, wish: &Wish, mut then: Post, strikes: bool) -> Value {
    let mode = state.mode;
    let Some(index) = state.rooms.iter().position(|room| room.id == id) else { return Value::Null };
    let reaction = if let Wish::React { emoji, on } = wish { Some((emoji.clone(), *on)) } else { None };
    let room = &mut state.rooms[index];
    if strikes && mode == Mode::DropsChanges {
        return json!({
            "seq": of, "version": room.last + 1, "author": state.author(then.author), "content": then.content,
            "nonce": then.nonce, "deleted": then.is_deleted, "edited_ms": then.is_edited.then_some(1),
        });
    }
    if strikes && mode == Mode::AltersEdits && matches!(wish, Wish::Edit(_)) {
        then.content.push(ALTERED);
    }
    let times = if strikes && mode == Mode::ChangesTwice { 2 } else { 1 };
    for _ in 0..times {
        let room = &mut state.rooms[index];
        room.last += 1;
        then.version = room.last;
        room.log.insert(of, Stored::Message(then.clone()));
        room.log.insert(room.last, Stored::Changed(Changed { of, by, reaction: reaction.clone() }));
        state.tell(index);
    }
    let mut answer = state.message(of, &then);
    if strikes && mode == Mode::AcknowledgesAnotherVersion {
        answer["version"] = json!(of);
    }
    answer
}
