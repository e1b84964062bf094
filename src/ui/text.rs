//! Every string that people read, in one place so that it can be translated.
//!
//! Sentences that come from the server (errors) are the server's; everything else is here.
//! Long because it is a list.

pub const BRAND: &str = "Chatter";
pub const TAGLINE: &str = "A calm place to talk.";

pub const NAME: &str = "Name";
pub const PASSWORD: &str = "Password";
pub const SIGN_IN: &str = "Sign in";
pub const SIGN_OUT: &str = "Sign out";
pub const CREATE_ACCOUNT: &str = "Create account";
pub const NEW_HERE: &str = "New here?";
pub const HAVE_ACCOUNT: &str = "Already have an account?";
pub const NAME_HINT: &str = "Letters, digits, dots, dashes and underscores. Others see it.";
pub const PASSWORD_HINT: &str = "At least 8 characters.";
pub const SIGN_UP_CLOSED: &str = "New accounts are closed here.";
pub const SIGN_UP_CLOSED_HINT: &str = "Ask whoever runs this Chatter to make one for you.";
pub const ENDED: &str = "Your session ended.";
pub const ENDED_HINT: &str =
    "You signed out here or from another device, or your password was changed. Sign in to go on.";
pub const UNSENT: &str = "Your message was not sent. Copy it if you still need it.";
pub const UNSENT_SIGN_IN: &str = "Your message was not sent. Copy it, then sign in.";
pub const OPEN_CHATTER: &str = "Open Chatter";
pub const SIGN_IN_TO_READ: &str = "Sign in to read this.";

pub const CONVERSATIONS: &str = "Conversations";
pub const NEW_CHAT: &str = "New chat";
pub const SETTINGS: &str = "Settings";
pub const BACK: &str = "Back";
pub const MORE_CONVERSATIONS: &str = "More conversations";
pub const NO_CONVERSATIONS: &str = "No conversations yet.";
pub const NO_CONVERSATIONS_HINT: &str = "Start one with anybody here, by name.";
pub const PICK_CONVERSATION: &str = "Pick a conversation.";
pub const PICK_CONVERSATION_HINT: &str = "Or start a new one.";
pub const NO_MESSAGES: &str = "No messages yet.";
pub const NO_MESSAGES_HINT: &str = "Say hello.";
pub const NO_SUCH_CONVERSATION: &str = "There is no such conversation.";
pub const NO_SUCH_CONVERSATION_HINT: &str = "It does not exist, or you are not in it.";
pub const ALL_CONVERSATIONS: &str = "All conversations";
pub const NOT_LOADED: &str = "That could not be loaded.";
pub const RETRY: &str = "Retry";
pub const LOADING: &str = "Loading…";

pub const TO: &str = "To";
pub const TO_HINT: &str = "Their name";
pub const START_HINT: &str = "Your first message opens the conversation.";

pub const MESSAGES: &str = "Messages";
pub const MESSAGE: &str = "Message";
pub const SEND: &str = "Send";
pub const EDIT: &str = "Edit";
pub const MARK_AS_READ: &str = "Mark as read";
pub const NEW_DIVIDER: &str = "New";
pub const JUMP_TO_NEW: &str = ": jump to the first";
pub const OLDER_MESSAGES: &str = "Older messages";
pub const LATEST_MESSAGES: &str = "Latest messages";
pub const DISCARD: &str = "Discard";
pub const PENDING: &str = "Waiting to be sent";
pub const SENT: &str = "Sent";
pub const FAILED: &str = "Not sent.";
pub const ACTIONS: &str = "Message actions";
pub const REACT: &str = "React";
pub const ANY_EMOJI: &str = "Any other emoji";
pub const REACTIONS: &str = "Reactions";
pub const REPLY: &str = "Reply";
pub const MORE: &str = "More";
pub const PIN: &str = "Pin";
pub const UNPIN: &str = "Unpin";
pub const PINNED: &str = "Pinned";
pub const PINNED_MESSAGES: &str = "Pinned messages";
pub const NO_PINS: &str = "No message is pinned here.";
pub const COPY_TEXT: &str = "Copy text";
pub const COPY_LINK: &str = "Copy link";
pub const WHO_REACTED: &str = "Who reacted";
pub const EDITED: &str = "edited";
pub const WHO_READ: &str = "Who has read it";
pub const READ_BY_NOBODY: &str = "Nobody has read it yet.";
pub const COPY_REFUSED: &str = "Your browser did not let the page copy it: select it and copy it yourself.";
pub const IS_ARCHIVED: &str = "Archived";
pub const EDIT_HISTORY: &str = "Edit history";
/// Below as many of them.
pub const EARLIER_EDITS: &str = "The latest 100 changes are kept in view.";
pub const DELETE: &str = "Delete";
pub const DELETED: &str = "This message was deleted.";
pub const DELETE_QUESTION: &str = "Delete this message?";
pub const DELETE_HINT: &str = "It goes for everybody, and cannot be brought back.";
pub const KEEP: &str = "Keep it";
pub const CLOSE: &str = "Close";
pub const CANCEL: &str = "Cancel";
pub const SAVE: &str = "Save";
pub const EDITING: &str = "Editing your message";
pub const AN_EARLIER_MESSAGE: &str = "An earlier message";
pub const NEWER_MESSAGES: &str = "Newer messages";
pub const TO_LATEST: &str = "Latest";
pub const NOW_WORD: &str = "Now";
pub const A_CONVERSATION: &str = "a conversation";
pub const WHOM: &str = "Say whom to write to.";

