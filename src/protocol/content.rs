//! What the text of a message may be, the same on both sides.

use super::limits::{CONTENT_BYTES, CONTENT_CHARS};

/// Why a text cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentError {
    Blank,
    TooLong,
    /// A control character other than newline and tab.
    Control,
}

impl ContentError {
    /// One sentence for people.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Blank => "Write something first.",
            Self::TooLong => "That is too long. A message holds at most 4,000 characters.",
            Self::Control => "That contains control characters, which cannot be sent.",
        }
    }
}

/// Turns CRLF and CR into LF, as browsers' forms submit CRLF. Done before checking and before hashing.
#[must_use]
pub fn normalise(content: &str) -> String {
    content.replace("\r\n", "\n").replace('\r', "\n")
}

/// Checks a normalised text: not blank, at most 8,000 bytes and 4,000 characters, no control
/// characters but newline and tab.
pub fn check(content: &str) -> Result<(), ContentError> {
    if content.chars().all(|c| c.is_whitespace() || is_invisible(c)) {
        return Err(ContentError::Blank);
    }
    if content.len() > CONTENT_BYTES || content.chars().count() > CONTENT_CHARS {
        return Err(ContentError::TooLong);
    }
    if content.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(ContentError::Control);
    }
    Ok(())
}

/// Characters that show nothing by themselves: Unicode's `Default_Ignorable_Code_Point`, and the blank Braille pattern.
/// A text of these alone looks blank, and two names that differ in one look alike.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents() {
        let cases: &[(&str, Result<(), ContentError>)] = &[
            ("hello", Ok(())),
            ("a\n\tb", Ok(())),
            ("👩‍👩‍👧", Ok(())),
            ("", Err(ContentError::Blank)),
            (" \n\t ", Err(ContentError::Blank)),
            ("\u{200b}\u{feff}", Err(ContentError::Blank)),
            ("\u{3164}\u{115f}\u{1160}\u{ffa0}", Err(ContentError::Blank)),
            ("\u{2800} \u{180e}\u{34f}\u{fe0f}\u{e0041}", Err(ContentError::Blank)),
            ("\u{2764}\u{fe0f}", Ok(())),
            ("\u{1f3f4}\u{e0067}\u{e007f}", Ok(())),
            ("a\0b", Err(ContentError::Control)),
            ("a\u{1b}[31m", Err(ContentError::Control)),
            ("a\u{85}b", Err(ContentError::Control)),
        ];
        for (content, expected) in cases {
            assert_eq!(check(content), *expected, "{content:?}");
        }
        assert_eq!(check(&"x".repeat(4_000)), Ok(()));
        assert_eq!(check(&"x".repeat(4_001)), Err(ContentError::TooLong));
        assert_eq!(check(&"é".repeat(4_000)), Ok(()));
        assert_eq!(check(&"語".repeat(2_667)), Err(ContentError::TooLong));
        assert_eq!(check(&"a\u{301}".repeat(32_000)), Err(ContentError::TooLong));
    }

    #[test]
    fn line_ends() {
        assert_eq!(normalise("a\r\nb\rc\nd"), "a\nb\nc\nd");
    }
}
