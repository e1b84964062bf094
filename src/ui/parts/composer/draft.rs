//! A text that is not sent, and how it is kept.

/// A text that is not sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) text: String,
    /// Whose name stands with it, in a new chat.
    pub(super) to: String,
}

impl Draft {
    /// The name's line, which may be empty, then the text.
    pub(super) fn encode(&self) -> String {
        format!("{}\n{}", self.to, self.text)
    }

    pub(super) fn decode(kept: &str) -> Option<Self> {
        let (to, text) = kept.split_once('\n')?;
        Some(Self { text: text.to_owned(), to: to.to_owned() })
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
