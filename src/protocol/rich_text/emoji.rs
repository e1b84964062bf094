//! Whether a message is nothing but a few emoji, which are shown large.
//!
//! By ranges, not by a table of all there are: what is drawn as text unless it is told otherwise counts only when it is
//! told so.

/// Emoji of a message that are shown large, at most.
const FEW: usize = 3;

/// Asks to be drawn as an emoji.
const VARIATION: char = '\u{fe0f}';
/// Makes one emoji of two.
const JOINER: char = '\u{200d}';

/// Whether it has one to three emoji and nothing else but spaces.
#[must_use]
pub fn is_large(content: &str) -> bool {
    // The longest have ten characters of four bytes.
    if content.len() > 150 || content.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return false;
    }
    let mut shown = 0;
    let mut rest = content.trim();
    while !rest.is_empty() {
        let Some(long) = emoji(rest) else { return false };
        shown += 1;
        rest = rest[long..].trim_start();
    }
    (1..=FEW).contains(&shown)
}

/// How long the emoji is that a text begins with.
fn emoji(text: &str) -> Option<usize> {
    let mut chars = text.chars().peekable();
    let mut long = 0;
    loop {
        let first = chars.next()?;
        long += first.len_utf8();
        if is_flag(first) {
            let second = chars.next().filter(|c| is_flag(*c))?;
            return Some(long + second.len_utf8());
        }
        let told = chars.next_if_eq(&VARIATION);
        long += told.map_or(0, char::len_utf8);
        let keycap = chars.next_if_eq(&'\u{20e3}').filter(|_| matches!(first, '0'..='9' | '#' | '*'));
        if keycap.is_some() {
            return Some(long + '\u{20e3}'.len_utf8());
        }
        if !(is_emoji(first) || (told.is_some() && is_symbol(first))) {
            return None;
        }
        // A tone of skin, and the tags of flags.
        while let Some(more) = chars.next_if(|c| matches!(c, '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}')) {
            long += more.len_utf8();
        }
        match chars.next_if_eq(&JOINER) {
            Some(joiner) => long += joiner.len_utf8(),
            None => return Some(long),
        }
    }
}

/// The letters that flags are spelled with.
fn is_flag(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
}

/// Drawn as an emoji by itself.
fn is_emoji(c: char) -> bool {
    matches!(c,
        '\u{231a}'..='\u{231b}' | '\u{23e9}'..='\u{23ec}' | '\u{23f0}' | '\u{23f3}' | '\u{25fd}'..='\u{25fe}'
        | '\u{2614}'..='\u{2615}' | '\u{2648}'..='\u{2653}' | '\u{267f}' | '\u{2693}' | '\u{26a1}'
        | '\u{26aa}'..='\u{26ab}' | '\u{26bd}'..='\u{26be}' | '\u{26c4}'..='\u{26c5}' | '\u{26ce}' | '\u{26d4}'
        | '\u{26ea}' | '\u{26f2}'..='\u{26f3}' | '\u{26f5}' | '\u{26fa}' | '\u{26fd}' | '\u{2705}'
        | '\u{270a}'..='\u{270b}' | '\u{2728}' | '\u{274c}' | '\u{274e}' | '\u{2753}'..='\u{2755}' | '\u{2757}'
        | '\u{2795}'..='\u{2797}' | '\u{27b0}' | '\u{27bf}' | '\u{2b1b}'..='\u{2b1c}' | '\u{2b50}' | '\u{2b55}'
        | '\u{1f004}' | '\u{1f0cf}' | '\u{1f18e}' | '\u{1f191}'..='\u{1f19a}' | '\u{1f201}' | '\u{1f21a}'
        | '\u{1f22f}' | '\u{1f232}'..='\u{1f23a}' | '\u{1f250}'..='\u{1f251}' | '\u{1f300}'..='\u{1f64f}'
        | '\u{1f680}'..='\u{1f6ff}' | '\u{1f7e0}'..='\u{1f7ff}' | '\u{1f90c}'..='\u{1faff}'
    )
}

/// May be drawn as an emoji.
fn is_symbol(c: char) -> bool {
    matches!(c,
        '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2190}'..='\u{21ff}'
        | '\u{2300}'..='\u{23ff}' | '\u{24c2}' | '\u{25a0}'..='\u{27bf}' | '\u{2934}'..='\u{2935}'
        | '\u{2b00}'..='\u{2bff}' | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}' | '\u{1f100}'..='\u{1f2ff}'
    )
}

#[cfg(test)]
mod tests {
    use super::is_large;

    #[test]
    fn a_few_emoji_and_nothing_else_are_large() {
        for large in ["🎉", "👍🏽", "❤️", "👩‍👩‍👧", "🇩🇪", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "1️⃣", "🎉🎉 🎉", " ☕\n", "🏳️‍🌈", "☺️"]
        {
            assert!(is_large(large), "{large:?}");
        }
        for not in ["", " ", "a", "🎉a", "🎉🎉🎉🎉", "1", "#", "12", "☺", "🇩", "👍 ok", "\u{200d}", "\u{fe0f}", "←"]
        {
            assert!(!is_large(not), "{not:?}");
        }
        assert!(!is_large(&"🎉".repeat(2_000)));
    }
}