pub const RECONNECTING: &str = "Reconnecting…";
pub const OFFLINE: &str = "Offline. What you send waits here until you are back.";

pub const CHANGE_PASSWORD: &str = "Change password";
pub const CHANGE_PASSWORD_HINT: &str = "Your other devices will be signed out.";
pub const OLD_PASSWORD: &str = "Current password";
pub const NEW_PASSWORD: &str = "New password";
pub const PASSWORD_CHANGED: &str = "Your password was changed.";
pub const THIS_DEVICE: &str = "This device";
pub const STAY: &str = "Stay signed in";
pub const SIGN_OUT_DISCARD: &str = "Sign out and discard";

pub const PROFILE: &str = "Profile";
pub const PROFILE_SAVED: &str = "Your profile was saved.";
pub const DISPLAY_NAME: &str = "Display name";
pub const DISPLAY_NAME_HINT: &str = "Shown in place of your name. People still find and mention you by your name.";
pub const ABOUT: &str = "About you";
pub const ABOUT_HINT: &str = "At most 280 characters. Everybody here can read it.";
pub const TIME_ZONE: &str = "Time zone";
pub const TIME_ZONE_HINT: &str = "Such as Europe/Berlin: others then see what time it is where you are.";
pub const SAVE_PROFILE: &str = "Save profile";
pub const APPEARANCE: &str = "Appearance";
pub const THEME: &str = "Theme";
pub const THEME_SYSTEM: &str = "As the device has it";
pub const THEME_LIGHT: &str = "Light";
pub const THEME_DARK: &str = "Dark";
pub const DENSITY: &str = "Density";
pub const DENSITY_COMFORTABLE: &str = "Comfortable";
pub const DENSITY_COMPACT: &str = "Compact";
pub const SAVE_APPEARANCE: &str = "Save appearance";
pub const PRIVACY: &str = "Privacy";
pub const PRESENCE: &str = "Whether you are here";
pub const PRESENCE_SHOWN: &str = "Others see when you are here";
pub const PRESENCE_HIDDEN: &str = "Nobody sees when you are here";
pub const SAVE_PRIVACY: &str = "Save privacy";
pub const DEVICES: &str = "Where you are signed in";
pub const DEVICES_SAVED: &str = "Signed out there.";
pub const SIGN_OUT_OTHERS: &str = "Sign out everywhere else";
pub const UNKNOWN_DEVICE: &str = "Unknown device";
pub const LAST_USED: &str = "Last used";
pub const SIGNED_IN_ON: &str = "signed in on";

pub const ALL_PEOPLE: &str = "All people";
pub const FIND_PEOPLE: &str = "Find people by name";
pub const FIND: &str = "Find";
pub const NOBODY_FOUND: &str = "Nobody was found.";
pub const NOBODY_FOUND_HINT: &str = "People are found by how their name begins.";
pub const NOBODY: &str = "There is nobody of that name.";
pub const MORE_PEOPLE: &str = "More people";
pub const HERE_SINCE: &str = "Here since";
pub const NOTE_TO_SELF: &str = "Write to yourself";
pub const EDIT_PROFILE: &str = "Edit profile";

pub const KEEPING: &str = "How you keep this conversation";
pub const PIN_CONVERSATION: &str = "Pin to the top";
pub const UNPIN_CONVERSATION: &str = "Unpin from the top";
pub const MARK_UNREAD: &str = "Mark as unread";
pub const UNMARK_UNREAD: &str = "Mark as read";
pub const LEVEL: &str = "Tell me about";
pub const LEVEL_ALL: &str = "All messages";
pub const LEVEL_MENTIONS: &str = "Mentions only";
pub const LEVEL_NOTHING: &str = "Nothing";
pub const IS_PINNED: &str = "Pinned";
pub const IS_MUTED: &str = "Muted";
pub const IS_MARKED: &str = "Marked as unread";

