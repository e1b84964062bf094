//! What groups and rooms may be called, and what they may say they are about. The same on both sides.

use super::content::is_invisible;
use super::limits::{TITLE_CHARS, TOPIC_CHARS};

/// Why a title or topic cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TitleError {
    /// Nothing that shows.
    Blank,
    TooLong,
    /// A line break or another control character.
    Control,
}

impl TitleError {
    /// One sentence for people, about a title.
    #[must_use]
    pub fn of_title(self) -> &'static str {
        match self {
            Self::Blank => "Give it a name.",
            Self::TooLong => "Use at most 80 characters for the name.",
            Self::Control => "A name is one line of plain text.",
        }
    }

    /// One sentence for people, about a topic.
    #[must_use]
    pub fn of_topic(self) -> &'static str {
        match self {
            Self::Blank => "This topic shows nothing: write something, or leave it empty.",
            Self::TooLong => "Use at most 250 characters for the topic.",
            Self::Control => "A topic is one line of plain text.",
        }
    }
}

/// The title without the space around it; none where there is nothing.
pub fn title(text: &str) -> Result<Option<String>, TitleError> {
    line(text, TITLE_CHARS)
}

/// The topic without the space around it; none where there is nothing.
pub fn topic(text: &str) -> Result<Option<String>, TitleError> {
    line(text, TOPIC_CHARS)
}

fn line(text: &str, chars: usize) -> Result<Option<String>, TitleError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
        return Err(TitleError::Control);
    }
    if text.chars().all(|c| c.is_whitespace() || is_invisible(c)) {
        return Err(TitleError::Blank);
    }
    if text.chars().count() > chars {
        return Err(TitleError::TooLong);
    }
    Ok(Some(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles() {
        let cases: &[(&str, Result<Option<&str>, TitleError>)] = &[
            ("tea", Ok(Some("tea"))),
            ("  The tea room \u{a0}", Ok(Some("The tea room"))),
            ("お茶 ☕", Ok(Some("お茶 ☕"))),
            ("", Ok(None)),
            (" \t\n ", Ok(None)),
            ("a\nb", Err(TitleError::Control)),
            ("a\u{2028}b", Err(TitleError::Control)),
            ("a\0", Err(TitleError::Control)),
            ("\u{200b}\u{feff}", Err(TitleError::Blank)),
            ("\u{2800} \u{3164}", Err(TitleError::Blank)),
        ];
        for (text, expected) in cases {
            assert_eq!(title(text), expected.map(|text| text.map(str::to_owned)), "{text:?}");
        }
        assert_eq!(title(&"é".repeat(80)), Ok(Some("é".repeat(80))));
        assert_eq!(title(&"é".repeat(81)), Err(TitleError::TooLong));
        assert_eq!(topic(&"é".repeat(250)), Ok(Some("é".repeat(250))));
        assert_eq!(topic(&"é".repeat(251)), Err(TitleError::TooLong));
        assert!(TitleError::TooLong.of_title().contains(&TITLE_CHARS.to_string()));
        assert!(TitleError::TooLong.of_topic().contains(&TOPIC_CHARS.to_string()));
    }
}
