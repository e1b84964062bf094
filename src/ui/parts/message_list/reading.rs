//! What the reader has seen: keeps their place, counts what arrived below, asks for older messages in time, and
//! tells the live client how far they read in a visible tab.
//!
//! Nothing counts as seen before the list was *placed*: its first frame in a visible tab has measured where the
//! reader is, and has shown them the "New" line. Nor is anything beyond that line while the reader has neither seen
//! it nor waived it (`line`): who opens at the end of eighty unread messages has not read eighty. Nor what was missed
//! in a break while it still comes in: it passes by.
//!
//! Long because all rules of what counts as seen stand together.

mod line;
mod turning;

use leptos::prelude::*;

use self::line::{Seeking, Unseen};
use crate::protocol::{ConversationId, Seq};
use crate::ui::live::timeline::{Row, Timeline};
use crate::ui::live::{Link, Live};
use crate::ui::parts::scroll::Place;

#[derive(Clone, Copy)]
pub struct Reading {
    id: ConversationId,
    live: Live,
    place: Place,
    rows: Memo<Vec<Row>>,
    new_after: RwSignal<Option<Seq>>,
    newest: Memo<Seq>,
    /// The newest message that was in view.
    seen: RwSignal<Seq>,
    told: StoredValue<Seq>,
    placed: StoredValue<bool>,
    /// The newest message that was seen when the reader turned away from the tab, or the connection was lost.
    left: StoredValue<Option<Seq>>,
    /// Whether what was missed is still coming in.
    behind: Memo<bool>,
    /// Whether the "New" line was neither seen nor waived.
    held: RwSignal<bool>,
    /// Whether the line is above what is in view; false where it is not loaded.
    above: RwSignal<bool>,
    seeking: RwSignal<Seeking>,
    /// Others' messages below what is in view.
    pub(super) below: Memo<usize>,
    /// The way up to the line; none where it leads nowhere.
    pub(super) unseen: Memo<Option<Unseen>>,
}

impl Reading {
    /// Follows `rows` in the browser; on the server nothing moves.
    pub(super) fn start(
        id: ConversationId,
        live: Live,
        place: Place,
        rows: Memo<Vec<Row>>,
        new_after: RwSignal<Option<Seq>>,
    ) -> Self {
        let newest = Memo::new(move |_| live.timeline.with(Timeline::newest_complete));
        let seen = RwSignal::new(newest.get_untracked());
        let below = Memo::new(move |_| if place.at_end.get() { 0 } else { rows.with(|rows| beyond(rows, seen.get())) });
        let told = StoredValue::new(new_after.get_untracked().unwrap_or_default());
        let (placed, left) = (StoredValue::new(false), StoredValue::new(None));
        let behind = Memo::new(move |_| live.timeline.with(Timeline::is_behind));
        // Before the first frame nobody knows where the reader is: the way to the line is offered after it.
        let (held, above, seeking) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(Seeking::Idle));
        let unseen = line::unseen(id, live, new_after, held, above, seeking);
        let reading = Self {
            id,
            live,
            place,
            rows,
            new_after,
            newest,
            seen,
            told,
            placed,
            left,
            behind,
            held,
            above,
            seeking,
            below,
            unseen,
        };
        // Before the rows are looked at: where they end early nobody is at the end.
        let ends_early = Memo::new(move |_| live.timeline.with(Timeline::has_newer));
        Effect::new(move |_| place.ends_early(ends_early.get()));
        Effect::new(move |last: Option<(u32, u32)>| {
            newest.track();
            rows.track();
            let now @ (written, brought) = (live.written.get(), live.brought.get());
            let Some(last) = last else {
                reading.open();
                return now;
            };
            let comes_to_end = last.1 != brought;
            // One's own message brings one to the end, where it appears.
            if last.0 != written {
                if ends_early.get_untracked() {
                    live.drive(|driver| driver.show(None));
                } else {
                    place.at_end.set(true);
                }
            }
            if reading.is_placed() {
                place.unsettled.set_value(true);
                reading.trim();
            }
            // The rows are in the document now, but not painted yet.
            request_animation_frame(move || {
                if reading.is_placed() {
                    // Not by `at_end` set before: rows that went have scrolled the list until now.
                    if comes_to_end {
                        place.to_end();
                    } else {
                        place.settle();
                    }
                    reading.reveal();
                    reading.moved();
                }
            });
            now
        });
        // Apart from the rows, which may all be there already.
        Effect::new(move |_| {
            if live.reveal.with(Option::is_some) {
                request_animation_frame(move || {
                    if reading.is_placed() {
                        reading.reveal();
                        reading.moved();
                    }
                });
            }
        });
        Effect::new(move |_| {
            let visible = window_event_listener_untyped("visibilitychange", move |_| reading.turned());
            on_cleanup(move || visible.remove());
        });
        let current = Memo::new(move |_| live.link.get() == Link::Ready && !behind.get());
        Effect::new(move |last: Option<bool>| {
            let now = current.get();
            if !now {
                reading.leave();
            } else if last == Some(false) {
                reading.look();
            }
            now
        });
        place.on_resize(move || reading.moved());
        reading.follow();
        reading
    }

    /// The reader's place may have changed.
    pub(super) fn moved(&self) {
        if !self.is_placed() || self.place.unsettled.get_value() {
            return;
        }
        self.place.note();
        self.look_for_line();
        if !self.behind.get_untracked() {
            self.see();
        }
        let asks_newer = self.place.near_end()
            && self.live.timeline.with_untracked(Timeline::has_newer)
            && self.live.reveal.get_untracked().is_none()
            && !self.live.loading_newer.get_untracked();
        if asks_newer {
            self.live.drive(|driver| driver.load_newer());
        }
        let asks = self.place.near_start()
            && self.live.timeline.with_untracked(Timeline::has_older)
            && !self.live.loading_older.get_untracked();
        if asks {
            self.live.drive(|driver| driver.load_older());
        }
    }

    /// Brings into view what one came for, once it is there.
    pub(super) fn reveal(&self) {
        let Some(seq) = self.live.reveal.get_untracked() else { return };
        if let Some(row) = self.place.row(seq) {
            self.live.reveal.set(None);
            self.live.target.set(Some(seq));
            self.place.center(&row);
            self.place.focus(&row);
        }
    }

    /// What is far from the reader is let go. Before the frame in which they are brought back to their place, as that is
    /// one with what was put in.
    fn trim(&self) {
        let at_end = self.place.at_end.get_untracked();
        self.live.timeline.try_maybe_update(|timeline| {
            let before = timeline.len();
            timeline.trim(|held| at_end || self.place.read().is_none_or(|read| held.is_late(read)));
            (timeline.len() != before, ())
        });
    }

    /// What is in view counts as seen. Not in the middle of a log: what follows would count as seen with it.
    fn see(&self) {
        if self.live.timeline.with_untracked(Timeline::has_newer) {
            return;
        }
        let newest = self.newest.get_untracked();
        let at_end = self.place.at_end.get_untracked();
        let seen = if at_end { Some(newest) } else { self.place.last_in_view().map(|seq| seq.min(newest)) };
        if let Some(seen) = seen {
            if self.seen.get_untracked() < seen {
                self.seen.set(seen);
            }
            self.tell(seen);
        }
    }

    pub(super) fn to_end(self) {
        self.place.to_end();
        self.trim();
        self.moved();
    }

    /// The server hears of it, and so do the reader's other devices.
    fn tell(&self, seen: Seq) {
        if !self.held.get_untracked() && !document().hidden() && self.told.get_value() < seen {
            self.told.set_value(seen);
            self.live.drive(|driver| driver.saw(seen));
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