pub const BLOCK: &str = "Block";
pub const UNBLOCK: &str = "Unblock";
pub const BLOCKED: &str = "Blocked people";
pub const NOBODY_BLOCKED: &str =
    "You have blocked nobody. Whom you block no longer reaches you by direct messages, and is not told.";
pub const IS_BLOCKED: &str = "You have blocked them: their direct messages do not reach you, and they are not told.";
pub const UNBLOCKED: &str = "Unblocked.";

pub const NOT_FOUND: &str = "There is nothing here.";
pub const NOT_FOUND_HINT: &str = "The address may be mistyped, or what was here is gone.";
pub const GO_HOME: &str = "Go to Chatter";

pub const TODAY: &str = "Today";
pub const YESTERDAY: &str = "Yesterday";
pub const NOW: &str = "now";
pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// From Monday.
pub const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// A name in the middle of a text without elements: keeps its direction to itself, as `<bdi>` would.
#[must_use]
pub fn isolated(name: &str) -> String {
    format!("\u{2068}{name}\u{2069}")
}

#[must_use]
pub fn read_by(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| isolated(name)).collect();
    format!("Read by {}", names.join(", "))
}

/// A name as people mention it.
#[must_use]
pub fn at_name(name: &str) -> String {
    format!("@{name}")
}

/// Somebody by what is shown, and by the name where that is another.
#[must_use]
pub fn named(user: &crate::protocol::UserRef) -> String {
    match &user.display {
        Some(display) => format!("{} @{}", isolated(display), user.name),
        None => user.name.clone(),
    }
}

/// A name as a part of an address.
#[must_use]
pub fn in_address(name: &str) -> String {
    form_urlencoded::byte_serialize(name.as_bytes()).collect()
}

#[must_use]
pub fn sign_out_of(device: &str) -> String {
    format!("Sign out {}", isolated(device))
}

/// What time it is where somebody is.
#[must_use]
pub fn now_there(clock: &str) -> String {
    format!("({clock} there now)")
}

#[must_use]
pub fn signed_in_as(name: &str) -> String {
    format!("Signed in as {}", isolated(name))
}

#[must_use]
pub fn message_to(name: &str) -> String {
    format!("Message {}", isolated(name))
}

pub const DETAILS: &str = "Details";
pub const CLOSE_DETAILS: &str = "Close the details";
pub const DETAILS_STATE: &str = "State";
pub const CONVERSATION_NAME: &str = "Name";
pub const TOPIC: &str = "Topic";
pub const SAVED: &str = "Saved.";
pub const YOU: &str = "you";
pub const MANAGES: &str = "manages";
pub const REMOVE: &str = "Remove";
pub const MORE_MEMBERS: &str = "More members";
pub const ADD_PEOPLE: &str = "Add people";
pub const ADD: &str = "Add";
pub const PEOPLE: &str = "People";
pub const PEOPLE_HINT: &str = "Names, with commas between";
pub const ROOM_IS_OPEN: &str = "Everybody here can find this room and join it.";
pub const ROOM_IS_CLOSED: &str = "Only members know of this room. They add others.";
pub const OPEN_ROOM: &str = "Open it to everybody";
pub const CLOSE_ROOM: &str = "Close it";
pub const ARCHIVE: &str = "Archive";
pub const UNARCHIVE: &str = "Bring it back";
pub const UNARCHIVE_HINT: &str = "Once it is back, members write again.";
pub const ARCHIVED: &str = "This conversation is archived. It can be read, and nobody writes here.";
pub const LEAVE: &str = "Leave";
pub const LEAVE_HINT: &str = "You will not see it any more, until somebody adds you again.";
pub const LEAVE_OPEN_HINT: &str = "You will not see it any more, until you join again.";
pub const GROUP_NOUN: &str = "group";
pub const ROOM_NOUN: &str = "room";
pub const NEW_CONVERSATION: &str = "New group or room";
pub const WHAT_KIND: &str = "What is it?";
pub const GROUP: &str = "A group";
pub const GROUP_HINT: &str = "For people who know each other. Who joins later reads on from there.";
pub const ROOM: &str = "A room";
pub const ROOM_HINT: &str = "For a topic. Who joins later reads all of it.";
pub const OPEN_TO_ALL: &str = "Everybody can find the room and join it";
pub const CREATE: &str = "Create";
pub const ONE_PERSON: &str = "To write to one person:";
pub const SEVERAL_PEOPLE: &str = "To write to several people:";
pub const ROOMS: &str = "Rooms";
pub const FIND_ROOM: &str = "Find a room by its name";
pub const SEARCH: &str = "Search";
pub const NO_ROOMS: &str = "No open room was found.";
pub const NO_ROOMS_HINT: &str = "Try another name, or make one.";
pub const GO_TO: &str = "Go to";
pub const GO_TO_TITLE: &str = "Go to… (Ctrl+K)";
pub const FIND_PLACE: &str = "Find a person, group or room";
pub const PLACES: &str = "Places";
pub const IS_UNREAD: &str = "unread";
pub const OPEN_ROOM_NOUN: &str = "open room";
pub const NO_PLACES: &str = "Nothing of that name was found.";
pub const FOUND_AMONG_OWN: &str = "Only your own conversations could be searched.";
pub const MAKE_ONE: &str = "Make a group or a room of your own";
pub const MORE_ROOMS: &str = "More rooms";
pub const JOIN: &str = "Join";
pub const OPEN: &str = "Open";

