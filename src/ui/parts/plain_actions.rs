//! What can be done with a message where no script runs, and what is told of it: below its conversation, on the page
//! that its own address leads to. Answering it is the composer's.

use leptos::prelude::*;

use super::area_text::area_html;
use crate::protocol::{ConversationId, Message, UserId};
use crate::ui::app::use_page;
use crate::ui::live::Live;
use crate::ui::text;

/// A reader without scripts has these at hand.
const EMOJI: [&str; 4] = ["👍", "❤️", "😂", "🎉"];

#[component]
pub fn PlainActions(
    id: ConversationId,
    message: Message,
    me: UserId,
    /// Nothing is changed there any more.
    archived: bool,
    may_pin: bool,
) -> impl IntoView {
    // As text, because a browser with scripts reads the inside as text and hydration would look for elements. Numbers and
    // words of ours, and one text that is escaped.
    let fields = format!(
        r#"<input type="hidden" name="as_user" value="{}"><input type="hidden" name="conversation_id" value="{id}"><input type="hidden" name="seq" value="{}">"#,
        me.0, message.seq,
    );
    let form =
        |action: &str, inside: &str| format!(r#"<form method="post" action="/api/{action}">{fields}{inside}</form>"#);
    let button = |label: &str, more: &str| format!(r#"<button class="button" type="submit"{more}>{label}</button>"#);
    let mut forms = String::new();
    if !message.deleted && !archived {
        for emoji in EMOJI {
            let mine = message.reactions.iter().any(|one| one.emoji == emoji && one.users.contains(&me));
            let action = if mine { "reaction-remove" } else { "reaction-add" };
            let pressed = format!(r#" name="emoji" value="{emoji}" aria-pressed="{mine}""#);
            forms.push_str(&form(action, &button(emoji, &pressed)));
        }
        if may_pin {
            let pinned = format!(r#" name="pinned" value="{}""#, !message.pinned);
            let label = if message.pinned { text::UNPIN } else { text::PIN };
            forms.push_str(&form("message-pin", &button(label, &pinned)));
        }
        if message.author.id == me {
            let said = area_html(&message.content);
            let area = format!(
                r#"<div class="field"><label for="edit">{}</label><textarea id="edit" name="content" rows="3" dir="auto">{said}</textarea></div>"#,
                text::EDIT,
            );
            forms.push_str(&form("message-edit", &format!("{area}{}", button(text::SAVE, ""))));
            forms.push_str(&form("message-delete", &button(text::DELETE, "")));
        }
    }
    let forms = format!(r#"<div class="plain-actions">{forms}</div>{}"#, use_page().plain.told);
    // Nothing of it is kept where scripts run: the message may be deleted.
    let live = expect_context::<Live>();
    view! { <noscript inner_html=move || if live.alive.get() { String::new() } else { forms.clone() }></noscript> }
}
