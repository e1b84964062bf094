//! Drafts on their way to the disk: a moment after the first key, however fast others follow, and at once when the
//! page may go.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use leptos::task::spawn_local;

use super::client::{Client, timer};
use super::storage::DraftEdit;
use crate::ui::live;

/// What a crash of the page may cost of a draft.
const PAUSE_MS: i64 = 300;

/// Told what the disk has.
type Reader = Rc<dyn Fn(live::Drafts)>;

#[derive(Default)]
pub(super) struct Drafts {
    reader: RefCell<Option<Reader>>,
    /// Counts what was typed, so that a reading that it overtook is known as such.
    edits: Cell<u32>,
    unwritten: RefCell<Vec<DraftEdit>>,
    timer: RefCell<Option<Timeout>>,
}

impl Drafts {
    /// To be written now, in whichever transaction comes first.
    pub(super) fn take(&self) -> Vec<DraftEdit> {
        self.timer.take();
        self.unwritten.take()
    }

    /// How things stand before a reading, for [`Drafts::was_read`]; none while something is unwritten.
    pub(super) fn settled(&self) -> Option<u32> {
        self.unwritten.borrow().is_empty().then(|| self.edits.get())
    }

    /// The disk was read; nothing is made of it where something was typed meanwhile.
    pub(super) fn was_read(&self, before: Option<u32>, drafts: live::Drafts) {
        let reader = self.reader.borrow().clone();
        if let Some(reader) = reader.filter(|_| before.is_some() && before == self.settled()) {
            reader(drafts);
        }
    }

    /// The disk did not take them: they go with the next transaction, unless they were changed since.
    pub(super) fn put_back(&self, taken: Vec<DraftEdit>) {
        let mut unwritten = self.unwritten.borrow_mut();
        let older: Vec<_> = taken.into_iter().filter(|(key, _)| unwritten.iter().all(|(k, _)| k != key)).collect();
        unwritten.extend(older);
    }
}

impl Client {
    pub(super) fn read_drafts(self: &Rc<Self>, then: Box<dyn Fn(live::Drafts)>) {
        let Some(storage) = self.storage.get().cloned() else { return };
        let client = Rc::clone(self);
        spawn_local(async move {
            then(storage.read().await.map(|found| found.drafts).unwrap_or_default());
            client.drafts.reader.replace(Some(then.into()));
        });
    }

    pub(super) fn keep_draft(self: &Rc<Self>, key: String, draft: Option<String>) {
        self.drafts.edits.update(|edits| edits.wrapping_add(1));
        let mut unwritten = self.drafts.unwritten.borrow_mut();
        unwritten.retain(|(other, _)| *other != key);
        unwritten.push((key, draft));
        // One that runs is left alone: begun anew at each key it would never end while somebody writes.
        self.drafts.timer.borrow_mut().get_or_insert_with(|| {
            let client = Rc::clone(self);
            timer(PAUSE_MS, move || client.write_drafts())
        });
    }

    pub(super) fn write_drafts(self: &Rc<Self>) {
        let drafts = self.drafts.take();
        if drafts.is_empty() {
            return;
        }
        let Some(storage) = self.storage.get().cloned() else { return self.drafts.put_back(drafts) };
        let client = Rc::clone(self);
        spawn_local(async move {
            match storage.change(None, &drafts).await {
                Some(_) => client.offer(),
                None => client.drafts.put_back(drafts),
            }
        });
    }
}
