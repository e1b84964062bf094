//! A text that is not sent, and how it is kept.

use crate::protocol::Seq;

/// A text that is not sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) text: String,
    /// Whose name stands with it, in a new chat.
    pub(super) to: String,
    /// What it answers, in a conversation.
    pub(super) answers: Option<Seq>,
}

/// Before the number of what a draft answers, in the place of a name, of which none is so.
const ANSWERS: char = '>';

impl Draft {
    /// The line of the name or of what is answered, which may be empty, then the text.
    pub(super) fn encode(&self) -> String {
        let answers = self.answers.map(|seq| format!("{ANSWERS}{seq}")).unwrap_or_default();
        format!("{answers}{}\n{}", self.to, self.text)
    }

    pub(super) fn decode(kept: &str) -> Option<Self> {
        let (line, text) = kept.split_once('\n')?;
        let text = text.to_owned();
        Some(match line.strip_prefix(ANSWERS).map(str::parse) {
            Some(Ok(seq)) => Self { text, answers: Some(seq), ..Self::default() },
            _ => Self { text, to: line.to_owned(), answers: None },
        })
    }
}

/// What was typed, behind what was kept: neither is lost, nor doubled where the one goes on from the other.
pub(super) fn joined(kept: &str, typed: &str) -> String {
    if typed.starts_with(kept) {
        typed.to_owned()
    } else if typed.is_empty() {
        kept.to_owned()
    } else {
        format!("{kept}\n{typed}")
    }
}
