//! Whether a message is nothing but a few emoji, which are shown large.

use crate::protocol::emoji::{EMOJI_BYTES, is_emoji};

/// Emoji of a message that are shown large, at most.
const FEW: usize = 3;

/// Makes one emoji of two.
const JOINER: char = '\u{200d}';

/// Whether it has one to three emoji and nothing else but spaces.
#[must_use]
pub fn is_large(content: &str) -> bool {
    if content.len() > FEW * (EMOJI_BYTES + 1) || content.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return false;
    }
    let mut shown = 0;
    for word in content.split_whitespace() {
        let mut rest = word;
        while !rest.is_empty() {
            let (first, behind) = rest.split_at(first_of(rest));
            if !is_emoji(first) {
                return false;
            }
            shown += 1;
            rest = behind;
        }
    }
    (1..=FEW).contains(&shown)
}

/// How long the first character is, with all that goes on from it.
fn first_of(text: &str) -> usize {
    let is_letter = |c: char| matches!(c, '\u{1f1e6}'..='\u{1f1ff}');
    let follows =
        |c: char| matches!(c, JOINER | '\u{fe0f}' | '\u{20e3}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}');
    let mut before = None;
    for (at, c) in text.char_indices() {
        let goes_on = match before {
            None | Some(JOINER) => true,
            // A flag has two.
            Some(before) => follows(c) || (is_letter(before) && is_letter(c) && at == before.len_utf8()),
        };
        if !goes_on {
            return at;
        }
        before = Some(c);
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::is_large;

    #[test]
    fn a_few_emoji_and_nothing_else_are_large() {
        for large in ["🎉", "👍🏽", "❤️", "👩‍👩‍👧", "🇩🇪", "🇩🇪🇫🇷", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "1️⃣", "🎉🎉 🎉", " ☕\n", "🏳️‍🌈", "☺️"]
        {
            assert!(is_large(large), "{large:?}");
        }
        for not in ["", " ", "a", "🎉a", "🎉🎉🎉🎉", "1", "#", "12", "🇩", "👍 ok", "\u{200d}", "\u{fe0f}", "←"]
        {
            assert!(!is_large(not), "{not:?}");
        }
        assert!(!is_large(&"🎉".repeat(2_000)));
    }
}
