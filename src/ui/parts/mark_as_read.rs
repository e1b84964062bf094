//! Saying that a conversation was read, where no script sees it.

use leptos::prelude::*;

use crate::protocol::{ConversationId, Seq, UserId};
use crate::ui::text;

#[component]
pub fn MarkAsRead(id: ConversationId, seq: Seq, me: UserId) -> impl IntoView {
    // As text, because a browser with scripts reads the inside as text and hydration would look for elements.
    // Numbers and words of ours: nothing to escape.
    let hidden = |name, value: i64| format!(r#"<input type="hidden" name="{name}" value="{value}">"#);
    let fields = [hidden("as_user", me.0), hidden("conversation_id", id.0), hidden("seq", seq.0)].concat();
    let button = format!(r#"<button class="button" type="submit">{}</button>"#, text::MARK_AS_READ);
    let form = format!(r#"<form class="mark-as-read" method="post" action="/api/read-mark">{fields}{button}</form>"#);
    view! { <noscript inner_html=form></noscript> }
}
