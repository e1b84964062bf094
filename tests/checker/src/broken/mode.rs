//! What the server does wrong.

/// The promise that is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// None.
    Correct,
    /// Answers with a number and stores nothing; the next message gets that number.
    DropsAcknowledged,
    /// Tells everybody but one.
    LosesForOneReader,
    /// Stores a message under two numbers.
    DoublesInLog,
    /// Sends an event twice.
    DoublesLive,
    /// Leaves a number free, which a later message gets.
    ReordersLog,
    /// Sends an event after the one that follows it.
    ReordersLive,
    /// Stores messages that nobody posted.
    Phantom,
    /// Stores another text.
    AltersContent,
    /// Answers with the number after the right one.
    AcknowledgesAnotherSeq,
    /// Stores once more what is tried once more.
    ForgetsNonces,
    /// Refuses what is tried once more.
    RefusesDuplicates,
    /// Refuses what is tried once more after it got no answer.
    RefusesRetries,
    /// Has lost somebody's session, as far as posts go.
    LosesSession,
    /// Does not find the conversation.
    LosesConversation,
    /// Stops answering somebody's posts.
    FallsSilent,
    /// Leaves out the first event of a replay.
    HoleAfterResume,
    /// Begins a replay with the event that the client has.
    RepeatsAtResume,
    /// Answers at once and saves later; a crash comes in between.
    AcknowledgesBeforeStoring,
    /// Stores what it refuses.
    StoresRefused,
    /// Leaves messages out of one member's list.
    HidesFromOneMember,
    /// Tells one of what others say among themselves.
    Leaks,
    /// Says that there is one more to read.
    Miscounts,
}

impl Mode {
    /// All of them, each with the class of findings that it belongs to.
    pub const ALL: [(Self, Option<&'static str>); 23] = [
        (Self::Correct, None),
        (Self::DropsAcknowledged, Some("lost")),
        (Self::LosesForOneReader, Some("lost")),
        (Self::DoublesInLog, Some("doubled")),
        (Self::DoublesLive, Some("doubled")),
        (Self::ReordersLog, Some("reordered")),
        (Self::ReordersLive, Some("reordered")),
        (Self::Phantom, Some("phantom")),
        (Self::AltersContent, Some("phantom")),
        (Self::AcknowledgesAnotherSeq, Some("phantom")),
        (Self::ForgetsNonces, Some("doubled")),
        (Self::RefusesDuplicates, Some("refused")),
        (Self::RefusesRetries, Some("refused")),
        (Self::LosesSession, Some("refused")),
        (Self::LosesConversation, Some("refused")),
        (Self::FallsSilent, Some("unanswered")),
        (Self::HoleAfterResume, Some("lost")),
        (Self::RepeatsAtResume, Some("doubled")),
        (Self::AcknowledgesBeforeStoring, Some("lost")),
        (Self::StoresRefused, Some("phantom")),
        (Self::HidesFromOneMember, Some("lost")),
        (Self::Leaks, Some("phantom")),
        (Self::Miscounts, Some("miscounted")),
    ];

    /// Whether readers are thrown out. One that was, after it saw the later of two events, would never get the earlier.
    #[must_use]
    pub fn throws_out(self) -> bool {
        self != Self::ReordersLive
    }
}
