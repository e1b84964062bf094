//! What the reader saw: the count goes at once, the server is told after a while.

use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::answers::answer;
use super::client::{Client, timer};
use super::environment::{now_ms, random};
use crate::api;
use crate::protocol::{ConversationId, Seq};
use crate::ui::live::conversations;
use crate::ui::live::marks::Action;

impl Client {
    pub(super) fn saw(self: &Rc<Self>, seq: Seq) {
        let (Some(live), Some(me)) = (self.live(), self.me()) else { return };
        let open =
            live.timeline.with_untracked(|t| t.conversation().map(|id| (id, t.unread_after(seq, me.id), t.as_of())));
        let Some((id, unread, as_of)) = open else { return };
        let held = live
            .conversations
            .with_untracked(|l| l.iter().find(|s| s.conversation.id == id).map(|s| (s.read_seq, s.unread)));
        if held.is_some_and(|(read_seq, held)| read_seq >= seq && held <= unread) {
            return;
        }
        live.conversations.try_update(|list| conversations::seen(list, id, seq, unread, as_of));
        if held.is_none_or(|(read_seq, _)| read_seq < seq) && self.marks.borrow_mut().saw(id, seq) {
            self.pump_marks();
        }
    }

    /// A message was written on this page: the reader is brought to it.
    pub(super) fn written(&self) {
        if let Some(live) = self.live() {
            live.written.try_update(|written| *written = written.wrapping_add(1));
        }
    }

    /// The page is hidden, perhaps for good.
    pub(super) fn tell_marks(self: &Rc<Self>) {
        self.marks.borrow_mut().hurry();
        self.pump_marks();
    }

    fn pump_marks(self: &Rc<Self>) {
        let action = self.marks.borrow_mut().next(now_ms());
        let timer = match action {
            Some(Action::Tell(id, seq)) => {
                self.tell_mark(id, seq);
                None
            }
            Some(Action::Wait { until_ms }) => {
                let client = Rc::clone(self);
                Some(timer(until_ms - now_ms(), move || client.pump_marks()))
            }
            None => return,
        };
        self.marks_timer.replace(timer);
    }

    fn tell_mark(self: &Rc<Self>, id: ConversationId, seq: Seq) {
        let Some(me) = self.me() else { return };
        let client = Rc::clone(self);
        spawn_local(async move {
            let told = answer(api::read_mark(id, seq, Some(me.id.0))).await;
            if told.is_ok() {
                client.recount(id);
            }
            let again = told.is_err_and(|error| {
                client.refused(&error);
                error.code.is_passing()
            });
            client.marks.borrow_mut().answered(again, now_ms(), random());
            client.pump_marks();
        });
    }

    /// What is left unread may have been counted before everything was known: the store has the mark now.
    fn recount(self: &Rc<Self>, id: ConversationId) {
        let Some(live) = self.live() else { return };
        let unread =
            live.conversations.try_with_untracked(|list| list.iter().any(|s| s.conversation.id == id && s.unread > 0));
        if unread == Some(true) {
            self.fetch_summary(id);
        }
    }
}
