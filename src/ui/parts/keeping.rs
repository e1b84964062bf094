//! How the reader keeps a conversation: on top of the list, as unread, and of what in it they want to hear. A menu that
//! opens without scripts, of plain forms; with them nothing is left for it. And, with scripts, the way to what is pinned.

mod choice;

use leptos::ev::{self, KeyboardEvent};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use self::choice::{Choice, Line};
use super::{Icon, IconName};
use crate::protocol::{ConversationId, Level, Mine, UserId};
use crate::ui::live::Live;
use crate::ui::text;

#[component]
pub fn Keeping(
    id: ConversationId,
    me: UserId,
    /// As it was fetched: the list knows of changes, but not of every conversation.
    mine: Mine,
    /// Opens the list of pinned messages.
    pins: Option<RwSignal<bool>>,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let menu = NodeRef::<html::Details>::new();
    let mine = Memo::new(move |_| {
        live.conversations.with(|all| all.iter().find(|c| c.conversation.id == id).map_or(mine, |listed| listed.mine))
    });
    let close = move |back: bool| {
        if let Some(menu) = menu.get_untracked().filter(|menu| menu.open()) {
            menu.set_open(false);
            if let Some(summary) = menu.query_selector("summary").ok().flatten().filter(|_| back) {
                let summary: web_sys::HtmlElement = summary.unchecked_into();
                let _focused = summary.focus();
            }
        }
    };
    // Whoever taps elsewhere is done with it.
    Effect::new(move |_| {
        let away = window_event_listener(ev::pointerdown, move |event| {
            let target = event.target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
            let inside = menu.get_untracked().is_some_and(|menu| menu.contains(target.as_ref()));
            if !inside {
                close(false);
            }
        });
        on_cleanup(move || away.remove());
    });
    let choose = Callback::new(move |choice: Choice| {
        let change = choice.change(mine.get_untracked());
        live.drive(|driver| driver.keep(id, change));
        close(true);
    });
    let line = move |choice| view! { <Line id me choice mine choose/> };
    let leave = move |event: KeyboardEvent| {
        if event.key() == "Escape" && menu.get_untracked().is_some_and(|menu| menu.open()) {
            event.prevent_default();
            close(true);
        }
    };
    view! {
        <details class="menu" node_ref=menu on:keydown=leave>
            <summary class="icon-button" aria-label=text::KEEPING title=text::KEEPING><Icon name=IconName::More/></summary>
            <div class="menu-sheet">
                {pins.map(|pins| view! {
                    <button class="menu-item with-scripts" type="button" on:click=move |_| {
                        close(true);
                        pins.set(true);
                    }>
                        <span class="menu-tick"></span>
                        {text::PINNED_MESSAGES}
                    </button>
                })}
                {line(Choice::Pin)}
                {line(Choice::Mark)}
                <p class="menu-title" id="level">{text::LEVEL}</p>
                <div role="group" aria-labelledby="level">
                    {[Level::All, Level::Mentions, Level::Nothing].map(|level| line(Choice::Level(level))).collect_view()}
                </div>
            </div>
        </details>
    }
    .into_any()
}
