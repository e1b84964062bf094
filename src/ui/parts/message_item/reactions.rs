//! The reactions under a message: each emoji with how many chose it, to be chosen or taken back with a press.

use leptos::prelude::*;

use crate::protocol::{ConversationId, UserId};
use crate::ui::live::timeline::{MessageRow, ReactionRow};
use crate::ui::live::{Amendment, Live};
use crate::ui::parts::each::each;
use crate::ui::text;

/// Names that are shown on hover.
const NAMES: usize = 12;

#[component]
pub(super) fn Reactions(row: Signal<MessageRow>) -> impl IntoView {
    let emoji = Memo::new(move |_| {
        row.with(|row| row.reactions.iter().map(|reaction| reaction.emoji.clone()).collect::<Vec<_>>())
    });
    view! {
        <Show when=move || emoji.with(|emoji| !emoji.is_empty())>
            <ul class="reactions" aria-label=text::REACTIONS>
                {each(move || emoji.get(), String::clone, move |emoji| {
                    view! { <OneReaction row emoji/> }.into_any()
                })}
            </ul>
        </Show>
    }
    .into_any()
}

#[component]
fn OneReaction(row: Signal<MessageRow>, emoji: String) -> impl IntoView {
    let live = expect_context::<Live>();
    let which = emoji.clone();
    let reaction = Memo::new(move |last: Option<&Option<ReactionRow>>| {
        let now = row.with(|row| row.reactions.iter().find(|reaction| reaction.emoji == which).cloned());
        // One that nobody chooses any more stays as it was for the moment until its button goes.
        now.or_else(|| last.cloned().flatten())
    });
    let count = move || reaction.with(|one| one.as_ref().map_or(0, |one| one.users.len()));
    let mine = move || reaction.with(|one| one.as_ref().is_some_and(|one| one.mine));
    // What the server draws is the same for many readers: names are added where scripts run.
    let title = move || {
        let id = row.with_untracked(|row| row.conversation).filter(|_| live.alive.get())?;
        reaction.with(|one| one.as_ref().map(|one| names(live, id, &one.users)))
    };
    let (spoken, pressed) = (emoji.clone(), emoji.clone());
    let press = move |_| {
        let Some(seq) = row.with_untracked(|row| row.seq) else { return };
        let on = !reaction.with_untracked(|one| one.as_ref().is_some_and(|one| one.mine));
        live.drive(|driver| driver.amend(seq, Amendment::React { emoji: pressed.clone(), on }));
    };
    view! {
        <li>
            <button
                type="button"
                class="reaction"
                class:mine=mine
                aria-pressed=move || if mine() { "true" } else { "false" }
                aria-label=move || text::reaction(&spoken, count(), mine())
                title=title
                on:click=press
            >
                <span class="emoji">{emoji}</span>
                <span class="reaction-count">{count}</span>
            </button>
        </li>
    }
    .into_any()
}

/// Those whom the list of conversations knows by name.
fn names(live: Live, id: ConversationId, users: &[UserId]) -> String {
    let name = |all: &Vec<crate::protocol::ConversationSummary>, user: &UserId| {
        let open = all.iter().find(|summary| summary.conversation.id == id)?;
        let member = open.conversation.members.iter().find(|member| member.id == *user)?;
        Some(member.shown().to_owned())
    };
    let names: Vec<String> =
        live.conversations.with(|all| users.iter().take(NAMES).filter_map(|user| name(all, user)).collect());
    let more = users.len() - names.len();
    text::names(&names, more)
}
