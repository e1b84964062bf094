//! What the broken server holds: messages, logs, and conversations.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Instant;

/// What stands at a number of a log.
#[derive(Debug, Clone)]
pub(super) enum Stored {
    Message(Post),
    /// Somebody joined, or left.
    Joined(usize),
    Left(usize),
    Changed(Changed),
}

/// A message as it stands.
#[derive(Debug, Clone)]
pub(super) struct Post {
    pub(super) author: usize,
    pub(super) content: String,
    pub(super) nonce: String,
    /// 0 until it is changed.
    pub(super) version: i64,
    pub(super) is_edited: bool,
    pub(super) is_deleted: bool,
    /// Who reacted with what.
    pub(super) reactions: Vec<(String, Vec<usize>)>,
    /// What it said before.
    pub(super) before: Vec<String>,
    /// Who had reacted with what when it was deleted.
    pub(super) gone: Vec<(String, Vec<usize>)>,
}

/// A change of the message `of`.
#[derive(Debug, Clone)]
pub(super) struct Changed {
    pub(super) of: i64,
    pub(super) by: usize,
    /// With an emoji: a reaction, which came or went.
    pub(super) reaction: Option<(String, bool)>,
}

impl Stored {
    pub(super) fn posted(author: usize, content: &str, nonce: &str) -> Self {
        let (content, nonce) = (content.to_owned(), nonce.to_owned());
        let (version, is_edited, is_deleted, reactions, before) = (0, false, false, Vec::new(), Vec::new());
        let gone = Vec::new();
        Self::Message(Post { author, content, nonce, version, is_edited, is_deleted, reactions, before, gone })
    }

    pub(super) fn message(&self) -> Option<&Post> {
        if let Self::Message(post) = self { Some(post) } else { None }
    }
}

#[derive(Debug, Default)]
pub(super) struct Room {
    pub(super) id: i64,
    pub(super) members: Vec<usize>,
    pub(super) log: BTreeMap<i64, Stored>,
    pub(super) last: i64,
    pub(super) read: HashMap<usize, i64>,
    /// A group: those who joined are shown what came since.
    pub(super) is_group: bool,
    pub(super) joined: HashMap<usize, i64>,
    /// A direct conversation: of these two, and who of them has blocked the other and is back.
    pub(super) pair: Option<(usize, usize)>,
    pub(super) back: HashSet<usize>,
    /// Events are told up to here.
    pub(super) told: i64,
    /// A number that was left free, and when.
    pub(super) free: Option<(i64, Instant)>,
    /// An event that is told after the next.
    pub(super) held: Option<(i64, String)>,
    /// What a crash leaves.
    pub(super) saved: i64,
}

impl Room {
    pub(super) fn group(id: i64, members: Vec<usize>, joined: HashMap<usize, i64>) -> Self {
        Self { id, is_group: true, members, joined, ..Self::default() }
    }
}