#[must_use]
pub fn places(count: usize) -> String {
    if count == 1 { "1 found".to_owned() } else { format!("{count} found") }
}

#[must_use]
pub fn remove_member(name: &str) -> String {
    format!("Remove {}", isolated(name))
}

#[must_use]
pub fn join_room(title: &str) -> String {
    format!("Join {}", isolated(title))
}

#[must_use]
pub fn open_room(title: &str) -> String {
    format!("Open {}", isolated(title))
}

#[must_use]
pub fn leave(noun: &str) -> String {
    format!("Leave this {noun}")
}

#[must_use]
pub fn archive_hint(noun: &str) -> String {
    format!("An archived {noun} can be read, and nobody writes there. You can bring it back.")
}

#[must_use]
pub fn members(count: i64) -> String {
    if count == 1 { "1 member".to_owned() } else { format!("{count} members") }
}

#[must_use]
pub fn presence(status: crate::protocol::Status) -> &'static str {
    use crate::protocol::Status;
    match status {
        Status::Online => "online",
        Status::Away => "away",
        Status::Offline => "offline",
    }
}

/// Who types, where anybody does.
#[must_use]
pub fn typing(names: &[String]) -> Option<String> {
    match names {
        [] => None,
        [one] => Some(format!("{} is typing…", isolated(one))),
        [one, other] => Some(format!("{} and {} are typing…", isolated(one), isolated(other))),
        _ => Some("Several people are typing…".to_owned()),
    }
}

#[must_use]
pub fn minutes_ago(minutes: i64) -> String {
    format!("{minutes} min")
}

#[must_use]
pub fn to_name(name: &str) -> String {
    format!("To {}", isolated(name))
}

#[must_use]
pub fn not_sent_to(name: &str) -> String {
    format!("Not sent to {}", isolated(name))
}

#[must_use]
pub fn waits_for(name: &str) -> String {
    format!("Waiting to be sent to {}", isolated(name))
}

/// What signing out would take along, each part with its number; it is not asked where there is neither.
#[must_use]
pub fn unsent_count(messages: u32, drafts: u32) -> String {
    let messages = match messages {
        0 => String::new(),
        1 => "1 message is not sent yet".to_owned(),
        n => format!("{n} messages are not sent yet"),
    };
    let drafts = match drafts {
        0 => String::new(),
        1 => "1 draft is kept here".to_owned(),
        n => format!("{n} drafts are kept here"),
    };
    let and = if messages.is_empty() || drafts.is_empty() { "" } else { " and " };
    format!("{messages}{and}{drafts}.")
}

#[must_use]
pub fn unsent_question(things: u32) -> &'static str {
    if things == 1 { "Sign out and discard it?" } else { "Sign out and discard them?" }
}

pub const UNSENT_UNKNOWN: &str = "Messages or drafts may still be kept here.";
pub const UNSENT_REMAINS: &str = "You are signed out, but what you wrote could not be removed from this browser. Clear this site's data to remove it.";

pub const EMOJI: &str = "Emoji";
pub const EMOJI_GROUPS: &str = "Groups of emoji";
pub const FIND_EMOJI: &str = "Find emoji";
pub const RECENT_EMOJI: &str = "Recently used";
pub const NO_EMOJI: &str = "There is no such emoji.";
pub const OFFERS: &str = "Suggestions";
pub const CODE: &str = "Code";
pub const COPY: &str = "Copy";
pub const COPIED: &str = "Copied";

