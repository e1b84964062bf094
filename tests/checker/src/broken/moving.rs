//! Groups, and who comes to them and goes from them, with the faults of that.

use serde_json::{Value, json};

use super::mode::Mode;
use super::posting::Reply;
use super::reading::not_found;
use super::state::State;
use super::stored::{Room, Stored};

/// Every so many-th move is the one that the mode strikes.
const STRIKE: u64 = 5;

pub(super) fn create(state: &mut State, user: usize, members: &str) -> Reply {
    let mut members: Vec<usize> = members.split(' ').filter_map(|name| state.user(name)).collect();
    members.push(user);
    let id = state.rooms.len() as i64 + 1;
    let joined = members.iter().map(|member| (*member, 0)).collect();
    state.rooms.push(Room::group(id, members.clone(), joined));
    for member in members {
        state.inbox(member, id, true);
    }
    state.rooms.last().map(|room| (200, state.full(room)))
}

pub(super) fn add(state: &mut State, user: usize, id: i64, name: &str) -> Reply {
    let coming = state.user(name)?;
    if state.room(id, user).is_none() {
        return not_found();
    }
    let index = state.rooms.iter().position(|room| room.id == id)?;
    if !state.rooms[index].members.contains(&coming) {
        state.moves += 1;
        let mode = state.mode;
        let room = &mut state.rooms[index];
        room.last += 1;
        let seq = room.last;
        room.log.insert(seq, Stored::Joined(coming));
        room.members.push(coming);
        room.joined.insert(coming, seq);
        if mode != Mode::KeepsMarkOfBefore {
            room.read.insert(coming, seq);
        }
        state.inbox(coming, id, true);
        state.tell(index);
    }
    state.rooms.get(index).map(|room| (200, state.full(room)))
}

pub(super) fn remove(state: &mut State, user: usize, id: i64, going: usize) -> Reply {
    if state.room(id, user).is_none() {
        return not_found();
    }
    let index = state.rooms.iter().position(|room| room.id == id)?;
    if !state.rooms[index].members.contains(&going) {
        return Some((200, Value::Null));
    }
    state.moves += 1;
    let strikes = state.moves.is_multiple_of(STRIKE);
    let mode = state.mode;
    if strikes && mode == Mode::ForgetsGoing {
        return Some((200, Value::Null));
    }
    for _ in 0..if strikes && mode == Mode::GoesTwice { 2 } else { 1 } {
        let room = &mut state.rooms[index];
        room.last += 1;
        room.log.insert(room.last, Stored::Left(going));
        // They are told what removed them, and nothing after it.
        if mode == Mode::RemovesInSilence {
            room.members.retain(|member| *member != going);
        }
        state.tell(index);
        state.rooms[index].members.retain(|member| *member != going);
        state.inbox(going, id, false);
    }
    Some((200, Value::Null))
}

pub(super) fn list(state: &mut State, user: usize, id: i64) -> Reply {
    let mode = state.mode;
    let Some(room) = state.room(id, user) else { return not_found() };
    let mut members = room.members.clone();
    if mode == Mode::ListsTheWrongMembers {
        members = room.joined.keys().copied().filter(|member| !room.members.contains(member)).collect();
    }
    let members: Vec<Value> = members.into_iter().map(|member| state.author(member)).collect();
    Some((200, json!({"members": members, "more": false})))
}
