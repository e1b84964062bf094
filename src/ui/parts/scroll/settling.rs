//! Where the reader is, and back to there after a change of the rows.

use leptos::prelude::*;

use super::Place;
use super::measure::{end_of, topmost};

/// Within so many pixels of the end, one is at the end.
const END_PX: i32 = 40;

impl Place {
    /// The reader scrolled, or a change was settled.
    pub(in crate::ui::parts) fn note(self) {
        let Some(list) = self.shown() else { return };
        let at_end = -list.scroll_top() < END_PX && !self.more_below.get_value();
        if self.at_end.get_untracked() != at_end {
            self.at_end.set(at_end);
        }
        let far = -list.scroll_top() > list.client_height();
        if self.far.get_untracked() != far {
            self.far.set(far);
        }
        // Where it is what it was but for what browsers round, it stays what it was: else it would creep.
        let is_there = self.anchor.with_value(|anchor| {
            let (id, offset) = anchor.as_ref()?;
            Some((end_of(&document().get_element_by_id(id)?, &list) - offset).abs() < 1.0)
        });
        if is_there != Some(true) {
            self.anchor.set_value(topmost(&list));
        }
    }

    /// After a change of the rows: at the end stays at the end, and elsewhere the row being read stays put.
    pub(in crate::ui::parts) fn settle(self) {
        let Some(list) = self.list.try_get_untracked().flatten() else { return };
        self.unsettled.set_value(false);
        if document().active_element().is_some_and(|active| active.tag_name() == "BODY")
            && let Some(row) = self.focused.get_value().and_then(|id| document().get_element_by_id(&id))
        {
            self.focus(&row);
        }
        if self.at_end.get_untracked() {
            // Setting it, even to what it is, ends a scrolling that is on its way.
            if list.scroll_top() != 0 {
                list.set_scroll_top(0);
            }
        } else if let Some((id, offset)) = self.anchor.get_value()
            && let Some(row) = document().get_element_by_id(&id)
        {
            let moved = (end_of(&row, &list) - offset).round() as i32;
            if moved != 0 {
                list.set_scroll_top(list.scroll_top() + moved);
            }
        }
        self.note();
    }
}
