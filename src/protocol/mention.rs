//! Who is called by name in a message: `@name`, and `@all` for everybody in the conversation.
//!
//! Not in code or in the text of a link. Whether somebody of that name is there is not known here.

use super::content::is_invisible;
use super::limits::NAME_CHARS;
use super::name;
use super::rich_text::{Inline, each_inline, parse};

/// The name that stands for everybody.
const ALL: &str = "all";

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mention {
    /// As it was typed: names are the same that differ in case alone.
    Name(String),
    /// As it was typed.
    All(String),
}

impl Mention {
    /// What stands behind the `@`.
    #[must_use]
    pub fn typed(&self) -> &str {
        let (Self::Name(typed) | Self::All(typed)) = self;
        typed
    }

    /// Whether it calls whoever has this name.
    #[must_use]
    pub fn calls(&self, name: &str) -> bool {
        match self {
            Self::Name(typed) => typed == name || typed.to_lowercase() == name.to_lowercase(),
            Self::All(_) => true,
        }
    }
}

/// Those of a text, in order, as often as they are there.
pub fn mentions(content: &str) -> impl Iterator<Item = Mention> + use<> {
    let mut found = Vec::new();
    if content.contains('@') {
        each_inline(&parse(content), &mut |inline| {
            if let Inline::Mention(mention) = inline {
                found.push(mention.clone());
            }
        });
    }
    found.into_iter()
}

/// Whether a text calls whoever has this name by it. What calls everybody is no matter of a name.
#[must_use]
pub fn names(content: &str, name: &str) -> bool {
    mentions(content).any(|mention| matches!(mention, Mention::Name(_)) && mention.calls(name))
}

/// The mention at the `@` that stands before `rest`, and how long it is without that. `before`: what is before the `@`.
pub(super) fn at_sign(before: Option<char>, rest: &str) -> Option<(Mention, usize)> {
    // An address's, or a path's.
    if before.is_some_and(|c| c != '_' && (is_of_name(c) || matches!(c, '@' | '/'))) {
        return None;
    }
    let end = rest.find(|c| !is_of_name(c)).unwrap_or(rest.len());
    // The dot is mostly the sentence's.
    let typed = rest[..end].trim_end_matches(['.', '-']);
    // And so are marks, where one stands before it.
    let typed = if before == Some('_') { typed.trim_end_matches('_') } else { typed };
    let joined = typed.len() == end && rest[end..].starts_with('@');
    if joined || typed.len() > 4 * NAME_CHARS || name::check(typed).is_err() {
        return None;
    }
    let is_all = typed.eq_ignore_ascii_case(ALL);
    let mention = if is_all { Mention::All(typed.to_owned()) } else { Mention::Name(typed.to_owned()) };
    Some((mention, typed.len()))
}

/// Whether a name may have it.
fn is_of_name(c: char) -> bool {
    (c.is_alphanumeric() && !is_invisible(c)) || matches!(c, '.' | '_' | '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_mentioned() {
        let cases: &[(&str, &[&str])] = &[
            ("hello", &[]),
            ("@ada", &["ada"]),
            ("hi @ada, and @Ben-2!", &["ada", "Ben-2"]),
            ("(@ada)", &["ada"]),
            ("@ada. @ben... @cy-", &["ada", "ben", "cy"]),
            ("@ada.lovelace", &["ada.lovelace"]),
            ("@佐藤 @Жанна", &["佐藤", "Жанна"]),
            ("**@ada** _@ben_ _hi @cy_", &["ada", "ben", "cy_"]),
            ("> @ada\n- @ben", &["ada", "ben"]),
            ("@all and @ALL", &["all!", "ALL!"]),
            ("@allan", &["allan"]),
            ("a@b.c", &[]),
            ("mail ada@example.org now", &[]),
            ("@ada@example.org", &[]),
            ("@@ada", &[]),
            ("https://example.org/@ada", &[]),
            ("example.org/@ada", &[]),
            ("`@ada`", &[]),
            ("```\n@ada\n```", &[]),
            ("[@ada](https://example.org)", &[]),
            ("\\@ada", &[]),
            ("@123", &[]),
            ("@", &[]),
            ("@ ada", &[]),
            ("@a\u{200b}b", &["a"]),
        ];
        for (content, expected) in cases {
            let said = |mention: Mention| match mention {
                Mention::Name(name) => name,
                Mention::All(all) => format!("{all}!"),
            };
            assert_eq!(mentions(content).map(said).collect::<Vec<_>>(), *expected, "{content:?}");
        }
        assert_eq!(mentions(&format!("@{}", "a".repeat(33))).count(), 0, "longer than a name");
    }

    #[test]
    fn whom_a_mention_calls() {
        assert!(names("hi @ADA", "ada") && names("@жанна", "Жанна"));
        assert!(!names("@all", "ada") && !names("@ada", "ad"));
        assert!(mentions("@all").all(|mention| mention.calls("ada")));
    }
}
