//! Which subject a topic has, and which of a node's subscriptions brings it. Pure.
//!
//! `chatter.{prefix}.{c or u}.{bucket}.{id}`: of conversations and of users; and `chatter.{prefix}.nodes`, what nodes say
//! to each other. A bucket is the ids that are the same
//! modulo [`BUCKETS`]; a node subscribes to those buckets in which somebody connected has a topic, and leaves what is of
//! another topic in them. See `nats` for why it is not one subscription a topic.

use crate::protocol::{ConversationId, UserId};
use crate::server::bus::{BusError, Topic};

/// Buckets of conversations, and as many of users. A node with a thousand topics has something in nearly each of them.
pub(super) const BUCKETS: i64 = 256;

/// One of a node's subscriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Bucket {
    kind: Kind,
    number: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Kind {
    Conversation,
    User,
    Nodes,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Conversation => "c",
            Self::User => "u",
            Self::Nodes => "nodes",
        }
    }
}

impl From<Topic> for Bucket {
    fn from(topic: Topic) -> Self {
        let (kind, id) = parts(topic);
        Self { kind, number: id.rem_euclid(BUCKETS) }
    }
}

fn parts(topic: Topic) -> (Kind, i64) {
    match topic {
        Topic::Conversation(ConversationId(id)) => (Kind::Conversation, id),
        Topic::User(UserId(id)) => (Kind::User, id),
        Topic::Nodes => (Kind::Nodes, 0),
    }
}

/// The subjects of one installation.
#[derive(Debug, Clone)]
pub(super) struct Subjects {
    /// Up to the dot after the prefix.
    stem: String,
}

impl Subjects {
    /// Two installations on one NATS have different prefixes, and hear nothing of each other.
    pub(super) fn of(prefix: &str) -> Result<Self, BusError> {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
        if prefix.is_empty() || !prefix.chars().all(plain) {
            return Err(BusError::Address(format!(
                "has the prefix {prefix:?}, which must be letters, digits, - and _ alone, and at least one"
            )));
        }
        Ok(Self { stem: format!("chatter.{prefix}.") })
    }

    pub(super) fn of_topic(&self, topic: Topic) -> String {
        let ((kind, id), bucket) = (parts(topic), Bucket::from(topic));
        match kind {
            Kind::Nodes => format!("{}{}", self.stem, kind.word()),
            Kind::Conversation | Kind::User => format!("{}{}.{}.{id}", self.stem, kind.word(), bucket.number),
        }
    }

    /// What a node subscribes to.
    pub(super) fn of_bucket(&self, bucket: Bucket) -> String {
        match bucket.kind {
            Kind::Nodes => format!("{}{}", self.stem, bucket.kind.word()),
            Kind::Conversation | Kind::User => format!("{}{}.{}.*", self.stem, bucket.kind.word(), bucket.number),
        }
    }

    /// Where nobody listens: the server says so at once, which shows that it works, and has worked through what was sent
    /// to it before.
    pub(super) fn nobody(&self) -> String {
        format!("{}nobody", self.stem)
    }

    /// Where the server's answers come to.
    pub(super) fn answers(&self) -> String {
        format!("{}answers", self.stem)
    }

    /// Whose message came with this subject.
    pub(super) fn topic(&self, subject: &str) -> Option<Topic> {
        let rest = subject.strip_prefix(&self.stem)?;
        if rest == Kind::Nodes.word() {
            return Some(Topic::Nodes);
        }
        let mut parts = rest.split('.');
        let (kind, _bucket, id, end) = (parts.next()?, parts.next()?, parts.next()?, parts.next());
        let id = id.parse().ok().filter(|_| end.is_none())?;
        match kind {
            "c" => Some(Topic::Conversation(ConversationId(id))),
            "u" => Some(Topic::User(UserId(id))),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_have_subjects_and_subjects_have_topics() {
        let subjects = Subjects::of("k3y").unwrap();
        let cases = [
            (Topic::Conversation(ConversationId(5)), "chatter.k3y.c.5.5", "chatter.k3y.c.5.*"),
            (Topic::Conversation(ConversationId(256)), "chatter.k3y.c.0.256", "chatter.k3y.c.0.*"),
            (Topic::User(UserId(2_050)), "chatter.k3y.u.2.2050", "chatter.k3y.u.2.*"),
            (Topic::Nodes, "chatter.k3y.nodes", "chatter.k3y.nodes"),
        ];
        for (topic, subject, bucket) in cases {
            assert_eq!(subjects.of_topic(topic), subject);
            assert_eq!(subjects.of_bucket(topic.into()), bucket);
            assert_eq!(subjects.topic(subject), Some(topic));
        }
        for other in [
            "chatter.k3y.c.5",
            "chatter.k3y.c.5.5.5",
            "chatter.k3y.x.5.5",
            "chatter.k3y.nodes.5.5",
            "chatter.other.c.5.5",
            "chatter.k3y.c.5.x",
            "",
        ] {
            assert_eq!(subjects.topic(other), None, "{other}");
        }
    }

    #[test]
    fn a_prefix_is_one_plain_word() {
        for prefix in ["", "a.b", "*", "a b", ">", "é"] {
            assert!(Subjects::of(prefix).is_err(), "{prefix:?}");
        }
    }
}
