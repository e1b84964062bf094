//! Changing a message that is there: what becomes of it, and what its log says. Pure, the same for every back end.

use super::{Called, StoreError};
use crate::protocol::reaction::{self, Reacted};
use crate::protocol::{EventBody, Message, ReactionChange, Seq, UserRef};

/// What somebody does to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Amendment {
    /// Its author gives it another text.
    Edit {
        content: String,
        called: Called,
        now_ms: i64,
    },
    /// Its author takes it away: a tombstone stays.
    Delete,
    /// A reaction is added (`on`) or taken back.
    React {
        emoji: String,
        on: bool,
    },
    Pin {
        on: bool,
    },
}

/// What becomes of the message.
#[derive(Debug)]
pub(super) struct Amended {
    /// As it stands from now on.
    pub(super) message: Message,
    pub(super) event: EventBody,
    /// What it said until now goes into its history.
    pub(super) keeps_text: bool,
}

/// Decides about a message that `user` sees; `next` is the number that the change would take. None: there is nothing to
/// change, as when it was done before.
///
/// Errors: `Forbidden`; `NotFound`, for what is deleted; `LimitReached`.
pub(super) fn decide(
    amendment: &Amendment,
    user: &UserRef,
    message: &Message,
    next: Seq,
) -> Result<Option<Amended>, StoreError> {
    let is_own = message.author.id == user.id;
    match amendment {
        Amendment::Edit { .. } | Amendment::Delete if !is_own => Err(StoreError::Forbidden),
        Amendment::Delete if message.deleted => Ok(None),
        _ if message.deleted => Err(StoreError::NotFound),
        Amendment::Edit { content, .. } if *content == message.content => Ok(None),
        Amendment::Edit { content, now_ms, .. } => {
            let edited_ms = Some(*now_ms);
            let message = Message { version: next, content: content.clone(), edited_ms, ..message.clone() };
            Ok(Some(Amended { event: EventBody::MessageUpdate(message.clone()), message, keeps_text: true }))
        }
        Amendment::Delete => {
            let message = message.tombstone(next);
            Ok(Some(Amended { event: EventBody::MessageDelete(message.clone()), message, keeps_text: false }))
        }
        Amendment::React { emoji, on } => {
            let mut message = Message { version: next, ..message.clone() };
            let change = if *on { reaction::add } else { reaction::remove };
            match change(&mut message.reactions, emoji, user.id) {
                Reacted::Already => return Ok(None),
                Reacted::TooMany => return Err(StoreError::LimitReached),
                Reacted::Yes => {}
            }
            let change = ReactionChange { seq: message.seq, emoji: emoji.clone(), user: user.clone() };
            let event = if *on { EventBody::ReactionAdd(change) } else { EventBody::ReactionRemove(change) };
            Ok(Some(Amended { message, event, keeps_text: false }))
        }
        Amendment::Pin { on } if *on == message.pinned => Ok(None),
        Amendment::Pin { on } => {
            let message = Message { version: next, pinned: *on, ..message.clone() };
            Ok(Some(Amended { event: EventBody::MessageUpdate(message.clone()), message, keeps_text: false }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Reaction, UserId};

    fn user(id: i64) -> UserRef {
        UserRef::new(UserId(id), format!("user{id}"))
    }

    fn message() -> Message {
        let message = Message::new(Seq(5), user(1), "hello".into(), "n".into(), 7);
        let reactions = vec![Reaction { emoji: "👍".into(), users: vec![UserId(2)] }];
        Message { reply_to: Some(Seq(3)), reactions, ..message }
    }

    #[test]
    fn what_may_be_done_and_what_the_log_says_of_it() {
        let edit = |text: &str| Amendment::Edit { content: text.into(), called: Called::default(), now_ms: 99 };
        let react = |emoji: &str, on| Amendment::React { emoji: emoji.into(), on };
        let cases = [
            (edit("hi"), 1, "MESSAGE_UPDATE"),
            (edit("hello"), 1, "nothing"),
            (edit("hi"), 2, "forbidden"),
            (edit("hello"), 2, "forbidden"),
            (Amendment::Delete, 1, "MESSAGE_DELETE"),
            (Amendment::Delete, 2, "forbidden"),
            (react("👍", true), 1, "REACTION_ADD"),
            (react("👍", true), 2, "nothing"),
            (react("👍", false), 2, "REACTION_REMOVE"),
            (react("👍", false), 1, "nothing"),
            (Amendment::Pin { on: true }, 2, "MESSAGE_UPDATE"),
            (Amendment::Pin { on: false }, 2, "nothing"),
        ];
        for (amendment, by, expected) in cases {
            let decided = match decide(&amendment, &user(by), &message(), Seq(9)) {
                Ok(None) => "nothing",
                Ok(Some(amended)) => {
                    assert_eq!((amended.message.seq, amended.message.version), (Seq(5), Seq(9)), "{amendment:?}");
                    assert_eq!(amended.keeps_text, matches!(amendment, Amendment::Edit { .. }));
                    amended.event.op()
                }
                Err(StoreError::Forbidden) => "forbidden",
                Err(error) => panic!("{error}"),
            };
            assert_eq!(decided, expected, "{amendment:?} by {by}");
        }
    }

    #[test]
    fn of_a_deleted_message_nothing_is_left_and_nothing_can_be_made() {
        let gone = decide(&Amendment::Delete, &user(1), &message(), Seq(9)).unwrap().unwrap().message;
        let expected =
            Message { version: Seq(9), deleted: true, ..Message::new(Seq(5), user(1), String::new(), "n".into(), 7) };
        assert_eq!(gone, expected);
        assert!(decide(&Amendment::Delete, &user(1), &gone, Seq(10)).unwrap().is_none());
        let edit = Amendment::Edit { content: "back".into(), called: Called::default(), now_ms: 99 };
        let react = Amendment::React { emoji: "👍".into(), on: true };
        for amendment in [edit, react, Amendment::Pin { on: true }] {
            let refused = decide(&amendment, &user(1), &gone, Seq(10));
            assert!(matches!(refused, Err(StoreError::NotFound)), "{amendment:?}");
        }
    }
}
