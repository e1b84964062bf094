//! Names and texts of messages, each derivable from (run, writer, number): nothing needs to be kept to know what a
//! message should say.

use std::fmt;
use std::fmt::Write;

/// One post that a writer wanted to make, however often it was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpId {
    pub writer: u32,
    /// Counted from 0 for each writer.
    pub n: u32,
}

impl fmt::Display for OpId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "post {} of writer {}", self.n, self.writer)
    }
}

/// One change that a writer wanted to make to a message, however often it was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangeId {
    pub writer: u32,
    /// Counted from 0 for each writer, apart from their posts.
    pub n: u32,
}

impl fmt::Display for ChangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "change {} of writer {}", self.n, self.writer)
    }
}

/// What the load reacts with: a simple one, one of several characters, and a flag.
pub const EMOJI: [&str; 3] = ["👍", "👩🏽\u{200d}🚀", "🇪🇺"];

/// What tells this run's messages from all others of the installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stamp(pub u32);

/// Pieces of texts: what is easily altered on the way is among them.
const PIECES: [&str; 16] = [
    "tea",
    "and",
    "biscuits",
    "Grüße",
    "👋🏽",
    "\"quoted\"",
    "<b>",
    "a\tb",
    "\n",
    "%41+&=;",
    "\\u0041",
    "日本語",
    "ﬁ",
    "e\u{301}",
    "'",
    "x",
];

/// Begins what tells an edited text from others.
const EDITED: &str = "edit:";

impl Stamp {
    #[must_use]
    pub fn random() -> Self {
        Self(fastrand::u32(..))
    }

    #[must_use]
    pub fn nonce(self, op: OpId) -> String {
        format!("{:08x}-{}-{}", self.0, op.writer, op.n)
    }

    /// The post that a nonce names, if it is one of this run's.
    #[must_use]
    pub fn op(self, nonce: &str) -> Option<OpId> {
        let mut parts = nonce.split('-');
        let (run, writer, n) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || run.len() != 8 || u32::from_str_radix(run, 16).ok()? != self.0 {
            return None;
        }
        Some(OpId { writer: writer.parse().ok()?, n: n.parse().ok()? })
    }

    /// What the post says: its nonce, so that no two say the same, then up to 24 pieces.
    #[must_use]
    pub fn content(self, op: OpId) -> String {
        self.padded(self.nonce(op), op.writer, op.n)
    }

    /// What the post says once this change has edited it.
    #[must_use]
    pub fn edited(self, op: OpId, change: ChangeId) -> String {
        self.padded(format!("{} {EDITED}{}-{} ", self.nonce(op), change.writer, change.n), !change.writer, change.n)
    }

    /// The change that made a post say this, if one of this run's can have.
    #[must_use]
    pub fn edit(self, op: OpId, content: &str) -> Option<ChangeId> {
        let (_, rest) = content.split_once(EDITED)?;
        let (writer, n) = rest.split(' ').next()?.split_once('-')?;
        let change = ChangeId { writer: writer.parse().ok()?, n: n.parse().ok()? };
        (self.edited(op, change) == content).then_some(change)
    }

    fn padded(self, mut content: String, seed: u32, n: u32) -> String {
        let mut bits = mixed(u64::from(self.0) << 32 ^ u64::from(seed) << 20 ^ u64::from(n));
        let pieces = bits % 25;
        for _ in 0..pieces {
            bits = mixed(bits);
            let piece = PIECES[usize::try_from(bits >> 60).unwrap_or_default()];
            // Writing to a String does not fail.
            let _ = write!(content, " {piece}");
        }
        // What stands at an end is easily trimmed away, and not ours to test.
        content.push('.');
        content
    }

    /// What a post says that must be refused: it holds a control character.
    #[must_use]
    pub fn invalid_content(self, op: OpId) -> String {
        format!("{}\u{1}", self.nonce(op))
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014).
fn mixed(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// A short digest, to tell what was altered from what was altered otherwise.
#[must_use]
pub fn digest(parts: &[&str]) -> u32 {
    let mut state = 0;
    for part in parts {
        for byte in part.bytes() {
            state = mixed(state ^ u64::from(byte));
        }
        state = mixed(state ^ 0x100);
    }
    u32::try_from(state >> 32).unwrap_or_default()
}

/// One person's emoji on a message, as a number; the sum of all of a message's tells which there are, in any order.
#[must_use]
pub fn reaction(emoji: &str, user: i64) -> u64 {
    mixed(u64::from(digest(&[emoji])) << 32 ^ user.cast_unsigned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonces_name_their_posts() {
        let stamp = Stamp(0xbeef);
        let op = OpId { writer: 3, n: 70_000 };
        assert_eq!(stamp.nonce(op), "0000beef-3-70000");
        assert_eq!(stamp.op(&stamp.nonce(op)), Some(op));
        for other in ["", "0000beef", "0000beef-3-70000-1", "0000bee0-3-7", "beef-3-7", "0000beef--1-7"] {
            assert_eq!(stamp.op(other), None, "{other}");
        }
    }

    #[test]
    fn edited_texts_name_their_change() {
        let (stamp, op) = (Stamp(7), OpId { writer: 1, n: 2 });
        for n in 0..100 {
            let change = ChangeId { writer: 1, n };
            let text = stamp.edited(op, change);
            assert_eq!(stamp.edit(op, &text), Some(change), "{text}");
            assert_eq!(stamp.edit(OpId { writer: 1, n: 3 }, &text), None);
            assert_eq!(stamp.edit(op, &format!("{text}!")), None);
        }
        assert_eq!(stamp.edit(op, &stamp.content(op)), None);
    }

    #[test]
    fn texts_differ_and_are_ones_that_may_be_sent() {
        let stamp = Stamp(7);
        let texts: Vec<String> = (0..2_000).map(|n| stamp.content(OpId { writer: 1, n })).collect();
        assert!(texts.iter().all(|text| text.len() < 1_000 && text.starts_with("00000007-1-")));
        assert!(texts.iter().any(|text| text.contains('\n')) && texts.iter().any(|text| text.contains('"')));
        assert!(texts.iter().all(|text| !text.chars().any(|c| c.is_control() && c != '\n' && c != '\t')));
        let lengths: std::collections::HashSet<usize> = texts.iter().map(String::len).collect();
        assert!(lengths.len() > 50, "{lengths:?}");
    }
}
