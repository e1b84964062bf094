//! Each connection begins where the last one ended, and the first where the served page does: the cursors of
//! IDENTIFY, and what READY says before the missed events follow it.

use std::rc::Rc;

use leptos::prelude::*;

use super::client::Client;
use super::fetch::next;
use crate::protocol::frame::Ready;
use crate::protocol::{ConversationId, ConversationSummary, Seq, Sorted};
use crate::ui::live::Live;
use crate::ui::live::connection::Heard;
use crate::ui::live::conversations::{self, Beyond, Told};
use crate::ui::live::timeline::Timeline;

#[derive(Default)]
pub(super) struct Resume {
    /// What the connection began with.
    sent: Sorted<String, i64>,
    /// Of a READY that is not whole yet.
    parts: Option<Ready>,
    pub(super) beyond: Beyond,
    /// The last entry of the inbox that was seen. A page begins without: READY's marks name every conversation.
    pub(super) inbox: Option<Seq>,
    /// Whether the list has to be fetched, and has not come yet.
    pub(super) list_wanted: bool,
    /// What the inbox said since.
    pub(super) told: Told,
    /// What READY asked for, where the list is fetched first: it need not bring all of it.
    pub(super) wanted: Vec<ConversationId>,
}

impl Client {
    /// What the next READY is to answer.
    pub(super) fn cursors(&self) -> Sorted<String, i64> {
        let Some(live) = self.live() else { return Sorted::default() };
        let mut resume = self.resume.borrow_mut();
        let open = live.timeline.try_with_untracked(|t| t.conversation().zip(t.cursor())).flatten();
        let cursors = live
            .conversations
            .try_with_untracked(|list| conversations::cursors(list, &resume.beyond, open, resume.inbox))
            .unwrap_or_default();
        resume.sent.clone_from(&cursors);
        cursors
    }

    /// A part of READY. Only the last one makes the connection ready.
    pub(super) fn ready(self: &Rc<Self>, live: Live, part: Ready) -> Heard {
        let mut resume = self.resume.borrow_mut();
        let Some(ready) = conversations::whole(&mut resume.parts, part) else { return Heard::Other };
        if ready.inbox.reset || !resume.sent.contains_key("inbox") {
            resume.inbox = Some(ready.inbox.s);
        }
        let open = self.open_conversation();
        // Opened since IDENTIFY, it may be behind the cursor that the list gave it then, or have had none.
        let cursor = open.and_then(|open| resume.sent.get(&open.to_string())).map(|cursor| Seq(*cursor));
        let is_replayed = open.is_none()
            || live.timeline.try_with_untracked(|timeline| timeline.continues_at(cursor)).unwrap_or_default();
        live.presence.try_update(|presence| presence.ready(&ready.present));
        live.timeline.try_update(|timeline| {
            if open.is_some_and(|open| ready.reset.contains(&open)) {
                timeline.reset();
                // Marks too were those of before a backup.
                live.readers.try_update(|readers| readers.open(None));
            }
            let last = ready.marks.iter().find(|mark| Some(mark.0) == open).map(|mark| mark.1);
            timeline.resumed(last.unwrap_or_default(), is_replayed);
        });
        for id in &ready.reset {
            let last = ready.marks.iter().find(|mark| mark.0 == *id).map(|mark| mark.1);
            self.marks.borrow_mut().forget(*id, last.unwrap_or_default());
        }
        let complete = !live.more_conversations.get_untracked();
        let Resume { sent, beyond, .. } = &mut *resume;
        let wanted = live.conversations.try_update(|list| conversations::ready(list, beyond, sent, ready, complete));
        let wanted = wanted.unwrap_or_default();
        resume.list_wanted |= wanted.list;
        if wanted.list {
            resume.wanted.clone_from(&wanted.conversations);
        }
        resume.told.clear();
        let list_wanted = resume.list_wanted;
        drop(resume);
        // What was asked for over the lost connection may never be answered.
        self.missing.clear();
        self.summaries.clear();
        next(&self.summaries_run);
        if list_wanted {
            self.fetch_list();
        }
        if !wanted.list {
            for id in wanted.conversations {
                self.fetch_summary(id);
            }
        }
        // Marks that others moved meanwhile are told by nobody.
        self.fetch_readers();
        // The missed events are on their way; what they do not continue is fetched.
        if !is_replayed || live.timeline.try_with_untracked(Timeline::cursor).flatten().is_none() {
            self.catch_up();
        }
        Heard::Ready
    }

    /// A fetched conversation comes into the list, or is known to be beyond its end.
    pub(super) fn summary(&self, live: Live, summary: ConversationSummary) {
        let (id, last_seq) = (summary.conversation.id, summary.last_seq);
        let mut fetched = vec![summary];
        self.resume.borrow().told.over(&mut fetched);
        let Some(summary) = fetched.pop() else { return };
        let more = live.more_conversations.try_get_untracked().unwrap_or_default();
        let is_listed = live.conversations.try_update(|list| conversations::fetched(list, summary, more));
        let beyond = &mut self.resume.borrow_mut().beyond;
        if is_listed == Some(false) {
            beyond.insert(id, last_seq);
        } else {
            beyond.remove(&id);
        }
    }
}
