//! Who else types here: one line above the composer that is always there, so that nothing moves.

use leptos::prelude::*;

use crate::protocol::ConversationId;
use crate::ui::live::Live;
use crate::ui::text;

/// Not read out: it would interrupt whoever writes, again and again.
#[component]
pub(super) fn TypingLine(id: ConversationId) -> impl IntoView {
    let live = expect_context::<Live>();
    let line = Memo::new(move |_| live.typing.with(|typing| text::typing(&typing.names(id))));
    view! { <div class="composer-typing" aria-live="off">{move || line.get().map(|line| view! { <p>{line}</p> }.into_any())}</div> }
}
