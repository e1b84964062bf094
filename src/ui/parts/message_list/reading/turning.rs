//! Turning to the list and away from it: it opens, perhaps in a tab that nobody looks at yet; the tab is hidden; the
//! reader comes back to what came meanwhile.

use leptos::prelude::*;

use super::super::rows::NEW_ID;
use super::{Reading, beyond};

impl Reading {
    /// The list appears.
    pub(super) fn open(self) {
        if document().hidden() {
            self.unlooked();
        }
        request_animation_frame(move || self.put());
    }

    /// Nobody has looked at the list yet: what it opened with was read elsewhere, or the "New" line stands already.
    fn unlooked(self) {
        if self.new_after.get_untracked().is_none() {
            self.left.set_value(Some(self.newest.get_untracked()));
        }
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
        self.hold();
        self.moved();
    }

    /// The tab was hidden, or came back.
    pub(super) fn turned(self) {
        if document().hidden() {
            if self.is_placed() {
                self.left.set_value(self.place.at_end.get_untracked().then(|| self.told.get_value()));
            } else {
                self.unlooked();
            }
            return;
        }
        let left = self.left.try_update_value(Option::take).flatten();
        match left {
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