/// Beside a link whose text looks as if it led elsewhere.
#[must_use]
pub fn leads_to(place: &str) -> String {
    format!(" ({place})")
}

/// A preview that the viewer wrote.
#[must_use]
pub fn preview_own(text: &str) -> String {
    format!("You: {text}")
}

/// A preview where several people write.
#[must_use]
pub fn preview_by(name: &str, text: &str) -> String {
    format!("{}: {text}", isolated(name))
}

pub const ABOUT_MESSAGE: &str = "Who reacted, and what it said before";
pub const PLAIN_HINT: &str =
    "The time of a message leads to its own page: there you can answer it, react to it, and change your own.";

#[must_use]
pub fn as_reply_to(name: &str) -> String {
    format!("As a reply to {}", isolated(name))
}

#[must_use]
pub fn replying_to(name: &str) -> String {
    format!("Replying to {}", isolated(name))
}

/// One emoji under a message, for those who listen.
#[must_use]
pub fn reaction(emoji: &str, count: usize, mine: bool) -> String {
    let people = if count == 1 { "1 person".to_owned() } else { format!("{count} people") };
    let and_you = if mine { ", you too" } else { "" };
    format!("{emoji}, {people}{and_you}")
}

/// Names, with how many more there are.
#[must_use]
pub fn names(names: &[String], more: usize) -> String {
    let shown = names.join(", ");
    match more {
        0 => shown,
        more if shown.is_empty() => format!("{more} people"),
        more => format!("{shown} and {more} more"),
    }
}

#[must_use]
pub fn new_below(count: usize) -> String {
    format!("{count} new")
}

/// What the reader has not seen, further up.
#[must_use]
pub fn new_since(count: &str, since: Option<&str>) -> String {
    match since {
        Some(since) => format!("{count} new since {since}"),
        None => format!("{count} new"),
    }
}

#[must_use]
pub fn unread(count: &str) -> String {
    format!("{count} unread")
}

/// The address of what somebody says of themselves.
#[must_use]
pub fn profile_of(name: &str) -> String {
    format!("/people/{}", in_address(name))
}

/// What a button that blocks or unblocks says of whom.
#[must_use]
pub fn block_of(label: &str, shown: &str) -> String {
    format!("{label} {shown}")
}

/// How many of what is unread call the reader.
#[must_use]
pub fn mentions(count: &str) -> String {
    format!("{count} mention you")
}

#[must_use]
pub fn at_count(mentions: u32) -> String {
    format!("@{}", count(mentions))
}

/// How much of the limit is left, or how far beyond it the text is.
#[must_use]
pub fn left(remaining: i64) -> String {
    match remaining {
        0.. => format!("{remaining} left"),
        _ => format!("{} too many", -remaining),
    }
}

/// The tab's title. Leptos writes it into the page as it is, so it has no `<`, which could end it there.
#[must_use]
pub fn title(unread: u32, place: Option<&str>) -> String {
    let place = place.map(|place| format!("{place} · ")).unwrap_or_default();
    let count = if unread > 0 { format!("({}) ", count(unread)) } else { String::new() };
    format!("{count}{place}{BRAND}").replace('<', "\u{2039}")
}

/// Beyond the bound of counting, "999+".
#[must_use]
pub fn count(unread: u32) -> String {
    if unread >= crate::protocol::limits::UNREAD_MAX { "999+".to_owned() } else { unread.to_string() }
}

#[must_use]
pub fn date(weekday: usize, day: u32, month: usize, year: i64) -> String {
    format!("{}, {day} {} {year}", WEEKDAYS[weekday], MONTHS[month])
}

#[must_use]
pub fn date_short(day: u32, month: usize, year: Option<i64>) -> String {
    let month = &MONTHS[month][..3];
    match year {
        Some(year) => format!("{day} {month} {year}"),
        None => format!("{day} {month}"),
    }
}

#[must_use]
pub fn date_and_clock(date: &str, clock: &str, utc: bool) -> String {
    if utc { format!("{date}, {clock} UTC") } else { format!("{date}, {clock}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_direction_to_themselves() {
        let name = "نور (2)";
        for text in [message_to(name), signed_in_as(name), preview_by(name, "hi")] {
            assert!(text.contains("\u{2068}نور (2)\u{2069}"), "{text:?}");
        }
    }
}
