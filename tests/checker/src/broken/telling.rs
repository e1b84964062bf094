//! How the log's entries look on the wire, with the faults of that.

use serde_json::{Value, json};

use super::mode::Mode;
use super::state::State;
use super::stored::{Changed, Post, Room, Stored};

impl State {
    /// An entry of a log: as it was made, or, replayed, as things stand now; to somebody who may see what is from
    /// `floor` on.
    pub(super) fn frame(&self, room: &Room, seq: i64, floor: i64, is_live: bool) -> Value {
        let Some(stored) = room.log.get(&seq) else { return Value::Null };
        let (op, d) = match stored {
            Stored::Joined(user) => ("MEMBER_ADD", json!({"user": self.author(*user)})),
            Stored::Left(user) => ("MEMBER_REMOVE", json!({"user": self.author(*user)})),
            Stored::Message(post) => self.shown("MESSAGE_CREATE", seq, post, floor),
            Stored::Changed(Changed { of, by, reaction: Some((emoji, on)) })
                if is_live || *of < floor && self.mode != Mode::ShowsOldToNew =>
            {
                // One who has not followed takes another for it.
                let wrong = is_live && self.mode == Mode::TellsAnotherReaction && seq % 5 == 0;
                let emoji = if wrong { "🦖" } else { emoji.as_str() };
                let op = if *on { "REACTION_ADD" } else { "REACTION_REMOVE" };
                (op, json!({"seq": of, "emoji": emoji, "user": self.author(*by)}))
            }
            Stored::Changed(Changed { of, .. }) => match room.log.get(of).and_then(Stored::message) {
                Some(post) if is_live && self.mode == Mode::TellsTheOldText && post.is_edited => {
                    let old = Post { content: post.before.last().cloned().unwrap_or_default(), ..post.clone() };
                    self.shown("MESSAGE_UPDATE", *of, &old, floor)
                }
                Some(post) => self.shown("MESSAGE_UPDATE", *of, post, floor),
                None => ("MESSAGE_UPDATE", Value::Null),
            },
        };
        json!({"op": op, "c": room.id, "s": seq, "d": d})
    }

    /// Of what is deleted, or of before the viewer joined, nothing but that it was.
    fn shown(&self, op: &'static str, seq: i64, post: &Post, floor: i64) -> (&'static str, Value) {
        let is_hidden = seq < floor && self.mode != Mode::ShowsOldToNew;
        let op = if post.is_deleted || is_hidden { "MESSAGE_DELETE" } else { op };
        // As if the entry itself still had it.
        if post.is_deleted && !is_hidden && self.mode == Mode::ReplaysDeleted {
            let content = post.before.last().cloned().unwrap_or_default();
            let (is_edited, reactions) = (post.before.len() > 1, post.gone.clone());
            let old = Post { content, is_edited, reactions, is_deleted: false, ..post.clone() };
            return (op, self.message(seq, &old));
        }
        let mut message = self.message(seq, post);
        if is_hidden {
            message["content"] = json!("");
            message["deleted"] = json!(true);
            message["reactions"] = json!([]);
            message["edited_ms"] = Value::Null;
        }
        (op, message)
    }

    /// A message as the lists show it.
    pub(super) fn message(&self, seq: i64, post: &Post) -> Value {
        let reactions: Vec<Value> = post
            .reactions
            .iter()
            .map(|(emoji, users)| json!({"emoji": emoji, "users": users.iter().map(|u| u + 1).collect::<Vec<_>>()}))
            .collect();
        json!({
            "seq": seq, "version": post.version.max(seq), "author": self.author(post.author), "content": post.content,
            "created_ms": 0, "nonce": post.nonce, "edited_ms": post.is_edited.then_some(1), "deleted": post.is_deleted,
            "reactions": reactions,
        })
    }

    /// What one subscriber is told in place of what all are told.
    pub(super) fn own_frame(&self, room: &Room, seq: i64, stored: Option<&Stored>, user: usize) -> Option<String> {
        let floor = room.joined.get(&user).copied().unwrap_or_default();
        let Some(Stored::Changed(Changed { of, .. })) = stored else { return None };
        (*of < floor).then(|| self.frame(room, seq, floor, true).to_string())
    }

    /// Enters something in a user's inbox, and tells it.
    pub(super) fn inbox(&mut self, user: usize, id: i64, is_theirs: bool) {
        if !is_theirs && self.mode == Mode::InboxForgetsGoing {
            return;
        }
        self.inboxes[user].push((id, is_theirs));
        let seq = self.inboxes[user].len();
        let frame = self.inbox_frame(seq, id, is_theirs);
        for subscriber in self.subscribers.iter().filter(|subscriber| subscriber.user == user) {
            let _ = subscriber.frames.send(frame.clone());
        }
    }

    pub(super) fn inbox_frame(&self, seq: usize, id: i64, is_theirs: bool) -> String {
        let room = self.rooms.iter().find(|room| room.id == id).filter(|_| is_theirs);
        let frame = match room {
            Some(room) => json!({"op": "CONVERSATION_CREATE", "s": seq, "d": self.full(room)}),
            None => json!({"op": "CONVERSATION_DELETE", "s": seq, "d": {"id": id}}),
        };
        frame.to_string()
    }

    /// A conversation as READY and the inbox tell it in full.
    pub(super) fn full(&self, room: &Room) -> Value {
        let members: Vec<Value> = room.members.iter().filter(|_| room.is_group).map(|m| self.author(*m)).collect();
        let kind = if room.is_group { "group" } else { "room" };
        json!({"id": room.id, "kind": kind, "members": members, "member_count": room.members.len()})
    }
}
