//! Turning to the list and away from it: it opens, perhaps in a tab that nobody looks at yet; the tab is hidden, or
//! the connection lost; the reader comes back to what came meanwhile.

use leptos::prelude::*;

use super::super::rows::NEW_ID;
use super::{Reading, beyond};
use crate::ui::live::Link;

impl Reading {
    /// The list appears.
    pub(super) fn open(self) {
        if document().hidden() {
            self.leave();
        }
        request_animation_frame(move || self.put());
    }

    /// From here on nobody sees what comes: the tab is hidden, or what comes is missed. Where nobody has looked at
    /// the list yet, what it opened with was read elsewhere, or the "New" line stands already.
    pub(super) fn leave(self) {
        let is_read = !self.is_placed() && self.new_after.get_untracked().is_none();
        let left = if is_read { self.newest.get_untracked() } else { self.told.get_value() };
        self.left.update_value(|held| *held = held.or(Some(left)));
    }

    /// The first frame after opening or coming back. The reader may have scrolled before scripts ran: where they
    /// are is measured before anything moves.
    fn put(self) {
        let Some(new_after) = self.new_after.try_get_untracked() else { return };
        self.place.note();
        if let Some(mark) = new_after {
            if self.place.at_end.get_untracked()
                && let Some(line) = document().get_element_by_id(NEW_ID)
            {
                self.place.reveal(&line);
            }
            if !self.place.at_end.get_untracked() {
                self.seen.set(mark);
            }
        }
        self.placed.set_value(true);
        self.reveal();
        self.hold();
        self.moved();
    }

    /// The tab was hidden, or came back.
    pub(super) fn turned(self) {
        if document().hidden() {
            self.leave();
        } else {
            self.look();
        }
    }

    /// The reader looks at the list again, or the last of what was missed has come.
    pub(super) fn look(self) {
        if document().hidden() || self.behind.get_untracked() {
            return;
        }
        // What was seen meanwhile, as of what was there before the connection was lost, stays seen.
        let left = self.left.get_value().map(|left| left.max(self.told.get_value()));
        // While there is no connection more may be missed.
        self.left.set_value(left.filter(|_| self.live.link.get_untracked() != Link::Ready));
        let at_end = self.place.at_end.get_untracked();
        match left.filter(|_| at_end) {
            // Nobody saw what came meanwhile, though the end is in view.
            Some(left) if self.rows.with_untracked(|rows| beyond(rows, left)) > 0 => {
                self.placed.set_value(false);
                self.new_after.set(Some(left));
                // By then the line is in the document.
                request_animation_frame(move || self.put());
            }
            _ => self.moved(),
        }
    }
}
