//! Where one may want to go, and how well a place answers to what was typed. Pure.

use super::typed::Typed;
use crate::protocol::{
    Conversation, ConversationId, ConversationKind, ConversationSummary, Profile, Room, UserId, UserRef,
};
use crate::ui::parts::conversation_item::told;
use crate::ui::parts::pane_header::{face, other};
use crate::ui::text;

/// That are shown at most.
const MOST: usize = 20;
/// Of what the page knows, once something is typed: people and rooms come after them.
const KNOWN: usize = 10;

/// Somewhere to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) href: String,
    pub(super) name: String,
    /// What tells it apart from others of that name.
    pub(super) hint: String,
    pub(super) face: i64,
    pub(super) is_unread: bool,
    conversation: Option<ConversationId>,
    user: Option<UserId>,
}

/// The conversations that answer to what was typed, the best first; the latest of them where nothing is typed, and
/// the unread ones before the others.
pub(super) fn recall(all: &[ConversationSummary], me: UserId, typed: &str) -> Vec<Place> {
    let typed = Typed::new(typed);
    let most = if typed.is_empty() { MOST } else { KNOWN };
    // A few of many: each is put in its place among the best so far.
    let mut best: Vec<((u8, bool, i64), &ConversationSummary)> = Vec::with_capacity(most + 1);
    for summary in all {
        let Some(rank) = typed.rank(&answers_to(&summary.conversation, me)) else { continue };
        let key = (rank, typed.is_empty() && !is_unread(summary), summary.active_ms.saturating_neg());
        let at = best.iter().position(|held| held.0 > key).unwrap_or(best.len());
        if at < most {
            best.insert(at, (key, summary));
            best.truncate(most);
        }
    }
    best.into_iter().map(|(_, summary)| Place::known(summary, me)).collect()
}

/// Puts people behind, but for those whose conversation is there.
pub(super) fn add_people(places: &mut Vec<Place>, people: Vec<Profile>) {
    for person in people {
        if places.len() < MOST && places.iter().all(|place| place.user != Some(person.id)) {
            places.push(Place {
                href: format!("/c?to={}", text::in_address(&person.name)),
                name: person.shown().to_owned(),
                hint: handle(&person.user()),
                face: person.id.0,
                is_unread: false,
                conversation: None,
                user: Some(person.id),
            });
        }
    }
}

/// Puts the reader's own behind that the list does not reach.
pub(super) fn add_own(places: &mut Vec<Place>, own: &[ConversationSummary], me: UserId) {
    for summary in own {
        if places.iter().all(|place| place.conversation != Some(summary.conversation.id)) {
            places.push(Place::known(summary, me));
        }
    }
}

/// Puts open rooms behind, but for those that are there. One that the reader is not in is shown where it is joined.
pub(super) fn add_rooms(places: &mut Vec<Place>, rooms: Vec<Room>) {
    for room in rooms {
        if places.len() < MOST && places.iter().all(|place| place.conversation != Some(room.id)) {
            let href = match room.joined {
                true => format!("/c/{}", room.id),
                false => format!("/c/rooms?q={}", text::in_address(&room.title)),
            };
            places.push(Place {
                href,
                name: room.title,
                hint: if room.joined { text::ROOM_NOUN } else { text::OPEN_ROOM_NOUN }.to_owned(),
                face: room.id.0,
                is_unread: false,
                conversation: Some(room.id),
                user: None,
            });
        }
    }
}

impl Place {
    fn known(summary: &ConversationSummary, me: UserId) -> Self {
        let conversation = &summary.conversation;
        let hint = match conversation.kind {
            ConversationKind::Direct => {
                let with = conversation.members.iter().find(|member| member.id != me).or(conversation.members.first());
                with.map(handle).unwrap_or_default()
            }
            ConversationKind::Group => text::GROUP_NOUN.to_owned(),
            ConversationKind::Room => text::ROOM_NOUN.to_owned(),
        };
        Self {
            href: format!("/c/{}", conversation.id),
            name: conversation.name_for(me),
            hint,
            face: face(conversation, me),
            is_unread: is_unread(summary),
            conversation: Some(conversation.id),
            user: other(conversation, me).map(|other| other.id),
        }
    }
}

/// The name of somebody who is shown by another.
fn handle(user: &UserRef) -> String {
    if user.display.is_some() { text::at_name(&user.name) } else { String::new() }
}

fn is_unread(summary: &ConversationSummary) -> bool {
    summary.mine.marked || told(summary) > 0
}

/// Its name first, then the names of those who are in it.
fn answers_to(conversation: &Conversation, me: UserId) -> String {
    let mut text = conversation.name_for(me);
    for member in conversation.members.iter().filter(|member| member.id != me) {
        text.push_str("  ");
        text.push_str(&member.name);
        if conversation.title.is_some() {
            text.push(' ');
            text.push_str(member.shown());
        }
    }
    text
}

#[cfg(test)]
mod tests;
