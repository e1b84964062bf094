//! What a frame or an entry of a list shows: what stands at its number in the log, and what it says of a message.

use super::shared::{Shared, locked, seq};
use crate::frames::{Body, Frame, Message, Reaction, UserRef};
use crate::history::{Entry, State, Text};
use crate::stamp::{OpId, digest, reaction};

/// What one entry shows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown {
    pub(super) entry: Entry,
    pub(super) effect: Effect,
}

/// What it says of a message of this run.
#[derive(Debug, Clone, Copy)]
pub(super) enum Effect {
    Nothing,
    /// How it stands.
    Stands {
        of: u32,
        state: State,
    },
    /// One reaction came or went, with this version.
    Reacted {
        of: u32,
        version: u32,
        reaction: u64,
        on: bool,
    },
}

impl Shared {
    /// What an event of a log is.
    pub(super) fn shown(&self, frame: &Frame) -> Shown {
        let (d, s) = (&frame.d, seq(frame.s.unwrap_or_default()));
        let of = d.seq.map_or(s, seq);
        match frame.op.as_str() {
            "MESSAGE_CREATE" => self.whole(s, s, d),
            "MESSAGE_UPDATE" | "MESSAGE_DELETE" => self.whole(of, s, d),
            "REACTION_ADD" | "REACTION_REMOVE" => {
                let (emoji, user) = (d.emoji.as_deref().unwrap_or_default(), user(d).map_or(0, |user| user.id));
                let on = frame.op == "REACTION_ADD";
                let effect = Effect::Reacted { of, version: s, reaction: reaction(emoji, user), on };
                Shown { entry: Entry::Change { of }, effect }
            }
            op => Shown { entry: self.member(op, d), effect: Effect::Nothing },
        }
    }

    /// The event `s` says how the message `of` stands: it created it, or changed it.
    fn whole(&self, of: u32, s: u32, d: &Body) -> Shown {
        let nobody = UserRef { id: 0, name: String::new() };
        let author = d.author.as_ref().unwrap_or(&nobody);
        let version = d.version.map_or(of, seq);
        let (nonce, content) = (d.nonce.as_deref().unwrap_or(""), d.content.as_deref().unwrap_or(""));
        let is_edited = d.edited_ms.is_some();
        let state = |text| State { version, text, is_edited, is_pinned: d.pinned, reactions: sum(&d.reactions) };
        let (entry, text) = self.said(author, nonce, content, d.deleted);
        let effect = text.map_or(Effect::Nothing, |text| Effect::Stands { of, state: state(text) });
        Shown { entry: if of == s { entry } else { Entry::Change { of } }, effect }
    }

    /// What an entry of `message-list` is.
    pub(super) fn listed(&self, message: &Message) -> Shown {
        let (entry, text) = self.said(&message.author, &message.nonce, &message.content, message.deleted);
        let effect = text.map_or(Effect::Nothing, |text| {
            let (version, is_edited) = (seq(message.version), message.edited_ms.is_some());
            let (is_pinned, reactions) = (message.pinned, sum(&message.reactions));
            Effect::Stands { of: seq(message.seq), state: State { version, text, is_edited, is_pinned, reactions } }
        });
        Shown { entry, effect }
    }

    /// Which message it is, and what it says: nothing of one that is none of this run's.
    fn said(&self, author: &UserRef, nonce: &str, content: &str, is_deleted: bool) -> (Entry, Option<Text>) {
        let Some(op) = self.stamp.op(nonce) else {
            return (Entry::Foreign { digest: digest(&[&author.name, nonce, content]) }, None);
        };
        let text = self.text(op, content, is_deleted);
        let digest = digest(&[&author.name, &author.id.to_string(), content]);
        let is_altered = matches!(text, Text::Altered { .. }) || !self.is(author, op.writer);
        (if is_altered { Entry::Altered { op, digest } } else { Entry::Message(op) }, Some(text))
    }

    fn text(&self, op: OpId, content: &str, is_deleted: bool) -> Text {
        if is_deleted && content.is_empty() {
            return Text::Gone;
        }
        if !is_deleted && content == self.stamp.content(op) {
            return Text::Posted;
        }
        let edited = self.stamp.edit(op, content).filter(|_| !is_deleted);
        edited.map_or_else(|| Text::Altered { digest: digest(&[content]) }, Text::Edited)
    }

    fn member(&self, op: &str, d: &Body) -> Entry {
        let named = user(d);
        let person = named.as_ref().and_then(|user| self.by_name.get(&user.name));
        match (op, person) {
            ("MEMBER_ADD", Some(&person)) => Entry::Member { person, is_in: true },
            ("MEMBER_REMOVE", Some(&person)) => Entry::Member { person, is_in: false },
            _ => Entry::Membership { digest: digest(&[op, named.as_ref().map_or("", |user| &user.name)]) },
        }
    }

    fn is(&self, author: &UserRef, person: u32) -> bool {
        let Some(named) = self.people.get(person as usize) else { return false };
        let mut ids = locked(&self.ids);
        let id = &mut ids[person as usize];
        if *id == 0 && named.name == author.name {
            *id = author.id;
        }
        named.name == author.name && *id == author.id
    }
}

fn user(d: &Body) -> Option<UserRef> {
    serde_json::from_str(d.user.as_ref()?.get()).ok()
}

fn sum(reactions: &[Reaction]) -> u64 {
    let one = |of: &Reaction| of.users.iter().fold(0_u64, |sum, user| sum.wrapping_add(reaction(&of.emoji, *user)));
    reactions.iter().fold(0, |total, of| total.wrapping_add(one(of)))
}
