//! The messages of a conversation: the live list, and a page of older ones for readers without scripts.

mod above;
mod acting;
mod actions;
mod arrivals;
mod dialogs;
mod reading;
pub(super) mod rows;

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use self::above::NewAbove;
use self::acting::Acting;
use self::actions::Actions;
use self::arrivals::Arrivals;
use self::dialogs::Dialogs;
use self::reading::Reading;
use self::rows::{Key, LiveRow, StillRow, rows_key};
use super::moment::days;
use super::scroll::Place;
use super::{Clock, Icon, IconName, Notice};
use crate::protocol::{self, ConversationId, Seq};
use crate::ui::fragments;
use crate::ui::live::Live;
use crate::ui::live::timeline::Timeline;
use crate::ui::text;

/// The open conversation, from `Live`.
#[component]
pub fn MessageList(
    id: ConversationId,
    /// The read mark when it was opened: what is beyond is new. None when nothing was unread. It moves when the
    /// reader comes back to the tab.
    new_after: Option<Seq>,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let clock = expect_context::<Clock>();
    let me = live.me.with_value(|me| me.id);
    let new_after = RwSignal::new(new_after);
    let rows = Memo::new(move |_| {
        live.timeline.with(|timeline| {
            // Where new begins is further up than what is loaded: a line here would lie.
            let new_after = new_after.get().filter(|mark| timeline.reaches(*mark));
            timeline.rows(me, |ms| clock.offset_minutes(ms), new_after)
        })
    });
    let place = Place::new();
    let reading = Reading::start(id, live, place, rows, new_after);
    let acting = Acting::start(id, live, place.list);
    let ends_early = Memo::new(move |_| live.timeline.with(Timeline::has_newer));
    let has_older = Memo::new(move |_| live.timeline.with(Timeline::has_older));
    let is_empty = Memo::new(move |_| live.timeline.with(Timeline::is_empty));
    let below = reading.below;
    let drawn = fragments::kept(
        || {
            live.timeline.with_untracked(|timeline| {
                live.me.with_value(|me| {
                    rows_key(id, timeline, me, new_after.get_untracked(), days(clock.now_ms.get_untracked()))
                })
            })
        },
        || {
            view! { <ol class="rows"><For each=move || rows.get() key=Key::of let:row><LiveRow row rows/></For></ol> }
                .into_any()
        },
    );
    view! {
        <div class="messages-frame">
            <NewAbove reading/>
            <div
                class="messages"
                role="log"
                // Older messages that are put before it are no news; what is, `Arrivals` says.
                aria-live="off"
                aria-label=text::MESSAGES
                aria-busy=move || live.loading_older.get().then_some("true")
                tabindex="0"
                node_ref=place.list
                on:scroll=move |_| {
                    acting.scrolled();
                    reading.moved();
                }
                on:pointerover=move |event| acting.pointed(&event)
                on:pointerleave=move |event| acting.unpointed(&event)
                on:pointerdown=move |event| acting.press(&event)
                on:pointerup=move |_| acting.stop_press()
                on:pointercancel=move |_| acting.stop_press()
                on:focusin=move |event| acting.focused(&event)
                on:keydown=move |event| acting.key(&event)
            >
                <div class="messages-column">
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
                    <Show when=move || is_empty.get()>
                        <Notice sentence=text::NO_MESSAGES hint=text::NO_MESSAGES_HINT/>
                    </Show>
                    {drawn}
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
                </div>
            </div>
            <Actions acting/>
            <Dialogs acting/>
            <Show when=move || ends_early.get()>
                <a class="new-below" href=format!("/c/{id}") on:click=move |event| to_latest(&event, live)>
                    <Icon name=IconName::Down/>
                    {text::TO_LATEST}
                </a>
            </Show>
            <Show when=move || below.get() != 0 && !ends_early.get()>
                <button type="button" class="new-below" on:click=move |_| reading.to_end()>
                    <Icon name=IconName::Down/>
                    {move || text::new_below(below.get())}
                </button>
            </Show>
            <Arrivals/>
        </div>
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
