//! Where a list of messages ends: links to what is before and behind it, and a page of older ones for readers without
//! scripts.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::rows::StillRow;
use crate::protocol::{self, ConversationId, Seq};
use crate::ui::live::Live;
use crate::ui::live::timeline::Timeline;
use crate::ui::parts::{Icon, IconName};
use crate::ui::text;

/// Older messages, where there are any.
#[component]
pub(super) fn Older(id: ConversationId) -> impl IntoView {
    let live = expect_context::<Live>();
    let has_older = Memo::new(move |_| live.timeline.with(Timeline::has_older));
    view! {
        <Show when=move || has_older.get()>
            <a
                class="older"
                href=move || older_href(id, live.timeline.with(Timeline::oldest_seq))
                on:click=move |event| {
                    if live.is_live() {
                        event.prevent_default();
                        live.drive(|driver| driver.load_older());
                    }
                }
            >
                {move || if live.loading_older.get() { text::LOADING } else { text::OLDER_MESSAGES }}
            </a>
        </Show>
    }
    .into_any()
}

/// Newer messages, where what is loaded ends before the log does.
#[component]
pub(super) fn Newer(id: ConversationId) -> impl IntoView {
    let live = expect_context::<Live>();
    let ends_early = Memo::new(move |_| live.timeline.with(Timeline::has_newer));
    view! {
        <Show when=move || ends_early.get()>
            <a
                class="older"
                href=move || newer_href(id, live.timeline.with(Timeline::until))
                on:click=move |event| {
                    if live.is_live() {
                        event.prevent_default();
                        live.drive(|driver| driver.load_newer());
                    }
                }
            >
                {move || if live.loading_newer.get() { text::LOADING } else { text::NEWER_MESSAGES }}
            </a>
        </Show>
    }
    .into_any()
}

/// Back to the newest messages from among older ones.
#[component]
pub(super) fn ToLatest(id: ConversationId) -> impl IntoView {
    let live = expect_context::<Live>();
    let ends_early = Memo::new(move |_| live.timeline.with(Timeline::has_newer));
    view! {
        <Show when=move || ends_early.get()>
            <a class="new-below" href=format!("/c/{id}") on:click=move |event| to_latest(&event, live)>
                <Icon name=IconName::Down/>
                {text::TO_LATEST}
            </a>
        </Show>
    }
    .into_any()
}

/// A page of older messages as it was when it was served; nothing on it moves.
#[component]
pub fn Archive(id: ConversationId, page: protocol::MessageList) -> impl IntoView {
    let live = expect_context::<Live>();
    let me = live.me.with_value(|me| me.id);
    let timeline = Timeline::from_page(id, page);
    let rows = timeline.rows(me, |_| 0, None);
    let older = timeline.has_older().then(|| older_href(id, timeline.oldest_seq()));
    view! {
        <div class="messages-frame">
            <div class="messages" tabindex="0" role="region" aria-label=text::OLDER_MESSAGES>
                <div class="messages-column">
                    {older.map(|href| view! { <a class="older" href=href>{text::OLDER_MESSAGES}</a> })}
                    <ol class="rows">{rows.into_iter().map(|row| view! { <StillRow row/> }).collect_view()}</ol>
                    <a class="older" href=format!("/c/{id}")>{text::LATEST_MESSAGES}</a>
                </div>
            </div>
        </div>
    }
    .into_any()
}

/// The address says so already where the reader only went far up: nothing follows from the link then.
fn to_latest(event: &MouseEvent, live: Live) {
    if live.is_live() && here().is_some_and(|path| Some(path) == event_href(event)) {
        event.prevent_default();
        live.drive(|driver| driver.show(None));
    }
}

fn here() -> Option<String> {
    window().location().pathname().ok()
}

fn event_href(event: &MouseEvent) -> Option<String> {
    let link = event.current_target()?.dyn_into::<Element>().ok()?;
    link.get_attribute("href")
}

fn newer_href(id: ConversationId, last: Option<Seq>) -> String {
    last.map_or_else(|| format!("/c/{id}"), |last| format!("/c/{id}/{last}"))
}

fn older_href(id: ConversationId, first: Option<Seq>) -> String {
    match first {
        Some(first) => format!("/c/{id}?before={first}"),
        None => format!("/c/{id}"),
    }
}
