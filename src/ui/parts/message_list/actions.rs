//! What can be done with a message: a few buttons at its edge for a mouse, and a menu for keys and touch.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::acting::{Acting, Open};
use super::dialogs::Asking;
use crate::ui::parts::{Icon, IconName};
use crate::ui::text;

/// What most reactions are.
const QUICK: [&str; 8] = ["👍", "❤️", "😂", "🎉", "😮", "😢", "🙏", "👀"];

#[component]
pub(super) fn Actions(acting: Acting) -> impl IntoView {
    let row = Memo::new(move |_| acting.row());
    let is_there = Memo::new(move |_| row.with(Option::is_some));
    let place = move || {
        let (Some(bar), Some(list)) = (acting.bar.get_untracked(), acting.list.get_untracked()) else { return };
        let Some(row) = acting.at.get_untracked().and_then(|seq| acting.element(seq)) else { return };
        let (row, frame) = (row.get_bounding_client_rect(), list.get_bounding_client_rect());
        // Within the list, also where the row reaches beyond it.
        let top = (row.top() - frame.top()).clamp(4.0, (frame.height() - 44.0).max(4.0));
        let end = frame.right() - row.right();
        let style = HtmlElement::style(&bar);
        let _placed = style.set_property("inset-block-start", &format!("{top}px"));
        let _placed = style.set_property("inset-inline-end", &format!("{}px", end.max(8.0)));
        let below = frame.height() - top < 320.0;
        let _set = bar.set_attribute("data-opens", if below { "up" } else { "down" });
    };
    Effect::new(move |_| {
        acting.at.track();
        if acting.bar.get().is_some() {
            place();
        }
    });
    // What opens takes the focus.
    Effect::new(move |_| {
        if acting.open.get() != Open::Bar {
            request_animation_frame(move || {
                focus_item(acting, |_, _| 0);
            });
        }
    });
    let toggle = move |which: Open| {
        let is_open = acting.open.get_untracked() == which;
        acting.open.set(if is_open { Open::Bar } else { which });
    };
    let expanded = move |which: Open| if acting.open.get() == which { "true" } else { "false" };
    view! {
        <Show when=move || is_there.get()>
            <div
                class="actions"
                class:open=move || acting.open.get() != Open::Bar
                role="group"
                aria-label=text::ACTIONS
                node_ref=acting.bar
                on:keydown=move |event| key(acting, &event)
                on:pointerleave=move |event| acting.unpointed(&event)
            >
                <div class="actions-bar">
                    <button
                        type="button"
                        class="icon-button"
                        aria-label=text::REACT
                        title=text::REACT
                        aria-haspopup="menu"
                        aria-expanded=move || expanded(Open::Emoji)
                        on:click=move |_| toggle(Open::Emoji)
                    >
                        <Icon name=IconName::Face/>
                    </button>
                    <button
                        type="button"
                        class="icon-button"
                        aria-label=text::REPLY
                        title=text::REPLY
                        on:click=move |_| acting.reply()
                    >
                        <Icon name=IconName::Reply/>
                    </button>
                    <button
                        type="button"
                        class="icon-button"
                        aria-label=text::MORE
                        title=text::MORE
                        aria-haspopup="menu"
                        aria-expanded=move || expanded(Open::Menu)
                        on:click=move |_| toggle(Open::Menu)
                    >
                        <Icon name=IconName::More/>
                    </button>
                </div>
                {move || match acting.open.get() {
                    Open::Bar => ().into_any(),
                    Open::Emoji => view! { <div class="actions-menu" role="menu" aria-label=text::REACT><EmojiRow acting/></div> }.into_any(),
                    Open::Menu => view! { <Menu acting/> }.into_any(),
                }}
            </div>
        </Show>
    }
    .into_any()
}

#[component]
fn EmojiRow(acting: Acting) -> impl IntoView {
    let one = move |emoji: &'static str| {
        view! {
            <button type="button" class="emoji-item" role="menuitem" tabindex="-1" aria-label=emoji on:click=move |_| acting.react(emoji)>
                <span class="emoji">{emoji}</span>
            </button>
        }
    };
    view! { <div class="emoji-row" role="none">{QUICK.map(one)}</div> }
}

#[component]
fn Menu(acting: Acting) -> impl IntoView {
    let row = acting.row();
    let (own, pinned, edited, reacted) = row.map_or((false, false, false, false), |row| {
        (row.own, row.pinned, row.edited_ms.is_some(), !row.reactions.is_empty())
    });
    view! {
        <div class="actions-menu" role="menu" aria-label=text::ACTIONS>
            <EmojiRow acting/>
            <Item label=text::REPLY act=move || acting.reply()/>
            {own.then(|| view! { <Item label=text::EDIT act=move || acting.edit()/> })}
            <Item label=if pinned { text::UNPIN } else { text::PIN } act=move || acting.pin()/>
            <Item label=text::COPY_TEXT act=move || acting.copy(false)/>
            <Item label=text::COPY_LINK act=move || acting.copy(true)/>
            {reacted.then(|| view! { <Item label=text::WHO_REACTED act=move || acting.ask(Asking::Reactors)/> })}
            {edited.then(|| view! { <Item label=text::EDIT_HISTORY act=move || acting.ask(Asking::History)/> })}
            {own.then(|| view! { <Item label=text::DELETE danger=true act=move || acting.ask(Asking::Delete)/> })}
        </div>
    }
    .into_any()
}

#[component]
fn Item(label: &'static str, act: impl Fn() + 'static, #[prop(optional)] danger: bool) -> impl IntoView {
    view! {
        <button type="button" class="menu-item" class:danger=danger role="menuitem" tabindex="-1" on:click=move |_| act()>
            {label}
        </button>
    }
    .into_any()
}

/// Keys of an open menu.
fn key(acting: Acting, event: &KeyboardEvent) {
    let is_open = acting.open.get_untracked() != Open::Bar;
    let handled = match event.key().as_str() {
        "Escape" => {
            acting.leave();
            true
        }
        "ArrowDown" | "ArrowRight" if is_open => focus_item(acting, |at, count| (at + 1) % count),
        "ArrowUp" | "ArrowLeft" if is_open => focus_item(acting, |at, count| (at + count - 1) % count),
        "Home" if is_open => focus_item(acting, |_, _| 0),
        "End" if is_open => focus_item(acting, |_, count| count - 1),
        "Tab" if is_open => {
            acting.leave();
            true
        }
        _ => false,
    };
    if handled {
        event.prevent_default();
        event.stop_propagation();
    }
}

/// Moves the focus among the menu's items, of which the current one is told by its place.
fn focus_item(acting: Acting, to: impl Fn(u32, u32) -> u32) -> bool {
    let Some(bar) = acting.bar.try_get_untracked().flatten() else { return false };
    let Ok(items) = bar.query_selector_all("[role=menuitem]") else { return false };
    let count = items.length();
    if count == 0 {
        return false;
    }
    let active = document().active_element();
    let item = |at: u32| items.item(at).and_then(|item| item.dyn_into::<HtmlElement>().ok());
    let is_active = |at: &u32| item(*at).is_some_and(|item| active.as_ref().is_some_and(|active| *active == *item));
    let at = (0..count).find(is_active);
    item(to(at.unwrap_or(count - 1), count)).is_some_and(|item| item.focus().is_ok())
}
