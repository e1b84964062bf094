//! Reactions to a message: an emoji, and who chose it. The same rules in the store and in the page, so that what both
//! make of the same events is the same.

use serde::{Deserialize, Serialize};

use super::ids::UserId;
use super::limits::{REACTIONS, REACTORS};

/// One emoji on a message.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reaction {
    pub emoji: String,
    /// In the order in which they reacted; at least one, and at most [`REACTORS`].
    pub users: Vec<UserId>,
}

/// What became of a reaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reacted {
    Yes,
    /// It stood there already, or it was not there to be taken back.
    Already,
    /// There are as many as there may be.
    TooMany,
}

/// Adds a reaction, once a person and emoji.
pub fn add(reactions: &mut Vec<Reaction>, emoji: &str, user: UserId) -> Reacted {
    let is_full = reactions.len() >= REACTIONS;
    match reactions.iter_mut().find(|reaction| reaction.emoji == emoji) {
        Some(reaction) if reaction.users.contains(&user) => Reacted::Already,
        Some(reaction) if reaction.users.len() >= REACTORS => Reacted::TooMany,
        Some(reaction) => {
            reaction.users.push(user);
            Reacted::Yes
        }
        None if is_full => Reacted::TooMany,
        None => {
            reactions.push(Reaction { emoji: emoji.to_owned(), users: vec![user] });
            Reacted::Yes
        }
    }
}

/// Takes a reaction back. An emoji that nobody chooses any more is gone.
pub fn remove(reactions: &mut Vec<Reaction>, emoji: &str, user: UserId) -> Reacted {
    let Some(at) = reactions.iter().position(|reaction| reaction.emoji == emoji) else { return Reacted::Already };
    let users = &mut reactions[at].users;
    let Some(who) = users.iter().position(|other| *other == user) else { return Reacted::Already };
    users.remove(who);
    if users.is_empty() {
        reactions.remove(at);
    }
    Reacted::Yes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(reactions: &[Reaction]) -> String {
        let one = |reaction: &Reaction| {
            let users: Vec<String> = reaction.users.iter().map(ToString::to_string).collect();
            format!("{}{}", reaction.emoji, users.join(","))
        };
        reactions.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn once_a_person_and_emoji_in_the_order_of_coming() {
        let mut reactions = Vec::new();
        let steps = [
            ("+", "a", 1, Reacted::Yes, "a1"),
            ("+", "a", 1, Reacted::Already, "a1"),
            ("+", "b", 1, Reacted::Yes, "a1 b1"),
            ("+", "a", 2, Reacted::Yes, "a1,2 b1"),
            ("-", "b", 2, Reacted::Already, "a1,2 b1"),
            ("-", "a", 1, Reacted::Yes, "a2 b1"),
            ("-", "a", 2, Reacted::Yes, "b1"),
            ("-", "a", 2, Reacted::Already, "b1"),
            ("+", "a", 1, Reacted::Yes, "b1 a1"),
        ];
        for (what, emoji, user, expected, after) in steps {
            let change = if what == "+" { add } else { remove };
            assert_eq!(change(&mut reactions, emoji, UserId(user)), expected, "{what}{emoji}{user}");
            assert_eq!(short(&reactions), after, "{what}{emoji}{user}");
        }
    }

    #[test]
    fn there_is_a_bound_to_emoji_and_to_people() {
        let mut reactions = Vec::new();
        for user in 0..REACTORS {
            assert_eq!(add(&mut reactions, "a", UserId(i64::try_from(user).unwrap())), Reacted::Yes);
        }
        assert_eq!(add(&mut reactions, "a", UserId(-1)), Reacted::TooMany);
        for emoji in 1..REACTIONS {
            assert_eq!(add(&mut reactions, &emoji.to_string(), UserId(1)), Reacted::Yes);
        }
        assert_eq!(add(&mut reactions, "z", UserId(1)), Reacted::TooMany);
        assert_eq!(add(&mut reactions, "a", UserId(0)), Reacted::Already);
    }
}
