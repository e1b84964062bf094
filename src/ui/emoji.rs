//! Emoji by their names: what the picker shows and what `:name:` stands for. Their list is a file of the site, made by
//! `scripts/emoji` and fetched when it is first asked for; what is stored and shown are the characters themselves.

mod browser;
mod names;

use std::sync::Arc;

pub use browser::{recent, used, with_set, written};
pub use names::written_by;

/// All that there are, in the order of Unicode.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct EmojiSet {
    pub groups: Vec<Group>,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Group {
    pub name: String,
    pub emoji: Vec<Emoji>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emoji {
    pub text: String,
    /// Parted by spaces.
    names: String,
    words: String,
}

impl Emoji {
    /// What it is called first.
    #[must_use]
    pub fn name(&self) -> &str {
        self.names.split(' ').next().unwrap_or_default()
    }

    /// How well it answers to what was typed, the best first; None: not at all.
    fn rank(&self, typed: &str) -> Option<u8> {
        let begins = |words: &str| words.split([' ', '_']).any(|word| word.starts_with(typed));
        if self.names.split(' ').any(|name| name == typed) {
            Some(0)
        } else if self.names.split(' ').any(|name| name.starts_with(typed)) {
            Some(1)
        } else if begins(&self.names) || begins(&self.words) {
            Some(2)
        } else {
            None
        }
    }
}

impl EmojiSet {
    /// Of the file's lines: `# group`, or an emoji, its names and its words, parted by tabs.
    #[must_use]
    pub fn parse(file: &str) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        for line in file.lines() {
            let mut parts = line.split('\t').map(str::to_owned);
            match (line.strip_prefix("# "), groups.last_mut()) {
                (Some(name), _) => groups.push(Group { name: name.to_owned(), emoji: Vec::new() }),
                (None, Some(group)) => {
                    if let (Some(text), Some(names), Some(words)) = (parts.next(), parts.next(), parts.next()) {
                        group.emoji.push(Emoji { text, names, words });
                    }
                }
                (None, None) => {}
            }
        }
        Self { groups }
    }

    /// Those that answer to what was typed, the best first.
    #[must_use]
    pub fn find(&self, typed: &str, most: usize) -> Vec<Emoji> {
        let typed = typed.trim().to_lowercase();
        let all = self.groups.iter().flat_map(|group| &group.emoji);
        let mut found: Vec<_> = all.filter_map(|emoji| Some((emoji.rank(&typed)?, emoji))).collect();
        found.sort_by_key(|(rank, _)| *rank);
        found.into_iter().take(most).map(|(_, emoji)| emoji.clone()).collect()
    }

    /// What an emoji is called, for a screen reader.
    #[must_use]
    pub fn called(&self, text: &str) -> Option<String> {
        let mut all = self.groups.iter().flat_map(|group| &group.emoji);
        all.find(|emoji| emoji.text == text).map(|emoji| emoji.name().replace('_', " "))
    }

    fn named(&self, name: &str) -> Option<&str> {
        let mut all = self.groups.iter().flat_map(|group| &group.emoji);
        all.find(|emoji| emoji.names.split(' ').any(|other| other == name)).map(|emoji| emoji.text.as_str())
    }

    /// Every name, with the emoji that it stands for.
    pub fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.groups.iter().flat_map(|group| &group.emoji);
        all.flat_map(|emoji| emoji.names.split(' ').map(|name| (name, emoji.text.as_str())))
    }

    /// The text with characters in the place of `:name:`, but in code.
    #[must_use]
    pub fn written(&self, text: &str) -> String {
        written_by(text, |name| self.named(name))
    }
}

/// What may stand between the colons.
#[must_use]
pub fn is_of_name(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '+' | '-')
}

/// One list, shared by all who show it.
pub type SharedSet = Arc<EmojiSet>;

#[cfg(test)]
mod tests {
    use super::*;

    fn set() -> EmojiSet {
        EmojiSet::parse(include_str!("../../public/emoji.txt"))
    }

    #[test]
    fn the_file_is_whole() {
        let set = set();
        assert_eq!(set.groups.len(), 9);
        let all: Vec<&Emoji> = set.groups.iter().flat_map(|group| &group.emoji).collect();
        assert!(all.len() > 1_800);
        for emoji in all {
            assert!(crate::protocol::emoji::is_emoji(&emoji.text), "{emoji:?}");
            assert!(!emoji.name().is_empty() && emoji.names.chars().all(|c| is_of_name(c) || c == ' '), "{emoji:?}");
        }
    }

    #[test]
    fn what_was_typed_finds_the_nearest_first() {
        let first = |typed: &str| set().find(typed, 5).first().map(|emoji| emoji.text.clone());
        assert_eq!(first("tada").as_deref(), Some("🎉"));
        assert_eq!(first("TAD").as_deref(), Some("🎉"));
        assert_eq!(first("+1").as_deref(), Some("👍"));
        assert_eq!(first("no such thing"), None);
        assert_eq!(set().find("a", 5).len(), 5);
    }

    #[test]
    fn names_become_characters_but_in_code() {
        let set = set();
        for (typed, expected) in [
            ("hi :tada:!", "hi 🎉!"),
            (":+1::tada:", "👍🎉"),
            (":nosuch: at 10:30:20", ":nosuch: at 10:30:20"),
            ("`:tada:` :tada:", "`:tada:` 🎉"),
            ("```\n:tada:\n```", "```\n:tada:\n```"),
            ("https://a.example:80/", "https://a.example:80/"),
            (":", ":"),
            ("::::", "::::"),
        ] {
            assert_eq!(set.written(typed), expected, "{typed:?}");
        }
    }
}
