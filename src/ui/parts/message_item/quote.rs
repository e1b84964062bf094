//! What a message answers, as a line above its text and the way there.

use leptos::prelude::*;

use crate::protocol::ConversationId;
use crate::protocol::rich_text::plain_line;
use crate::ui::live::timeline::Quote;
use crate::ui::text;

/// Characters of what is answered.
const CHARS: usize = 120;

#[component]
pub(super) fn QuoteLink(reply: Quote, conversation: Option<ConversationId>) -> impl IntoView {
    let href = conversation.map(|id| format!("/c/{id}/{}", reply.seq));
    let (author, said) = match reply.message {
        Some(quoted) if quoted.deleted => (Some(quoted.author.shown().to_owned()), text::DELETED.to_owned()),
        Some(quoted) => (Some(quoted.author.shown().to_owned()), one_line(&quoted.content)),
        None => (None, text::AN_EARLIER_MESSAGE.to_owned()),
    };
    view! {
        <a class="quote" href=href>
            {author.map(|author| view! { <bdi class="quote-author">{author}</bdi> })}
            <span class="quote-said" dir="auto">{said}</span>
        </a>
    }
    .into_any()
}

fn one_line(content: &str) -> String {
    plain_line(content).chars().take(CHARS).map(|c| if c.is_whitespace() { ' ' } else { c }).collect()
}
