//! What the reader has seen: keeps their place, counts what arrived below, asks for older messages in time, and
//! tells the live client how far they read in a visible tab.
//!
//! Nothing counts as seen before the list was *placed*: its first frame in a visible tab has measured where the
//! reader is, and has shown them the "New" line.

mod turning;

use leptos::prelude::*;

use crate::protocol::Seq;
use crate::ui::live::Live;
use crate::ui::live::timeline::{Row, SendState, Timeline};
use crate::ui::parts::scroll::Place;

#[derive(Clone, Copy)]
pub(super) struct Reading {
    live: Live,
    place: Place,
    rows: Memo<Vec<Row>>,
    new_after: RwSignal<Option<Seq>>,
    newest: Memo<Seq>,
    /// The newest message when the end was last in view.
    seen: RwSignal<Seq>,
    told: StoredValue<Seq>,
    placed: StoredValue<bool>,
    /// The newest message that was seen when the reader turned away from the tab with the end in view.
    left: StoredValue<Option<Seq>>,
    /// Others' messages below what is in view.
    pub(super) below: Memo<usize>,
}

impl Reading {
    /// Follows `rows` in the browser; on the server nothing moves.
    pub(super) fn start(live: Live, place: Place, rows: Memo<Vec<Row>>, new_after: RwSignal<Option<Seq>>) -> Self {
        let newest = Memo::new(move |_| live.timeline.with(Timeline::newest_complete));
        let seen = RwSignal::new(newest.get_untracked());
        let below = Memo::new(move |_| if place.at_end.get() { 0 } else { rows.with(|rows| beyond(rows, seen.get())) });
        let told = StoredValue::new(Seq::ZERO);
        let placed = StoredValue::new(false);
        let left = StoredValue::new(None);
        let reading = Self { live, place, rows, new_after, newest, seen, told, placed, left, below };
        Effect::new(move |last: Option<Option<String>>| {
            newest.track();
            let mine = rows.with(|rows| pending_end(rows));
            if last.is_none() {
                reading.open();
                return mine;
            }
            // One's own message brings one to the end, where it appears.
            if last.is_some_and(|last| mine.is_some() && last != mine) {
                place.at_end.set(true);
            }
            // The rows are in the document now, but not painted yet.
            request_animation_frame(move || {
                if reading.is_placed() {
                    place.settle();
                    reading.moved();
                }
            });
            mine
        });
        Effect::new(move |_| {
            let visible = window_event_listener_untyped("visibilitychange", move |_| reading.turned());
            on_cleanup(move || visible.remove());
        });
        place.on_resize(move || reading.moved());
        reading
    }

    /// The reader's place may have changed.
    pub(super) fn moved(&self) {
        if !self.is_placed() {
            return;
        }
        self.place.note();
        if self.place.at_end.get_untracked() {
            let newest = self.newest.get_untracked();
            if self.seen.get_untracked() != newest {
                self.seen.set(newest);
            }
            if !document().hidden() && self.told.get_value() < newest {
                self.told.set_value(newest);
                self.live.drive(|driver| driver.saw(newest));
            }
        }
        let asks = self.place.near_start()
            && self.live.timeline.with_untracked(Timeline::has_older)
            && !self.live.loading_older.get_untracked();
        if asks {
            self.live.drive(|driver| driver.load_older());
        }
    }

    /// False also where the list has gone: a frame, or an event, may come after it.
    fn is_placed(&self) -> bool {
        self.placed.try_get_value() == Some(true)
    }
}

fn beyond(rows: &[Row], seen: Seq) -> usize {
    rows.iter().filter(|row| matches!(row, Row::Message(row) if !row.own && row.seq > Some(seen))).count()
}

/// The key of an own message that is on its way at the end of the list.
fn pending_end(rows: &[Row]) -> Option<String> {
    match rows.last() {
        Some(Row::Message(row)) if row.own && row.state == SendState::Pending => Some(row.key.clone()),
        _ => None,
    }
}
