//! What the clients noted, compactly.
//!
//! A million messages seen by a thousand readers are a thousand million sightings. Almost all of them agree: so each
//! conversation has a *book* of what was first seen at each number, and a view notes stretches of numbers at which it
//! saw what stands in the book. Only what disagrees is kept by itself. The book is no truth: the judge compares it with
//! the logs that were read at the end.

mod blocking;
mod changes;
mod contradiction;

use std::collections::HashMap;

pub use self::blocking::{Blocking, Blocks};
pub use self::changes::{Change, Inbox, InboxEntry, Kind, Move, Spell, SpellEnd, State, Text};
pub use self::contradiction::Contradiction;
use crate::stamp::{OpId, Stamp};

/// Everything that a run noted; [`crate::judge`] reads it.
#[derive(Debug, Clone, Default)]
pub struct History {
    pub stamp: Stamp,
    /// Names of people; others point into this.
    pub people: Vec<String>,
    /// The installation's id of each; 0 of those who were never seen.
    pub ids: Vec<i64>,
    pub writers: Vec<Writer>,
    pub conversations: Vec<Conversation>,
    /// Answers that contradict what was asked, or another answer to the same post.
    pub contradictions: Vec<Contradiction>,
    pub counts: Vec<Count>,
    /// Comings and goings, of each person and group in the order in which they were made.
    pub moves: Vec<Move>,
    pub inboxes: Vec<Inbox>,
    /// Nothing where nobody was to be blocked.
    pub blocks: Option<Blocks>,
    /// What could not be learned, in sentences.
    pub unjudged: Vec<String>,
}

#[derive(Debug, Clone, Default)]
pub struct Writer {
    pub person: u32,
    /// By number.
    pub ops: Vec<Op>,
    /// What they changed, by number.
    pub changes: Vec<Change>,
}

/// A post. Times are microseconds on the run's one clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Op {
    /// Into [`History::conversations`].
    pub conversation: u32,
    /// Before the first byte of its first try.
    pub invoked_us: u64,
    /// It was made so that a server has to refuse it.
    pub must_be_refused: bool,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Tried until the run's patience ended, and never answered, or with a 5xx: in the log once, or not at all.
    Unknown,
    /// Likewise, and not tried to the end: the plan says so, or a later try was refused (a contradiction, if the post
    /// was valid).
    Abandoned,
    /// Every try was refused with a 4xx, at last with this one: not in the log.
    Failed { status: u16 },
    /// In the log at this number; the time is after the last byte of its first acknowledgement.
    Acknowledged { seq: u32, at_us: u64 },
}

/// A conversation of the load.
#[derive(Debug, Clone, Default)]
pub struct Conversation {
    /// The installation's.
    pub id: i64,
    /// Where its log stood before the run; what is up to there is nobody's business.
    pub baseline: u32,
    /// What was first seen at `baseline + 1 + index`.
    pub book: Vec<Option<Entry>>,
    /// What was first seen of each message and version, and by whom; of messages that were changed alone.
    pub versions: HashMap<(u32, u32), (State, u32)>,
    pub views: Vec<View>,
    /// In a group that the run made, those who come and go: all are in it at its beginning.
    pub comers: Vec<u32>,
    /// Who is in the group at the end, as `member-list` says to each of these.
    pub members: Vec<(u32, Vec<u32>)>,
}

/// What stands at a number of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// A post of this run, with its text and its author.
    Message(OpId),
    /// Under the nonce of this post, with another text or another author.
    Altered { op: OpId, digest: u32 },
    /// A message that is none of this run's.
    Foreign { digest: u32 },
    /// The message of this number was changed.
    Change { of: u32 },
    /// One of the people came, or went.
    Member { person: u32, is_in: bool },
    /// Something else that is no message.
    Membership { digest: u32 },
}

impl Entry {
    /// Whether `message-list` shows it.
    #[must_use]
    pub fn is_message(self) -> bool {
        matches!(self, Self::Message(_) | Self::Altered { .. } | Self::Foreign { .. })
    }
}

/// One conversation as somebody saw it.
#[derive(Debug, Clone)]
pub struct View {
    /// Into [`History::people`].
    pub person: u32,
    pub kind: ViewKind,
    /// In the order of seeing.
    pub stretches: Vec<Stretch>,
    /// The log's last number, as the list said (`as_of`); 0 for live views.
    pub end: u32,
    /// Messages that were changed, as they stood to the view at last, by number.
    pub states: HashMap<u32, State>,
    /// Of somebody who comes and goes: the epochs in which they were in it.
    pub spells: Vec<Spell>,
    /// Of a live view of a group that the reader is in: who else is, at last.
    pub members: Option<Vec<u32>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViewKind {
    /// A gateway socket with its resumes, over the whole run.
    Live { reader: u32 },
    /// `event-list`, read from the baseline to the end.
    Events,
    /// `message-list`, likewise; it shows messages alone.
    Messages,
}

/// Successive numbers `first ..` at which the view saw what stands in the book; or one number with something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    pub first: u32,
    pub length: u32,
    /// Counts the times that the reader had to begin anew, as the log ended before its cursor.
    pub epoch: u32,
    pub other: Option<Entry>,
}

impl View {
    #[must_use]
    pub fn new(person: u32, kind: ViewKind) -> Self {
        let (stretches, states, spells) = (Vec::new(), HashMap::new(), Vec::new());
        Self { person, kind, stretches, end: 0, states, spells, members: None }
    }

    /// Notes a sighting; `other` when it is not what stands in the book.
    pub fn saw(&mut self, seq: u32, epoch: u32, other: Option<Entry>) {
        if let Some(last) = self.stretches.last_mut()
            && other.is_none()
            && last.other.is_none()
            && last.epoch == epoch
            && last.first.checked_add(last.length) == Some(seq)
        {
            last.length += 1;
            return;
        }
        self.stretches.push(Stretch { first: seq, length: 1, epoch, other });
    }
}

/// How far beyond what the book holds a number may be that is entered in it: a server that makes numbers up must not
/// make the book large.
const REACH: usize = 1 << 20;

impl Conversation {
    /// Enters `entry` at a number where nothing was seen yet. Answers what a view notes: nothing when the book agrees.
    pub fn claim(&mut self, seq: u32, entry: Entry) -> Option<Entry> {
        let Some(index) = self.index(seq) else { return Some(entry) };
        if index >= self.book.len() {
            if index > self.book.len() + REACH {
                return Some(entry);
            }
            self.book.resize(index + 1, None);
        }
        let place = self.book[index].get_or_insert(entry);
        (*place != entry).then_some(entry)
    }

    /// Enters a version of a message. Answers who saw it first, where that was something else.
    pub fn agree(&mut self, of: u32, state: State, person: u32) -> Option<u32> {
        let (known, first) = *self.versions.entry((of, state.version)).or_insert((state, person));
        (known != state).then_some(first)
    }

    /// Where a number stands in the book; nothing for one of before the run.
    #[must_use]
    pub fn index(&self, seq: u32) -> Option<usize> {
        usize::try_from(seq.checked_sub(self.baseline)?.checked_sub(1)?).ok()
    }
}

/// A conversation as `conversation-list` or READY counted it for somebody, after the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    pub person: u32,
    pub conversation: u32,
    /// By READY rather than by the list.
    pub by_ready: bool,
    pub last_seq: i64,
    pub read_seq: i64,
    pub unread: i64,
    /// The highest read mark that was acknowledged. The server may have moved it further: with a post of theirs, or by
    /// a request that was left without an answer.
    pub marked: u32,
}
