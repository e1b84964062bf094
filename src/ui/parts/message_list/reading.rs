//! What the reader has seen: keeps their place, counts what arrived below, asks for older messages in time, and
//! tells the live client how far they read in a visible tab.

use leptos::prelude::*;

use super::rows::NEW_ID;
use crate::protocol::Seq;
use crate::ui::live::Live;
use crate::ui::live::timeline::{Row, SendState, Timeline};
use crate::ui::parts::scroll::Place;

#[derive(Clone, Copy)]
pub(super) struct Reading {
    live: Live,
    place: Place,
    rows: Memo<Vec<Row>>,
    /// The newest message when the end was last in view.
    seen: RwSignal<Seq>,
    told: StoredValue<Seq>,
    /// Others' messages below what is in view.
    pub(super) below: Memo<usize>,
}

impl Reading {
    /// Follows `rows` in the browser; on the server nothing moves.
    pub(super) fn start(live: Live, place: Place, rows: Memo<Vec<Row>>, new_after: Option<Seq>) -> Self {
        let seen = RwSignal::new(rows.with_untracked(|rows| newest(rows)));
        let below = Memo::new(move |_| if place.at_end.get() { 0 } else { beyond(rows, seen.get()) });
        let reading = Self { live, place, rows, seen, told: StoredValue::new(Seq::ZERO), below };
        Effect::new(move |last: Option<Option<String>>| {
            let mine = rows.with(|rows| pending_end(rows));
            // One's own message brings one to the end, where it appears.
            if last.as_ref().is_some_and(|last| mine.is_some() && *last != mine) {
                place.at_end.set(true);
            }
            let opened = last.is_none();
            // The rows are in the document now, but not painted yet.
            request_animation_frame(move || {
                if opened && let Some(line) = document().get_element_by_id(NEW_ID) {
                    place.reveal(&line);
                    if let (Some(mark), false) = (new_after, place.at_end.get_untracked()) {
                        seen.set(mark);
                    }
                }
                place.settle();
                reading.moved();
            });
            mine
        });
        Effect::new(move |_| {
            let visible = window_event_listener_untyped("visibilitychange", move |_| reading.moved());
            on_cleanup(move || visible.remove());
        });
        reading
    }

    /// The reader's place may have changed.
    pub(super) fn moved(&self) {
        // A frame may come after the list has gone.
        let Some(newest) = self.rows.try_with_untracked(|rows| newest(rows)) else { return };
        self.place.note();
        if self.place.at_end.get_untracked() {
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
}

fn newest(rows: &[Row]) -> Seq {
    rows.iter().rev().find_map(|row| if let Row::Message(row) = row { row.seq } else { None }).unwrap_or_default()
}

fn beyond(rows: Memo<Vec<Row>>, seen: Seq) -> usize {
    rows.with(|rows| {
        rows.iter().filter(|row| matches!(row, Row::Message(row) if !row.own && row.seq > Some(seen))).count()
    })
}

/// The key of an own message that is on its way at the end of the list.
fn pending_end(rows: &[Row]) -> Option<String> {
    match rows.last() {
        Some(Row::Message(row)) if row.own && row.state == SendState::Pending => Some(row.key.clone()),
        _ => None,
    }
}
