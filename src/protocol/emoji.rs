//! What counts as one emoji: the shapes of Unicode's emoji sequences (UTS #51, ED-17), without a table of those that
//! there are. New ones are let in with no change here; text is not.

/// Longest emoji, in bytes of UTF-8: the longest sequences that Unicode recommends have 35.
pub const EMOJI_BYTES: usize = 48;

const JOINER: char = '\u{200d}';
const EMOJI_STYLE: char = '\u{fe0f}';
const KEYCAP: char = '\u{20e3}';

/// Whether this is one emoji and nothing else.
#[must_use]
pub fn is_emoji(text: &str) -> bool {
    if text.is_empty() || text.len() > EMOJI_BYTES {
        return false;
    }
    let characters: Vec<char> = text.chars().collect();
    match characters[..] {
        // A flag is its country's two letters; a keycap its key.
        [first, second] if is_letter(first) && is_letter(second) => true,
        [key, KEYCAP] | [key, EMOJI_STYLE, KEYCAP] => key.is_ascii_digit() || key == '#' || key == '*',
        _ => characters.split(|c| *c == JOINER).all(is_element),
    }
}

/// One picture, perhaps in another style or skin, perhaps with the tags of a region's flag.
fn is_element(element: &[char]) -> bool {
    let [base, rest @ ..] = element else { return false };
    let rest = match rest {
        [EMOJI_STYLE, rest @ ..] => rest,
        [skin, rest @ ..] if is_skin(*skin) => rest,
        rest => rest,
    };
    let tagged = match rest {
        [] => true,
        [tags @ .., '\u{e007f}'] => !tags.is_empty() && tags.iter().all(|tag| matches!(tag, '\u{e0020}'..='\u{e007e}')),
        _ => false,
    };
    is_picture(*base) && tagged
}

fn is_letter(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
}

fn is_skin(c: char) -> bool {
    matches!(c, '\u{1f3fb}'..='\u{1f3ff}')
}

/// The blocks that hold `Extended_Pictographic` characters, without the letters and digits beside them.
fn is_picture(c: char) -> bool {
    matches!(c,
        '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2194}'..='\u{21aa}'
        | '\u{231a}'..='\u{23ff}' | '\u{24c2}' | '\u{25aa}'..='\u{25fe}' | '\u{2600}'..='\u{27bf}'
        | '\u{2934}'..='\u{2935}' | '\u{2b05}'..='\u{2b55}' | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}'
        | '\u{1f000}'..='\u{1f0ff}' | '\u{1f170}'..='\u{1f19a}' | '\u{1f201}'..='\u{1f265}'
        | '\u{1f300}'..='\u{1faff}'
    ) && !is_letter(c)
        && !is_skin(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emoji_and_what_is_none() {
        let emoji =
            ["👍", "👍🏽", "❤️", "❤", "🎉", "🇩🇪", "1️⃣", "#⃣", "👩‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "👩🏻‍❤️‍💋‍👨🏿", "🏳️‍🌈", "™️", "☕", "🫠", "ℹ️", "⏰"];
        for text in emoji {
            assert!(is_emoji(text), "{text}");
        }
        let none = [
            "",
            " ",
            "a",
            "1",
            "ok",
            "👍👍",
            "👍 ",
            "🇩",
            "🇩🇪🇫🇷",
            "\u{200d}",
            "👍\u{200d}",
            "\u{200d}👍",
            "\u{fe0f}",
            "<b>",
            "é",
            "語",
            "👍\u{202e}",
            "👍\u{e0067}",
            "\u{e007f}",
            "\u{1f3fb}\u{1f3fb}",
            "\0",
            "👍️️",
        ];
        for text in none {
            assert!(!is_emoji(text), "{text:?}");
        }
        assert!(!is_emoji(&"👩\u{200d}".repeat(20)), "too long");
    }
}
