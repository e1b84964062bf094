//! A line above the composer: which message is being answered or changed, and the way out of it.

use leptos::prelude::*;

use super::{Mode, Writing};
use crate::protocol::ConversationId;
use crate::ui::live::Live;
use crate::ui::parts::{Icon, IconName};
use crate::ui::text;

/// Characters of what is answered.
const CHARS: usize = 100;

#[component]
pub fn ModeLine(id: ConversationId) -> impl IntoView {
    let live = expect_context::<Live>();
    let writing = expect_context::<Writing>();
    let me = live.me.with_value(|me| me.id);
    let line = Memo::new(move |_| {
        let mode = writing.mode(Some(id))?;
        let (Mode::Answer(_, seq) | Mode::Edit(_, seq)) = mode;
        let row = live.timeline.with(|timeline| timeline.row_of(seq, me));
        let said = row.as_ref().map(|row| row.content.chars().take(CHARS).collect::<String>()).unwrap_or_default();
        let what = match mode {
            Mode::Edit(..) if row.as_ref().is_some_and(|row| row.deleted) => text::DELETED.to_owned(),
            Mode::Edit(..) => text::EDITING.to_owned(),
            Mode::Answer(..) => row.map_or_else(|| text::REPLY.to_owned(), |row| text::replying_to(row.author.shown())),
        };
        Some((what, said))
    });
    move || {
        line.get().map(|(what, said)| {
            view! {
                <div class="composer-mode" role="status">
                    <p class="mode-what">{what}</p>
                    <p class="mode-said" dir="auto">{said}</p>
                    <button
                        type="button"
                        class="icon-button"
                        aria-label=text::CANCEL
                        title=text::CANCEL
                        on:click=move |_| writing.settle(id)
                    >
                        <Icon name=IconName::Close/>
                    </button>
                </div>
            }
        })
    }
}
