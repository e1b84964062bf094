//! The page's clock: the server's now in UTC for the first render, then the browser's now in its own zone.

use std::cell::OnceCell;
use std::time::Duration;

use js_sys::{Array, Date, Intl, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::moment::{self, Brief, HOUR_MS};

/// "5 min" is wrong by at most this much.
const TICK: Duration = Duration::from_secs(30);

/// Cheap to copy; all parts of a page share one through the context.
#[derive(Clone, Copy)]
pub struct Clock {
    pub(super) now_ms: RwSignal<i64>,
    /// Minutes east of UTC; none until hydration, when UTC is shown.
    zone: RwSignal<Option<i32>>,
}

impl Clock {
    /// Provides a clock that stands at the server's now, and lets it run in the browser.
    pub fn provide(now_ms: i64) -> Self {
        let clock = Self { now_ms: RwSignal::new(now_ms), zone: RwSignal::new(None) };
        provide_context(clock);
        Effect::new(move |_| {
            clock.read_browser();
            if let Ok(ticking) = set_interval_with_handle(move || clock.read_browser(), TICK) {
                on_cleanup(move || ticking.clear());
            }
        });
        clock
    }

    fn read_browser(self) {
        let date = Date::new_0();
        let zone = Some(zone_at(&date));
        self.now_ms.set(date.get_time() as i64);
        if self.zone.get_untracked() != zone {
            self.zone.set(zone);
        }
    }

    /// Minutes east of UTC at a moment: not always today's, as clocks are changed twice a year in most zones.
    pub fn offset_minutes(self, ms: i64) -> i32 {
        self.zone.get().map_or(0, |_| zone_at(&Date::new(&JsValue::from_f64(ms as f64))))
    }

    fn clock(self, ms: i64) -> String {
        match self.zone.get() {
            None => moment::clock(ms, 0),
            Some(_) => browser_clock(ms).unwrap_or_else(|| moment::clock(ms, self.offset_minutes(ms))),
        }
    }

    fn brief(self, ms: i64) -> String {
        match moment::brief(ms, self.now_ms.get(), |ms| self.offset_minutes(ms)) {
            Brief::Clock => self.clock(ms),
            Brief::Text(text) => text,
        }
    }

    /// A moment as "since …": the clock today, otherwise the day.
    pub(super) fn since(self, ms: i64) -> String {
        match moment::brief(ms, self.now_ms.get(), |ms| self.offset_minutes(ms)) {
            Brief::Text(text) if self.now_ms.get() - ms >= HOUR_MS => text,
            Brief::Text(_) | Brief::Clock => self.clock(ms),
        }
    }

    fn in_full(self, ms: i64) -> String {
        let utc = self.zone.get().is_none();
        crate::ui::text::date_and_clock(&moment::date(ms, self.offset_minutes(ms)), &self.clock(ms), utc)
    }
}

/// JavaScript counts minutes west of UTC. Only in the browser.
fn zone_at(date: &Date) -> i32 {
    -date.get_timezone_offset() as i32
}

/// The clock in the reader's own way of writing it (12 or 24 hours). Only in the browser.
fn browser_clock(ms: i64) -> Option<String> {
    thread_local! {
        // Making one takes a hundred times as long as using it.
        static FORMAT: OnceCell<Intl::DateTimeFormat> = const { OnceCell::new() };
    }
    let date = Date::new(&JsValue::from_f64(ms as f64));
    FORMAT.with(|format| {
        let format = format.get_or_init(|| {
            let options = Object::new();
            for (part, form) in [("hour", "numeric"), ("minute", "2-digit")] {
                // Setting a property of a fresh plain object cannot fail; without it the default form is used.
                let _set = Reflect::set(&options, &part.into(), &form.into());
            }
            Intl::DateTimeFormat::new(&Array::new(), &options)
        });
        format.format().call1(&JsValue::UNDEFINED, &date).ok()?.as_string()
    })
}

/// The clock of a message; the whole date on hover.
#[component]
pub(super) fn ClockTime(#[prop(into)] at_ms: Signal<i64>) -> impl IntoView {
    let clock = expect_context::<Clock>();
    view! {
        <time class="time" datetime=move || moment::iso(at_ms.get()) title=move || clock.in_full(at_ms.get())>
            {move || clock.clock(at_ms.get())}
        </time>
    }
}

/// When something last happened, as short as it can be said.
#[component]
pub(super) fn BriefTime(#[prop(into)] at_ms: Signal<i64>) -> impl IntoView {
    let clock = expect_context::<Clock>();
    view! {
        <time class="time" datetime=move || moment::iso(at_ms.get()) title=move || clock.in_full(at_ms.get())>
            {move || clock.brief(at_ms.get())}
        </time>
    }
}

/// A day of the list.
#[component]
pub(super) fn DayTime(local_midnight_ms: i64) -> impl IntoView {
    let clock = expect_context::<Clock>();
    view! {
        <time datetime=moment::iso_day(local_midnight_ms)>
            {move || {
                let now_ms = clock.now_ms.get();
                moment::day(local_midnight_ms, now_ms, clock.offset_minutes(now_ms))
            }}
        </time>
    }
}
