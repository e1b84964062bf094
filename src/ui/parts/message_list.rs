//! The messages of a conversation, live.

mod above;
mod acting;
mod actions;
mod arrivals;
mod dialogs;
mod ends;
mod reading;
pub(super) mod rows;

use leptos::prelude::*;

pub(super) use self::above::NewAbove;
pub(super) use self::acting::Acting;
pub(super) use self::actions::Actions;
use self::arrivals::Arrivals;
pub(super) use self::dialogs::Dialogs;
pub use self::ends::Archive;
use self::ends::{Newer, Older, ToLatest};
pub(super) use self::reading::Reading;
use self::rows::{LiveRow, rows_key};
use super::each::each;
use super::moment::days;
use super::scroll::Place;
use super::{Clock, Icon, IconName, Notice, Part};
use crate::protocol::{ConversationId, Seq};
use crate::ui::fragments;
use crate::ui::live::Live;
use crate::ui::live::timeline::Timeline;
use crate::ui::pieces::{late, late_dialog};
use crate::ui::text;

/// The open conversation, from `Live`.
#[component]
pub fn MessageList(
    id: ConversationId,
    /// The read mark when it was opened: what is beyond is new. None when nothing was unread. It moves when the
    /// reader comes back to the tab.
    new_after: Option<Seq>,
    /// Nothing changes in it any more.
    archived: Memo<bool>,
    may_pin: Memo<bool>,
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
    let acting = Acting::start(id, live, place, archived, may_pin);
    let ends_early = Memo::new(move |_| live.timeline.with(Timeline::has_newer));
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
            let drawn = each(move || rows.get(), rows::key, move |row| view! { <LiveRow row rows/> }.into_any());
            view! { <ol class="rows">{drawn}</ol> }.into_any()
        },
    );
    view! {
        <div class="messages-frame">
            {late(move || reading.unseen.get().is_some(), move || Part::new_above(reading))}
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
                on:touchend=move |event| acting.lifted(&event)
                on:contextmenu=move |event| acting.context(&event)
                on:focusin=move |event| acting.focused(&event)
                on:keydown=move |event| acting.key(&event)
            >
                <div class="messages-column">
                    <Older id/>
                    <Show when=move || is_empty.get()>
                        <Notice
                            sentence=text::NO_MESSAGES
                            hint=if archived.get() { "" } else { text::NO_MESSAGES_HINT }
                        />
                    </Show>
                    {drawn}
                    <Newer id/>
                </div>
            </div>
            {late(move || acting.row().is_some(), move || Part::actions(acting))}
            {late_dialog(move || acting.asking.get().is_some(), move || acting.asking.set(None), move || Part::dialogs(acting))}
            <ToLatest id/>
            <Show when=move || (below.get() != 0 || place.far.get()) && !ends_early.get()>
                <button type="button" class="new-below" on:click=move |_| reading.to_end()>
                    <Icon name=IconName::Down/>
                    {move || match below.get() {
                        0 => text::TO_LATEST.to_owned(),
                        news => text::new_below(news),
                    }}
                </button>
            </Show>
            <Arrivals/>
        </div>
    }
    .into_any()
}
