//! What a user name may look like. Whether it is free is the store's business.

use super::content::is_invisible;
use super::limits::NAME_CHARS;

/// Why a name cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameError {
    Empty,
    TooLong,
    /// Something other than a letter that shows, a digit, `.`, `_` or `-`.
    Character,
    /// Only digits: that would read as an id.
    OnlyDigits,
}

impl NameError {
    /// One sentence for people.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Empty => "Choose a name.",
            Self::TooLong => "Use at most 32 characters for the name.",
            Self::Character => "Use letters, digits, dots, dashes and underscores only.",
            Self::OnlyDigits => "Use at least one character that is not a digit.",
        }
    }
}

/// Checks a name: 1–32 letters, digits, `.`, `_`, `-`, with at least one that is not a digit.
pub fn check(name: &str) -> Result<(), NameError> {
    if name.is_empty() {
        return Err(NameError::Empty);
    }
    if name.chars().count() > NAME_CHARS {
        return Err(NameError::TooLong);
    }
    // Some letters show nothing, such as Hangul's fillers.
    if !name.chars().all(|c| (c.is_alphanumeric() && !is_invisible(c)) || matches!(c, '.' | '_' | '-')) {
        return Err(NameError::Character);
    }
    if name.chars().all(char::is_numeric) {
        return Err(NameError::OnlyDigits);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let cases: &[(&str, Result<(), NameError>)] = &[
            ("ada", Ok(())),
            ("Ada.Lovelace_1-2", Ok(())),
            ("Жанна", Ok(())),
            ("佐藤", Ok(())),
            ("7up", Ok(())),
            ("", Err(NameError::Empty)),
            ("007", Err(NameError::OnlyDigits)),
            ("٣٤", Err(NameError::OnlyDigits)),
            ("a b", Err(NameError::Character)),
            ("a\u{202e}b", Err(NameError::Character)),
            ("a\u{200b}b", Err(NameError::Character)),
            ("\u{3164}", Err(NameError::Character)),
            ("ada\u{115f}", Err(NameError::Character)),
            ("ada\u{1160}", Err(NameError::Character)),
            ("ada\u{ffa0}", Err(NameError::Character)),
            ("ada\u{17b4}", Err(NameError::Character)),
            ("ada\u{2800}", Err(NameError::Character)),
            ("ada\u{fe0f}", Err(NameError::Character)),
            ("ada\u{e0041}", Err(NameError::Character)),
            ("김하늘", Ok(())),
            ("<img>", Err(NameError::Character)),
        ];
        for (name, expected) in cases {
            assert_eq!(check(name), *expected, "{name:?}");
        }
        assert_eq!(check(&"é".repeat(32)), Ok(()));
        assert_eq!(check(&"é".repeat(33)), Err(NameError::TooLong));
    }
}
