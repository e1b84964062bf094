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
    /// Tells who blocks somebody what they write.
    TellsTheBlocker,
    /// Lists to who blocks somebody what they write.
    ListsTheBlocked,
    /// Refuses what is written to somebody who has blocked its author.
    RefusesTheBlocked,
    /// Does not show to who unblocks somebody what they wrote meanwhile.
    HidesWhatTheBlockedWrote,
    /// Tells who unblocks somebody nothing of what they write then.
    StaysSilentAfterUnblocking,
    /// Acknowledges a change and stores nothing; another change gets its number.
    DropsChanges,
    /// Stores a change under two numbers.
    ChangesTwice,
    /// Stores another text than it was asked to.
    AltersEdits,
    /// Answers a change with a version at which nothing was changed.
    AcknowledgesAnotherVersion,
    /// Refuses a change that may be made.
    RefusesChanges,
    /// Stops answering somebody's changes.
    FallsSilentOnChanges,
    /// Tells of an edit with the text of before.
    TellsTheOldText,
    /// Tells of another reaction than the one that was made.
    TellsAnotherReaction,
    /// Shows edited messages as they were, in one list.
    ListsTheOldText,
    /// Replays a deleted message with its text.
    ReplaysDeleted,
    /// Tells what a deleted message said, where it is asked what it said before.
    KeepsDeletedInHistory,
    /// Acknowledges that somebody is removed, and leaves them in.
    ForgetsGoing,
    /// Stores twice that somebody went.
    GoesTwice,
    /// Does not tell who is removed what removed them.
    RemovesInSilence,
    /// Does not say in the inbox that a conversation is not theirs any more.
    InboxForgetsGoing,
    /// Goes on telling those who went.
    TellsWhoLeft,
    /// Shows lists to those who went.
    ServesWhoLeft,
    /// READY has a mark of what somebody went from.
    ReadyNamesWhatWasLeft,
    /// Shows what was said before somebody came.
    ShowsBeforeJoining,
    /// Tells those who came how a message of before they came stands, when it is changed.
    ShowsOldToNew,
    /// Names those who went, and not those who are in it, among the members.
    ListsTheWrongMembers,
    /// Who comes back finds the read mark that they left.
    KeepsMarkOfBefore,
    /// Moves a read mark back.
    MarksGoBack,
    /// Counts deleted messages as unread.
    CountsDeleted,
    /// Says of others that they have read more than they have.
    ListsMarksAhead,
    /// Tells live that somebody has read what is not written yet.
    TellsMarksAhead,
}

impl Mode {
    /// All of them, each with the class of findings that it belongs to.
    pub const ALL: [(Self, Option<&'static str>); 54] = [
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
        (Self::Leaks, Some("leaked")),
        (Self::Miscounts, Some("miscounted")),
        (Self::TellsTheBlocker, Some("leaked")),
        (Self::ListsTheBlocked, Some("leaked")),
        (Self::RefusesTheBlocked, Some("refused")),
        (Self::HidesWhatTheBlockedWrote, Some("lost")),
        (Self::StaysSilentAfterUnblocking, Some("lost")),
        (Self::DropsChanges, Some("lost")),
        (Self::ChangesTwice, Some("doubled")),
        (Self::AltersEdits, Some("phantom")),
        (Self::AcknowledgesAnotherVersion, Some("phantom")),
        (Self::RefusesChanges, Some("refused")),
        (Self::FallsSilentOnChanges, Some("unanswered")),
        (Self::TellsTheOldText, Some("diverged")),
        (Self::TellsAnotherReaction, Some("diverged")),
        (Self::ListsTheOldText, Some("diverged")),
        (Self::ReplaysDeleted, Some("revived")),
        (Self::KeepsDeletedInHistory, Some("revived")),
        (Self::ForgetsGoing, Some("lost")),
        (Self::GoesTwice, Some("doubled")),
        (Self::RemovesInSilence, Some("lost")),
        (Self::InboxForgetsGoing, Some("lost")),
        (Self::TellsWhoLeft, Some("leaked")),
        (Self::ServesWhoLeft, Some("leaked")),
        (Self::ReadyNamesWhatWasLeft, Some("leaked")),
        (Self::ShowsBeforeJoining, Some("leaked")),
        (Self::ShowsOldToNew, Some("leaked")),
        (Self::ListsTheWrongMembers, Some("diverged")),
        (Self::KeepsMarkOfBefore, Some("miscounted")),
        (Self::MarksGoBack, Some("miscounted")),
        (Self::CountsDeleted, Some("miscounted")),
        (Self::ListsMarksAhead, Some("miscounted")),
        (Self::TellsMarksAhead, Some("miscounted")),
    ];

    /// Whether messages are changed and people come and go: not where another promise is broken, so that the fault is what
    /// it was meant to be.
    #[must_use]
    pub fn changes(self) -> bool {
        self == Self::Correct
            || Self::ALL.iter().skip_while(|(mode, _)| *mode != Self::DropsChanges).any(|(mode, _)| *mode == self)
    }

    /// Whether somebody blocks another, likewise.
    #[must_use]
    pub fn blocks(self) -> bool {
        matches!(
            self,
            Self::Correct
                | Self::TellsTheBlocker
                | Self::ListsTheBlocked
                | Self::RefusesTheBlocked
                | Self::HidesWhatTheBlockedWrote
                | Self::StaysSilentAfterUnblocking
        )
    }

    /// Whether readers are thrown out. One that was, after it saw the later of two events, would never get the earlier; and
    /// who waits for what is never told knows that it is not if their socket stays.
    #[must_use]
    pub fn throws_out(self) -> bool {
        !matches!(self, Self::ReordersLive | Self::StaysSilentAfterUnblocking)
    }
}
