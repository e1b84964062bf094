//! What goes into the store's methods and comes out of them.

use std::collections::{HashMap, HashSet};

use super::TokenHash;
use crate::protocol::{
    Conversation, ConversationId, ConversationSummary, Event, Message, Mine, Preferences, Seq, SessionId, SharedList,
    SharedPage, Stream, UserId, UserRef, frame::Mark,
};

#[derive(Debug, Clone)]
pub struct NewUser {
    /// As typed.
    pub name: String,
    /// NFKC, case-folded: what must be unique.
    pub folded: String,
    /// PHC string; none for a user that signs in elsewhere.
    pub password_hash: Option<String>,
    pub now_ms: i64,
}

#[derive(Debug, Clone)]
pub struct Credentials {
    pub user: UserRef,
    pub password_hash: Option<String>,
}

#[derive(Debug, Clone)]
pub struct NewSession {
    pub user: UserId,
    pub token_hash: TokenHash,
    pub now_ms: i64,
    pub expires_ms: i64,
    /// What the program says it is, in a few words.
    pub client: Option<String>,
    /// The session that the browser presented at sign-in: ended in the same transaction.
    pub replaces: Option<SessionId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub user: UserRef,
    /// Last time it was used, to about an hour.
    pub seen_ms: i64,
    pub expires_ms: i64,
    /// How its user's pages look.
    pub preferences: Preferences,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The direct conversation with this user, opened where there is none. May be oneself.
    User(UserId),
    Conversation(ConversationId),
}

/// Whom a message calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Called {
    Everybody,
    /// Each once: NFKC, case-folded. There need not be anybody of that name.
    Names(Vec<String>),
}

impl Default for Called {
    fn default() -> Self {
        Self::Names(Vec::new())
    }
}

#[derive(Debug, Clone)]
pub struct NewMessage {
    pub author: UserId,
    pub target: Target,
    pub content: String,
    pub called: Called,
    pub nonce: String,
    pub reply_to: Option<Seq>,
    pub now_ms: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostedMessage {
    pub conversation: ConversationId,
    pub message: Message,
    /// False when this nonce had been posted before.
    pub created: bool,
}

/// What one transaction committed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Commit {
    /// In order.
    pub events: Vec<Event>,
    /// Of events of direct conversations, which user had left before. Only a store that several nodes share says so: what
    /// one of them committed may be heard before the leaving that another one committed earlier.
    pub gone: HashMap<(Stream, Seq), UserId>,
}

impl From<Vec<Event>> for Commit {
    fn from(events: Vec<Event>) -> Self {
        Self { events, gone: HashMap::new() }
    }
}

/// That somebody has left a direct conversation, as who blocks the other does, or is back in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Absence {
    pub user: UserId,
    /// The last of it that was theirs; of who is back, the last that was not.
    pub seq: Seq,
    pub is_over: bool,
}

/// Which part of a conversation's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    Latest,
    /// Those just before this seq; `more` speaks of older ones.
    Before(Seq),
    /// Those just after this seq; `more` speaks of newer ones.
    After(Seq),
    /// About half before, the rest from this seq on; `more` speaks of older ones.
    Around(Seq),
}

#[derive(Debug, Clone)]
pub struct NewRoom {
    pub title: String,
    /// Everyone is a member, later sign-ups too.
    pub everyone: bool,
    pub members: Vec<UserId>,
    pub now_ms: i64,
}

/// Events after a cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPage {
    pub events: Vec<Event>,
    pub as_of: Seq,
    pub more: bool,
}

/// The logs that a user follows, and where each stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memberships {
    pub inbox_seq: Seq,
    pub conversations: Vec<(ConversationId, Seq)>,
    /// Of the groups that they came to, the first number that is theirs to see.
    pub floors: Vec<(ConversationId, Seq)>,
}

impl Memberships {
    /// From conversations with where they stand, and with the first number that is theirs to see; 0 for all of them.
    pub(super) fn new(inbox_seq: Seq, theirs: Vec<(ConversationId, Seq, Seq)>) -> Self {
        let came = theirs.iter().filter(|(.., floor)| *floor > Seq::ZERO);
        let floors = came.map(|(id, _, floor)| (*id, *floor)).collect();
        Self { inbox_seq, conversations: theirs.into_iter().map(|(id, last, _)| (id, last)).collect(), floors }
    }
}

/// What READY is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadySnapshot {
    pub inbox_seq: Seq,
    /// Of every conversation of the user, in ascending id.
    pub marks: Vec<Mark>,
    /// In the order of `marks`: the MEMBER_ADD that the membership began with; 0 for those whom it was created with.
    pub joined: Vec<Seq>,
    /// Of the groups that they came to, the first number that is theirs to see; in ascending id.
    pub floors: Vec<(ConversationId, Seq)>,
    /// How the user keeps those that they do not keep as all are at first.
    pub mine: Vec<(ConversationId, Mine)>,
    /// Of those with messages after the mark that call the user: how many.
    pub mentions: Vec<(ConversationId, u32)>,
    /// In full: those that were chosen.
    pub conversations: Vec<Conversation>,
}

/// Chooses, from a snapshot that has no conversations yet, which of them it gets in full. What nobody needs is not
/// even read: a node that restarts is asked by all of its users at once.
pub type InFull = Box<dyn FnOnce(&ReadySnapshot) -> HashSet<ConversationId> + Send>;

/// Chooses every conversation.
#[must_use]
pub fn all_in_full() -> InFull {
    Box::new(|snapshot| snapshot.marks.iter().map(|mark| mark.0).collect())
}

/// Given to one list of one user, while the program runs, and never to another. Whoever has a fresh answer with this
/// version is the one whom it was given to, and the list has not changed since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ListVersion(pub(super) u64);

/// What the chat page shows to one user, read at one moment.
#[derive(Debug, Clone)]
pub struct ChatPage {
    pub conversations: SharedList,
    /// Stands for all of the list, where the back end has one: what was made of the list can be kept under it.
    pub version: Option<ListVersion>,
    /// The conversation that is open; none where it is not theirs to see, or where none was asked for.
    pub opened: Option<(ConversationSummary, SharedPage)>,
}
