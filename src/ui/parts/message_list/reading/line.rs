//! The "New" line when it is not in view: above it, or further up than what is loaded. The way there, and the way
//! past it. Long because what is offered and what it does belong together.

use leptos::ev;
use leptos::prelude::*;

use super::super::rows::NEW_ID;
use super::Reading;
use crate::protocol::limits::{PAGE_MESSAGES, UNREAD_MAX};
use crate::protocol::{ConversationId, Seq};
use crate::ui::live::Live;
use crate::ui::live::timeline::Timeline;
use crate::ui::parts::keys::is_composing;
use crate::ui::parts::scroll::Side;

/// Pages that are loaded to get to the line: all that can be counted as unread, and a few for entries of the log
/// that are no messages.
const SEEK_PAGES: u32 = UNREAD_MAX / PAGE_MESSAGES + 4;

/// The line that the reader has not seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ui::parts::message_list) struct Unseen {
    /// Others' messages after it.
    pub(in crate::ui::parts::message_list) count: u32,
    /// When the first of them was written; none where it is not loaded.
    pub(in crate::ui::parts::message_list) since_ms: Option<i64>,
    pub(in crate::ui::parts::message_list) is_loading: bool,
}

/// Whether the reader asked for the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seeking {
    Idle,
    Pages(u32),
}

pub(super) fn unseen(
    id: ConversationId,
    live: Live,
    new_after: RwSignal<Option<Seq>>,
    held: RwSignal<bool>,
    above: RwSignal<bool>,
    seeking: RwSignal<Seeking>,
) -> Memo<Option<Unseen>> {
    let me = live.me.with_value(|me| me.id);
    let listed = Memo::new(move |_| listed_unread(live, id));
    Memo::new(move |_| {
        let mark = new_after.get().filter(|_| held.get())?;
        let is_loading = seeking.get() != Seeking::Idle;
        live.timeline.with(|timeline| {
            let loaded = timeline.unread_after(mark, me);
            if !timeline.reaches(mark) {
                // Counted by the store: what is loaded is only a part.
                let count = listed.get().unwrap_or(loaded).max(loaded);
                return Some(Unseen { count, since_ms: None, is_loading });
            }
            let since_ms = timeline.of_others_after(mark, me).next().map(|first| first.created_ms);
            (above.get() && loaded > 0).then_some(Unseen { count: loaded, since_ms, is_loading })
        })
    })
}

/// None where the conversation is not in the list.
fn listed_unread(live: Live, id: ConversationId) -> Option<u32> {
    live.conversations.with(|all| all.iter().find(|c| c.conversation.id == id).map(|c| c.unread))
}

impl Reading {
    /// Follows what happens to the line; in the browser only.
    pub(super) fn follow(self) {
        // Read elsewhere, or answered: the line no longer says anything.
        Effect::new(move |_| {
            if listed_unread(self.live, self.id) == Some(0) && self.held.get() {
                self.waive();
            }
        });
        Effect::new(move |_| {
            self.rows.track();
            if !self.live.loading_older.get() && self.seeking.get_untracked() != Seeking::Idle {
                // The rows are in the document by then.
                request_animation_frame(move || self.seek());
            }
        });
        Effect::new(move |_| {
            let keys = window_event_listener(ev::keydown, move |event| {
                let asks =
                    self.is_placed() && (self.unseen.get_untracked().is_some() || self.below.get_untracked() > 0);
                // A dialog over the page has the key to itself.
                let alone = document().query_selector("dialog:modal").ok().flatten().is_none();
                if event.key() == "Escape" && alone && !is_composing(&event) && !event.default_prevented() && asks {
                    event.prevent_default();
                    self.catch_up();
                }
            });
            on_cleanup(move || keys.remove());
        });
    }

    /// The list was placed, and may have a line.
    pub(super) fn hold(&self) {
        self.held.set(self.new_after.get_untracked().is_some());
    }

    fn waive(self) {
        self.held.set(false);
        self.seeking.set(Seeking::Idle);
    }

    /// Sees whether the line is in view, and where it is otherwise.
    pub(super) fn look_for_line(&self) {
        if !self.held.get_untracked() {
            return;
        }
        let side = document().get_element_by_id(NEW_ID).and_then(|line| self.place.side_of(&line));
        if side == Some(Side::InView) {
            self.waive();
        } else if self.above.get_untracked() != (side == Some(Side::Above)) {
            self.above.set(side == Some(Side::Above));
        }
    }

    /// To the line, with all that has to be loaded for it.
    pub(in crate::ui::parts::message_list) fn to_line(self) {
        if self.seeking.get_untracked() == Seeking::Idle {
            self.seeking.set(Seeking::Pages(SEEK_PAGES));
            self.seek();
        }
    }

    fn seek(self) {
        let Some(Seeking::Pages(left)) = self.seeking.try_get_untracked() else { return };
        if let Some(line) = document().get_element_by_id(NEW_ID) {
            self.seeking.set(Seeking::Idle);
            self.place.reveal(&line);
            // Whoever listens or uses the keyboard goes on from there.
            self.place.focus(&line);
            self.moved();
        } else if left == 0 || !self.live.timeline.with_untracked(Timeline::has_older) {
            self.seeking.set(Seeking::Idle);
        } else if !self.live.loading_older.get_untracked() {
            self.seeking.set(Seeking::Pages(left - 1));
            self.live.drive(|driver| driver.load_older());
        }
    }

    /// To the end, and all of it counts as read.
    pub(in crate::ui::parts::message_list) fn catch_up(self) {
        self.waive();
        self.to_end();
    }
}
