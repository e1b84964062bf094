//! Own messages that have no conversation to stand in: to a name, and not arrived yet. They stand in the form of a
//! new chat; and beside the list of conversations it says where something waits or failed.

use leptos::prelude::*;

use super::message_item::MessageItem;
use super::{Icon, IconName};
use crate::protocol::{ConversationSummary, UserId};
use crate::ui::live::outbox::Item;
use crate::ui::live::timeline::MessageRow;
use crate::ui::live::{Live, Recipient};
use crate::ui::text;

/// First messages, each with its name, how it stands, and what can be done. Few and rare: drawn anew when what it shows changes.
#[component]
pub(super) fn FirstMessages() -> impl IntoView {
    let live = expect_context::<Live>();
    let rows = Memo::new(move |_| {
        let to_name = |item: &Item| match &item.recipient {
            Recipient::Name(name) => Some((name.clone(), row(item, live))),
            Recipient::Conversation(_) => None,
        };
        live.outbox.with(|items| items.iter().filter_map(to_name).collect::<Vec<_>>())
    });
    let drawn = |(name, row): (String, MessageRow)| {
        view! { <li class="first-to">{text::to_name(&name)}</li> <MessageItem row=Signal::stored(row)/> }.into_any()
    };
    view! { <ol class="rows first-messages">{move || rows.get().into_iter().map(drawn).collect_view()}</ol> }
}

fn row(item: &Item, live: Live) -> MessageRow {
    MessageRow {
        key: item.nonce.clone(),
        conversation: None,
        seq: None,
        nonce: item.nonce.clone(),
        author: live.me.get_value(),
        content: item.content.clone(),
        created_ms: item.created_ms,
        own: true,
        state: item.send_state(),
        deleted: false,
        edited_ms: None,
        pinned: false,
        reactions: Vec::new(),
        reply: None,
        leads: true,
    }
}

/// Where something failed, or waits for a name: as a line each, with the way there. Nothing most of the time.
#[component]
pub(super) fn Unsent() -> impl IntoView {
    let live = expect_context::<Live>();
    let me = live.me.with_value(|me| me.id);
    let drawn = move |line: Line| {
        view! {
            <li>
                <a class="unsent-line" class:failed=line.failed href=line.href()>
                    <Icon name=if line.failed { IconName::Warning } else { IconName::Clock }/>
                    <span>{line.sentence()}</span>
                </a>
            </li>
        }
        .into_any()
    };
    let lines = Memo::new(move |_| {
        live.outbox.with(|items| match items.is_empty() {
            true => Vec::new(),
            false => live.conversations.with(|conversations| lines(items, conversations, me)),
        })
    });
    view! { <ul class="unsent-lines">{move || lines.get().into_iter().map(drawn).collect_view()}</ul> }.into_any()
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    /// Of the conversation, or none where there is none yet.
    conversation: Option<i64>,
    name: String,
    failed: bool,
}

impl Line {
    fn sentence(&self) -> String {
        if self.failed { text::not_sent_to(&self.name) } else { text::waits_for(&self.name) }
    }

    /// Only in the browser: nothing waits on the server.
    fn href(&self) -> String {
        match self.conversation {
            Some(id) => format!("/c/{id}"),
            // It may be anything: what was typed there.
            None => format!("/c?to={}", String::from(js_sys::encode_uri_component(&self.name))),
        }
    }
}

fn lines(items: &[Item], conversations: &[ConversationSummary], me: UserId) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for item in items {
        let failed = item.is_failed();
        let line = match &item.recipient {
            Recipient::Name(name) => Line { conversation: None, name: name.clone(), failed },
            Recipient::Conversation(id) if failed => {
                let known = conversations.iter().find(|c| c.conversation.id == *id);
                let name = known.map_or_else(|| text::A_CONVERSATION.to_owned(), |c| c.conversation.name_for(me));
                Line { conversation: Some(id.0), name, failed }
            }
            Recipient::Conversation(_) => continue,
        };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ConversationId;
    use crate::ui::live::outbox::Outbox;

    #[test]
    fn a_line_for_each_place_that_needs_one() {
        let (ada, room) = (Recipient::Name("ada".into()), Recipient::Conversation(ConversationId(7)));
        let rows = [(&ada, false), (&ada, false), (&room, false), (&room, true), (&room, true)];
        let outbox = Outbox::of(&rows.map(|(recipient, failed)| (recipient.clone(), failed)));
        let lines: Vec<String> = lines(outbox.items(), &[], UserId(1)).iter().map(Line::sentence).collect();
        assert_eq!(lines, [text::waits_for("ada"), text::not_sent_to(text::A_CONVERSATION)]);
    }
}
