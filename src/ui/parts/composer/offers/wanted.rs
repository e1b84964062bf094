//! Which word before the caret asks for an offer. Pure.

use crate::ui::emoji::is_of_name;

/// Letters behind a colon before emoji are offered: `:)` and `10:30` are none.
const LETTERS: usize = 2;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Of the whole word with its mark, in UTF-16, as the browser counts.
    pub(super) begin: u32,
    pub(super) end: u32,
    pub(super) is_emoji: bool,
    /// Without the mark.
    pub(super) typed: String,
}

/// `caret`: in UTF-16.
pub(super) fn wanted(text: &str, caret: u32) -> Option<Wanted> {
    let mut passed = 0;
    let mut end = 0;
    for c in text.chars() {
        if passed >= caret {
            break;
        }
        passed += u32::try_from(c.len_utf16()).unwrap_or_default();
        end += c.len_utf8();
    }
    let before = &text[..end];
    // The word, back to its mark.
    let at = before.rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '+')))?;
    let (mark, typed) = (before[at..].chars().next()?, before[at..].chars().skip(1).collect::<String>());
    let is_apart =
        before[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '@' && c != '/' && c != ':');
    let is_emoji = match mark {
        '@' => false,
        ':' if typed.len() >= LETTERS
            && typed.chars().all(is_of_name)
            && typed.contains(|c: char| !c.is_ascii_digit()) =>
        {
            true
        }
        _ => return None,
    };
    let long = u32::try_from(typed.encode_utf16().count()).ok()? + 1;
    (is_apart && typed.len() <= 64).then(|| Wanted { begin: passed - long, end: passed, is_emoji, typed })
}

#[cfg(test)]
mod tests {
    use super::wanted;

    #[test]
    fn what_is_asked_for() {
        let cases = [
            ("@", Some((false, ""))),
            ("@ad", Some((false, "ad"))),
            ("hi @ad", Some((false, "ad"))),
            ("(@ad", Some((false, "ad"))),
            ("🎉 @жа", Some((false, "жа"))),
            ("a@b", None),
            ("@ad ", None),
            ("", None),
            ("ad", None),
            (":ta", Some((true, "ta"))),
            ("hi :+1", Some((true, "+1"))),
            (":t", None),
            (":)", None),
            ("10:30", None),
            (" :30", None),
            ("https://", None),
            ("a:bc", None),
            (":Ta", None),
        ];
        for (text, expected) in cases {
            let length = u32::try_from(text.encode_utf16().count()).unwrap();
            let found = wanted(text, length);
            assert_eq!(found.as_ref().map(|w| (w.is_emoji, w.typed.as_str())), expected, "{text:?}");
            if let Some(found) = found {
                let long = found.typed.encode_utf16().count() + 1;
                assert_eq!((found.end, found.begin), (length, length - u32::try_from(long).unwrap()), "{text:?}");
            }
        }
        assert_eq!(wanted("@ada there", 3).map(|w| w.typed).as_deref(), Some("ad"), "in the middle");
    }
}
