//! What the back ends write and answer alike, so that one's data can become the other's.

use aws_lc_rs::hmac;

use crate::protocol::{ConversationKind, Density, Level, Message, Preferences, Reaction, Seq, Theme};

// The numbers of `events.kind`.
pub(super) const MESSAGE_CREATE: i64 = 1;
pub(super) const MEMBER_ADD: i64 = 2;
pub(super) const MEMBER_REMOVE: i64 = 3;
pub(super) const MESSAGE_UPDATE: i64 = 4;
/// Also the creation of a message that was deleted since: so the log alone tells what is unread.
pub(super) const MESSAGE_DELETE: i64 = 5;
pub(super) const REACTION_ADD: i64 = 6;
pub(super) const REACTION_REMOVE: i64 = 7;
pub(super) const CONVERSATION_UPDATE: i64 = 8;
// The numbers of `inbox_events.kind`.
pub(super) const CONVERSATION_CREATE: i64 = 1;
pub(super) const CONVERSATION_DELETE: i64 = 2;
pub(super) const MINE_UPDATE: i64 = 3;

/// Expired sessions that one sign-in clears away, at most: more than it adds, so they never pile up.
pub(super) const CLEARED: i64 = 32;

/// Tells by its key whose data it is, and nothing of the key.
pub(super) fn fingerprint(nonce_key: &hmac::Key) -> hmac::Tag {
    hmac::sign(nonce_key, b"whose database this is")
}

/// As it stands in `conversations.kind`.
pub(super) fn kind_name(kind: ConversationKind) -> &'static str {
    match kind {
        ConversationKind::Direct => "direct",
        ConversationKind::Group => "group",
        ConversationKind::Room => "room",
    }
}

/// `Err`: what is wrong with the name.
pub(super) fn kind_named(name: &str) -> Result<ConversationKind, String> {
    use ConversationKind::{Direct, Group, Room};
    let found = [Direct, Group, Room].into_iter().find(|kind| kind_name(*kind) == name);
    found.ok_or_else(|| format!("{name:?} is no kind of conversation"))
}

/// As it stands in `members.level`.
pub(super) fn level_number(level: Level) -> i64 {
    match level {
        Level::All => 0,
        Level::Mentions => 1,
        Level::Nothing => 2,
    }
}

/// `Err`: what is wrong with the number.
pub(super) fn level_numbered(number: i64) -> Result<Level, String> {
    let levels = [Level::All, Level::Mentions, Level::Nothing];
    levels.into_iter().find(|level| level_number(*level) == number).ok_or_else(|| format!("{number} is no level"))
}

/// As they stand in `users.theme` and `users.density`.
pub(super) fn preference_numbers(preferences: Preferences) -> (i64, i64) {
    let theme = match preferences.theme {
        Theme::System => 0,
        Theme::Light => 1,
        Theme::Dark => 2,
    };
    let density = match preferences.density {
        Density::Comfortable => 0,
        Density::Compact => 1,
    };
    (theme, density)
}

/// The rows' checks let no other numbers in.
pub(super) fn preferences_of(theme: i64, density: i64) -> Preferences {
    let theme = match theme {
        1 => Theme::Light,
        2 => Theme::Dark,
        _ => Theme::System,
    };
    Preferences { theme, density: if density == 1 { Density::Compact } else { Density::Comfortable } }
}

/// As they stand in `messages.reactions`.
pub(super) fn reactions_text(reactions: &[Reaction]) -> Option<String> {
    (!reactions.is_empty()).then(|| serde_json::to_string(reactions).expect("texts and numbers are JSON"))
}

/// `Err`: what is wrong with the text.
pub(super) fn reactions_of(text: Option<&str>) -> Result<Vec<Reaction>, String> {
    text.map_or_else(|| Ok(Vec::new()), |text| serde_json::from_str(text).map_err(|error| error.to_string()))
}

/// What these messages answer and is not among them, each once; not what is from before the first number that the reader
/// may see.
pub(super) fn quoted(messages: &[Message], floor: Seq) -> Vec<Seq> {
    let is_here = |seq: &Seq| messages.binary_search_by_key(seq, |message| message.seq).is_ok();
    let answered = messages.iter().filter_map(|message| message.reply_to);
    let mut quoted: Vec<Seq> = answered.filter(|seq| *seq >= floor && !is_here(seq)).collect();
    quoted.sort_unstable();
    quoted.dedup();
    quoted
}

/// Cuts off the one row too many that was asked for, to learn whether there is more.
pub(super) fn cut<T>(mut rows: Vec<T>, limit: u32) -> (Vec<T>, bool) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    (rows, more)
}
