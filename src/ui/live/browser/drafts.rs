//! Drafts on their way to the disk: a moment after the last key, and at once when the page may go.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use leptos::task::spawn_local;

use super::client::{Client, timer};
use super::storage::DraftEdit;
use crate::ui::live;

/// What a crash of the page may cost of a draft.
const PAUSE_MS: i64 = 300;

#[derive(Default)]
pub(super) struct Drafts {
    unwritten: RefCell<Vec<DraftEdit>>,
    timer: RefCell<Option<Timeout>>,
}

impl Drafts {
    /// To be written now, in whichever transaction comes first.
    pub(super) fn take(&self) -> Vec<DraftEdit> {
        self.timer.take();
        self.unwritten.take()
    }
}

impl Client {
    pub(super) fn read_drafts(self: &Rc<Self>, then: impl FnOnce(live::Drafts) + 'static) {
        let Some(storage) = self.storage.get().cloned() else { return };
        spawn_local(async move { then(storage.read().await.map(|found| found.drafts).unwrap_or_default()) });
    }

    pub(super) fn keep_draft(self: &Rc<Self>, key: String, draft: Option<String>) {
        let mut unwritten = self.drafts.unwritten.borrow_mut();
        unwritten.retain(|(other, _)| *other != key);
        unwritten.push((key, draft));
        let client = Rc::clone(self);
        self.drafts.timer.replace(Some(timer(PAUSE_MS, move || client.write_drafts())));
    }

    pub(super) fn write_drafts(self: &Rc<Self>) {
        let Some(storage) = self.storage.get().cloned() else { return };
        let drafts = self.drafts.take();
        if !drafts.is_empty() {
            spawn_local(async move {
                // A disk that does not take it has had its chance: the draft lives as long as the page.
                storage.change(None, &drafts).await;
            });
        }
    }
}
