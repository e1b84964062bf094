//! How the reader keeps a conversation: on top of the list, as unread, and of what in it they want to hear. A menu that
//! opens without scripts, of plain forms; with them nothing is left for it.

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html;
use leptos::prelude::*;

use super::{Icon, IconName};
use crate::protocol::{ConversationId, Level, Mine, UserId};
use crate::ui::live::{Keep, Live};
use crate::ui::text;

#[component]
pub fn Keeping(
    id: ConversationId,
    me: UserId,
    /// As it was fetched: the list knows of changes, but not of every conversation.
    mine: Mine,
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
                let summary: web_sys::HtmlElement = wasm_bindgen::JsCast::unchecked_into(summary);
                let _focused = summary.focus();
            }
        }
    };
    let choose = move |change: Keep| {
        live.drive(|driver| driver.keep(id, change));
        close(true);
    };
    let pin = move || Keep { pinned: Some(!mine.get_untracked().pinned), ..Keep::default() };
    let mark = move || Keep { marked: Some(!mine.get_untracked().marked), ..Keep::default() };
    let levels = [Level::All, Level::Mentions, Level::Nothing].map(|level| {
        let holds = Signal::derive(move || mine.get().level == level);
        let submit = move || choose(Keep { level: Some(level), ..Keep::default() });
        view! {
            <Choice id me field="level" value=level_value(level).to_owned() holds submit>{level_label(level)}</Choice>
        }
    });
    let leave = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            close(true);
        }
    };
    view! {
        <details class="menu" node_ref=menu on:keydown=leave>
            <summary class="icon-button" aria-label=text::KEEPING title=text::KEEPING><Icon name=IconName::More/></summary>
            <div class="menu-sheet">
                {move || {
                    let now = mine.get();
                    let (pin_label, mark_label) = (
                        if now.pinned { text::UNPIN_CONVERSATION } else { text::PIN_CONVERSATION },
                        if now.marked { text::UNMARK_UNREAD } else { text::MARK_UNREAD },
                    );
                    let none = Signal::stored(false);
                    view! {
                        <Choice
                            id me field="pinned" value=(!now.pinned).to_string() holds=none submit=move || choose(pin())
                        >
                            {pin_label}
                        </Choice>
                        <Choice
                            id me field="marked" value=(!now.marked).to_string() holds=none submit=move || choose(mark())
                        >
                            {mark_label}
                        </Choice>
                    }
                }}
                <p class="menu-title" id="level">{text::LEVEL}</p>
                <div role="group" aria-labelledby="level">{levels.collect_view()}</div>
            </div>
        </details>
    }
    .into_any()
}

/// One line of the menu: a form of its own.
#[component]
fn Choice(
    id: ConversationId,
    me: UserId,
    field: &'static str,
    value: String,
    holds: Signal<bool>,
    submit: impl Fn() + 'static,
    children: Children,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let submit = move |event: SubmitEvent| {
        if live.is_live() {
            event.prevent_default();
            submit();
        }
    };
    // A choice of several says which one holds; what is turned on and off has it in its name.
    let pressed = move || (field == "level").then(|| holds.get().to_string());
    view! {
        <form method="post" action="/api/conversation-keep" on:submit=submit>
            <input type="hidden" name="as_user" value=me.to_string()/>
            <input type="hidden" name="conversation_id" value=id.to_string()/>
            <input type="hidden" name=field value=value/>
            <button class="menu-item" type="submit" aria-pressed=pressed>
                <span class="menu-tick">{move || holds.get().then(|| view! { <Icon name=IconName::Tick/> }.into_any())}</span>
                {children()}
            </button>
        </form>
    }
    .into_any()
}

fn level_value(level: Level) -> &'static str {
    match level {
        Level::All => "all",
        Level::Mentions => "mentions",
        Level::Nothing => "nothing",
    }
}

fn level_label(level: Level) -> &'static str {
    match level {
        Level::All => text::LEVEL_ALL,
        Level::Mentions => text::LEVEL_MENTIONS,
        Level::Nothing => text::LEVEL_NOTHING,
    }
}
