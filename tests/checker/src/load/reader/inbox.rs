//! A reader's inbox: what it says of the groups that the reader comes to and goes from.

use std::collections::BTreeSet;

use super::Reader;
use crate::frames::{Frame, UserRef};
use crate::history::{Contradiction, InboxEntry, SpellEnd};
use crate::load::shared::{Shared, locked, seq};
use crate::socket::Ready;

impl Reader {
    /// Takes what READY says of the inbox and of who comes and goes. What is replayed of the inbox is older than that.
    /// Answers which groups have to be fetched anew.
    pub(super) fn begin_inbox(&mut self, ready: &Ready) -> Vec<usize> {
        if self.inbox_cursor.is_none() {
            self.inbox.begin = ready.inbox;
            self.inbox.is_whole = true;
        }
        if ready.is_inbox_reset {
            self.inbox.is_whole = false;
        }
        self.inbox_ready = ready.inbox;
        if self.inbox_cursor.is_none() || ready.is_inbox_reset {
            self.inbox_cursor = Some(ready.inbox);
        }
        let mut anew = Vec::new();
        for (index, held) in self.held.iter_mut().enumerate().filter(|(_, held)| held.is_group) {
            let is_theirs = ready.marks.iter().any(|(id, ..)| *id == held.id);
            match (is_theirs, held.is_in) {
                (true, true) if !ready.reset.contains(&held.id) => {}
                (true, _) => {
                    held.come();
                    held.fetching = Some(Vec::new());
                    anew.push(index);
                }
                (false, _) => held.go(SpellEnd::Away),
            }
            if let Some(members) = ready.members.get(&held.id).filter(|_| is_theirs) {
                held.set_members(named(&self.shared, members));
            }
        }
        anew
    }

    /// An event of the inbox.
    pub(super) fn inbox_event(&mut self, s: i64, frame: &Frame) {
        let s = seq(s);
        self.inbox_cursor = self.inbox_cursor.max(Some(s));
        let index = frame.d.id.and_then(|id| self.by_id.get(&id).copied());
        let Some(index) = index.filter(|index| self.held[*index].is_group) else { return };
        let is_create = match frame.op.as_str() {
            "CONVERSATION_CREATE" => true,
            "CONVERSATION_DELETE" => false,
            _ => return,
        };
        let (held, is_replayed) = (&mut self.held[index], s <= self.inbox_ready);
        let conversation = held.conversation;
        self.inbox.entries.push(InboxEntry { seq: s, conversation, is_create, is_replayed });
        match (is_replayed, is_create) {
            (true, _) => {}
            (false, true) => {
                held.come();
                held.set_members(named(&self.shared, &frame.d.members));
            }
            (false, false) => held.go(SpellEnd::Told),
        }
        self.publish(index);
    }

    /// READ_UPDATE: how far somebody has read.
    pub(super) fn told_mark(&self, frame: &Frame) {
        let user = frame.d.user.as_ref().and_then(|user| user.get().parse::<i64>().ok());
        if let ("READ_UPDATE", Some(id), Some(user), Some(at)) =
            (&*frame.op, frame.d.conversation, user, frame.d.read_seq)
        {
            let mut told = locked(&self.shared.told_marks);
            let highest = told.entry((id, user)).or_default();
            *highest = at.max(*highest);
        }
    }

    /// What READY says of read marks, against those that were acknowledged before it was asked for.
    pub(super) fn check_marks(&self, ready: &Ready, before: &std::collections::HashMap<u32, u32>) {
        let person = seq(self.progress.person as i64);
        for held in self.held.iter().filter(|held| !held.is_group) {
            let Some(&marked) = before.get(&held.conversation) else { continue };
            let Some((.., read_seq, _)) = ready.marks.iter().find(|(id, ..)| *id == held.id) else { continue };
            if *read_seq < i64::from(marked) {
                let (conversation, read_seq) = (held.conversation, *read_seq);
                let back = Contradiction::MarkedBack { conversation, person, read_seq, marked };
                locked(&self.shared.contradictions).push(back);
            }
        }
    }
}

/// Those of them who are people of the run.
pub(in crate::load) fn named(shared: &Shared, members: &[UserRef]) -> BTreeSet<u32> {
    members.iter().filter_map(|member| shared.by_name.get(&member.name).copied()).collect()
}
