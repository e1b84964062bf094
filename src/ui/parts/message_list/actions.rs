//! What can be done with a message: a few buttons at its edge for a mouse, and a menu for keys and touch.

mod keys;
mod menu;

use leptos::prelude::*;
use web_sys::HtmlElement;

use self::keys::{focus_item, key};
use self::menu::{EmojiRow, Menu};
use super::acting::{Acting, Open};
use crate::ui::parts::{Icon, IconName};
use crate::ui::text;

#[component]
pub fn Actions(acting: Acting) -> impl IntoView {
    let row = Memo::new(move |_| acting.row());
    let is_there = Memo::new(move |_| row.with(Option::is_some));
    let place = move || {
        let (Some(bar), Some(list)) = (acting.bar.get_untracked(), acting.place.list.get_untracked()) else { return };
        let Some(row) = acting.at.get_untracked().and_then(|seq| acting.place.row(seq)) else { return };
        let (row, frame) = (row.get_bounding_client_rect(), list.get_bounding_client_rect());
        // Within the list, also where the row reaches beyond it.
        let top = (row.top() - frame.top()).clamp(4.0, (frame.height() - 44.0).max(4.0));
        let end = frame.right() - row.right();
        let style = HtmlElement::style(&bar);
        let _placed = style.set_property("inset-block-start", &px(top));
        let _placed = style.set_property("inset-inline-end", &px(end.max(8.0)));
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
    let toggle = move |which: Open, by_key: bool| {
        acting.returns.set_value(by_key);
        let is_open = acting.open.get_untracked() == which;
        acting.open.set(if is_open { Open::Bar } else { which });
    };
    let expanded = move |which: Open| if acting.open.get() == which { "true" } else { "false" };
    let opens = move |which: Open, label: &'static str, icon: IconName| {
        view! {
            <button
                type="button"
                class="icon-button"
                aria-label=label
                title=label
                aria-haspopup="menu"
                aria-expanded=move || expanded(which)
                on:click=move |event| toggle(which, event.detail() == 0)
            >
                <Icon name=icon/>
            </button>
        }
        .into_any()
    };
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
                    {move || (!acting.archived.get()).then(|| view! {
                        {opens(Open::Emoji, text::REACT, IconName::Face)}
                        <button
                            type="button"
                            class="icon-button"
                            aria-label=text::REPLY
                            title=text::REPLY
                            on:click=move |_| acting.reply()
                        >
                            <Icon name=IconName::Reply/>
                        </button>
                    })}
                    {opens(Open::Menu, text::MORE, IconName::More)}
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

/// In whole pixels: what writes fractions is 3 kB of the first load, and nothing else does.
fn px(length: f64) -> String {
    format!("{}px", length.round() as i64)
}
