//! What people say of themselves, what they choose for their pages, and where they are signed in.

use serde::{Deserialize, Serialize};

use super::content::is_invisible;
use super::ids::{Seq, SessionId, UserId};
use super::limits::{ABOUT_CHARS, DISPLAY_CHARS, TIME_ZONE_BYTES};
use super::message::UserRef;

/// A user as everybody may read of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    pub id: UserId,
    pub name: String,
    /// What is shown in the name's place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
    /// What they say of themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// By its name in the time zone database: `Europe/Berlin`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// When they came, in milliseconds since 1970-01-01 UTC.
    pub created_ms: i64,
}

impl Profile {
    #[must_use]
    pub fn user(&self) -> UserRef {
        UserRef { id: self.id, name: self.name.clone(), display: self.display.clone() }
    }

    /// What people read.
    #[must_use]
    pub fn shown(&self) -> &str {
        self.display.as_deref().unwrap_or(&self.name)
    }
}

/// People in the order of their names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserList {
    pub users: Vec<Profile>,
    pub more: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the device has it.
    #[default]
    System,
    Light,
    Dark,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Density {
    #[default]
    Comfortable,
    Compact,
}

/// How somebody's pages look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    pub theme: Theme,
    pub density: Density,
}

/// A user as they alone may read of themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub profile: Profile,
    /// Nobody sees whether they are there.
    pub presence_hidden: bool,
    pub preferences: Preferences,
}

/// One place where somebody is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionEntry {
    pub id: SessionId,
    /// "Firefox on Linux"; none where the program did not say what it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    pub created_ms: i64,
    /// When it was last used, to about an hour.
    pub seen_ms: i64,
    /// The one that asks.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub current: bool,
}

/// The most recently used first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionList {
    pub sessions: Vec<SessionEntry>,
}

/// From whom somebody wants to hear no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockList {
    pub users: Vec<UserRef>,
}

/// How far each member of a direct conversation or group has read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReaderList {
    pub readers: Vec<(UserId, Seq)>,
}

/// Why a part of a profile cannot be saved: one sentence for people.
pub type Sentence = &'static str;

/// A display name without the space around it; none where nothing is left, so that the name is shown again.
pub fn display(text: &str) -> Result<Option<String>, Sentence> {
    let text = text.trim();
    if text.chars().count() > DISPLAY_CHARS {
        return Err("Use at most 50 characters for the display name.");
    }
    if text.chars().any(|c| c.is_control() || is_misleading(c)) {
        return Err("Use characters for the display name that can be seen.");
    }
    if !text.is_empty() && text.chars().all(|c| c.is_whitespace() || is_invisible(c)) {
        return Err("Use characters for the display name that can be seen.");
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// What somebody says of themselves, without the space around it; none where nothing is left.
pub fn about(text: &str) -> Result<Option<String>, Sentence> {
    let text = super::content::normalise(text);
    let text = text.trim();
    if text.chars().count() > ABOUT_CHARS {
        return Err("Use at most 280 characters for what you say about yourself.");
    }
    if text.chars().any(|c| (c.is_control() && c != '\n') || is_misleading(c)) {
        return Err("What you say about yourself contains control characters, which cannot be saved.");
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// What may be a time zone's name; none where it is empty. Whether there is such a zone, the server looks up.
pub fn time_zone(text: &str) -> Result<Option<String>, Sentence> {
    let text = text.trim();
    let is_name = text.len() <= TIME_ZONE_BYTES
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '+'));
    if !is_name {
        return Err("Write the time zone by its name, such as Europe/Berlin.");
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// Turns the text around it, or the rest of the line.
fn is_misleading(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_saved() {
        assert_eq!(display("  Ada Lovelace "), Ok(Some("Ada Lovelace".to_owned())));
        assert_eq!(display("👩‍🚀 Ada"), Ok(Some("👩‍🚀 Ada".to_owned())), "joiners hold emoji together");
        assert_eq!(display(" \t "), Ok(None));
        assert_eq!(display(&"é".repeat(50)), Ok(Some("é".repeat(50))));
        for wrong in ["a\nb", "\u{200b}", "\u{3164} \u{3164}", "ada\u{202e}", "a\0", &"é".repeat(51)] {
            assert!(display(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(about("I count.\r\nOn machines. "), Ok(Some("I count.\nOn machines.".to_owned())));
        assert_eq!(about(""), Ok(None));
        for wrong in ["a\0", "a\u{1b}", "a\u{2067}", &"x".repeat(281)] {
            assert!(about(wrong).is_err(), "{wrong:?}");
        }
        for zone in ["Europe/Berlin", "UTC", "Etc/GMT+3", "America/Port-au-Prince", "America/Argentina/Ushuaia"] {
            assert_eq!(time_zone(zone), Ok(Some(zone.to_owned())));
        }
        assert_eq!(time_zone(" "), Ok(None));
        for wrong in ["Europe Berlin", "<b>", "é", &"x".repeat(65)] {
            assert!(time_zone(wrong).is_err(), "{wrong:?}");
        }
    }
}
