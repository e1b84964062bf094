//! The outbox as the page and the other tabs touch it: what is posted, retried and taken back here, and what changed
//! there. The disk is the truth: after each change the page follows it.

use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::client::Client;
use super::environment::{is_visible, nonce, now_ms, wall_ms};
use super::storage::{DraftEdit, Storage};
use super::tabs::{Notice, Tabs};
use crate::protocol::{ConversationId, Seq, UserRef, content};
use crate::ui::live::outbox::Item;
use crate::ui::live::outbox::record::Change;
use crate::ui::live::timeline::Pending;
use crate::ui::live::{Live, Recipient};

impl Client {
    /// Takes up what earlier pages and other tabs left. Once, for the page's life.
    pub(super) fn start_outbox(self: &Rc<Self>) {
        let Some(me) = self.me() else { return };
        self.storage.get_or_init(|| Rc::new(Storage::of(me.id)));
        let client = Rc::clone(self);
        self.tabs.get_or_init(|| Tabs::of(me.id)).listen(move |notice| client.heard(notice));
        for event in ["visibilitychange", "pageshow", "pagehide"] {
            let client = Rc::clone(self);
            let _ = window_event_listener_untyped(event, move |_| {
                if is_visible() && event != "pagehide" {
                    // A page that slept may have missed what the others told it.
                    client.look();
                } else {
                    client.write_drafts();
                }
            });
        }
        self.look();
    }

    pub(super) fn post(self: &Rc<Self>, recipient: Recipient, text: &str, reply_to: Option<Seq>) {
        self.outbox.borrow_mut().push(nonce(), recipient, content::normalise(text), reply_to, wall_ms());
        self.show();
        self.keep();
    }

    pub(super) fn retry(self: &Rc<Self>, nonce: &str) {
        if self.outbox.borrow_mut().retry(nonce) {
            self.show();
            return self.pump();
        }
        let (client, change) = (Rc::clone(self), Change::Retry { nonce: nonce.to_owned() });
        spawn_local(async move {
            client.change(&change).await;
            client.pump();
        });
    }

    /// Takes a failed message back and hands it over, unless another tab did something with it first. Its text is in
    /// `draft`, which takes its place on the disk in the same transaction.
    pub(super) fn take_back(
        self: &Rc<Self>,
        nonce: String,
        draft: Option<(String, String)>,
        then: impl FnOnce(Item) + 'static,
    ) {
        let here = self.outbox.borrow_mut().discard(&nonce);
        if let Some(item) = here {
            self.show();
            return then(item);
        }
        let Some(item) = self.outbox.borrow().items().iter().find(|i| i.nonce == nonce).cloned() else { return };
        let client = Rc::clone(self);
        let draft: Vec<DraftEdit> = draft.into_iter().map(|(key, draft)| (key, Some(draft))).collect();
        spawn_local(async move {
            if client.change_with(&Change::Discard { nonce }, &draft).await {
                then(item);
            }
        });
    }

    /// The connection is back: nothing waits any longer.
    pub(super) fn hurry(self: &Rc<Self>) {
        self.outbox.borrow_mut().hurry();
        self.pump();
        self.look();
    }

    pub(super) fn echoed(self: &Rc<Self>, nonce: &str, conversation: ConversationId) {
        let echoed = self.outbox.borrow_mut().echoed(nonce, conversation);
        let Some((item, change)) = echoed else { return };
        self.opened(item.recipient, conversation);
        self.show();
        let client = Rc::clone(self);
        spawn_local(async move {
            client.change(&change).await;
            client.pump();
        });
    }

    /// Shows what waits: all of it to those who list it, and in the timeline what is for the open conversation.
    pub(super) fn show_pending(&self, live: Live) {
        let Some(me) = self.me() else { return };
        let items = self.outbox.borrow().items().to_vec();
        live.timeline.try_update(|timeline| {
            let open = timeline.conversation().map(Recipient::Conversation);
            timeline.set_pending(items.iter().filter(|i| Some(&i.recipient) == open.as_ref()).map(|i| pending(i, &me)));
        });
        // Those who list it draw it anew, and the focus in it is lost: only for what changed.
        if live.outbox.try_with_untracked(|shown| *shown != items) == Some(true) {
            live.outbox.try_set(items);
        }
    }

    pub(super) fn show(&self) {
        if let Some(live) = self.live() {
            self.show_pending(live);
        }
    }

    fn heard(self: &Rc<Self>, notice: Notice) {
        match notice {
            Notice::Changed => {}
            Notice::Sent(posted) => {
                let Some(live) = self.live() else { return };
                live.timeline.try_update(|timeline| timeline.sent(&posted));
                let item = self.outbox.borrow().items().iter().find(|i| i.nonce == posted.nonce).cloned();
                if let Some(item) = item {
                    self.opened(item.recipient, posted.conversation_id);
                }
            }
            Notice::Over => return self.storage.get().map_or((), |storage| storage.end()),
        }
        self.look();
    }

    /// Looks at the disk: other tabs write there.
    pub(super) fn look(self: &Rc<Self>) {
        let client = Rc::clone(self);
        spawn_local(async move {
            client.reread().await;
            client.pump();
        });
    }

    pub(super) async fn reread(&self) {
        let Some(storage) = self.storage.get() else { return };
        let before = self.drafts.settled();
        if let Some(found) = storage.read().await {
            self.drafts.was_read(before, found.drafts);
            self.outbox.borrow_mut().refresh(found.kept, now_ms());
            self.show();
        }
    }

    /// Changes the disk and follows it. Whether there was anything to change.
    pub(super) async fn change(self: &Rc<Self>, change: &Change) -> bool {
        self.change_with(change, &[]).await
    }

    /// The same, with drafts that are written only where there was something to change.
    async fn change_with(self: &Rc<Self>, change: &Change, drafts: &[DraftEdit]) -> bool {
        let Some(storage) = self.storage.get() else { return false };
        let Some(found) = storage.change(Some(change), drafts).await else { return false };
        self.outbox.borrow_mut().refresh(found.kept, now_ms());
        self.show();
        self.tell(&Notice::Changed);
        self.offer();
        found.changed
    }

    pub(super) fn tell(&self, notice: &Notice) {
        if let Some(tabs) = self.tabs.get() {
            tabs.tell(notice);
        }
    }
}

fn pending(item: &Item, me: &UserRef) -> Pending {
    Pending {
        author: me.clone(),
        nonce: item.nonce.clone(),
        content: item.content.clone(),
        created_ms: item.created_ms,
        reply_to: item.reply_to,
        state: item.send_state(),
    }
}
