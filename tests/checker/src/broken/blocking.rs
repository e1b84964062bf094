//! `user-block` and `user-unblock`, with the faults of that.

use super::mode::Mode;
use super::posting::Reply;
use super::reading::not_found;
use super::state::State;
use super::stored::Room;

/// Whoever blocks the other is no member of their conversation meanwhile.
pub(super) fn set(state: &mut State, user: usize, other: usize, on: bool) -> Reply {
    if other >= state.users.len() || other == user {
        return not_found();
    }
    let is_new = if on { state.blocks.insert((user, other)) } else { state.blocks.remove(&(user, other)) };
    let mode = state.mode;
    if is_new && let Some(room) = state.rooms.iter_mut().find(|room| room.pair == Some(pair(user, other))) {
        if on {
            room.members.retain(|member| *member != user);
        } else {
            room.members.push(user);
            // Nothing of what was written meanwhile is unread.
            room.read.insert(user, room.last);
            room.back.insert(user);
            if mode == Mode::HidesWhatTheBlockedWrote {
                room.joined.insert(user, room.last + 1);
            }
        }
        let id = room.id;
        state.inbox(user, id, !on);
    }
    Some((200, state.author(other)))
}

/// Two, whoever of them comes first.
pub(super) fn pair(one: usize, other: usize) -> (usize, usize) {
    (one.min(other), one.max(other))
}

impl State {
    /// Whether it is the direct conversation with somebody whom the user has blocked.
    pub(super) fn has_blocked(&self, room: &Room, user: usize) -> bool {
        room.pair.is_some_and(|(one, other)| {
            self.blocks.contains(&(user, one)) && other == user || self.blocks.contains(&(user, other)) && one == user
        })
    }
}
