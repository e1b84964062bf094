//! The outbox at work: onto the disk, out to the server, and what the answers change. What to do is decided by
//! `outbox`; the tabs of one user do it in turns (`locks`) and tell each other (`tabs`).

use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::client::{Client, timer};
use super::environment::{is_visible, nonce, now_ms, random, wall_ms};
use super::fetch::answer;
use super::locks;
use super::storage::Storage;
use super::tabs::{Notice, Tabs};
use crate::api::{self, ApiError};
use crate::protocol::{ConversationId, Message, Posted, Seq, UserRef, content};
use crate::ui::live::conversations::{self, Known};
use crate::ui::live::outbox::record::Change;
use crate::ui::live::outbox::{Action, Failure, Item, Post, State};
use crate::ui::live::timeline::{Pending, SendState};
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

    pub(super) fn post(self: &Rc<Self>, recipient: Recipient, text: &str) {
        self.outbox.borrow_mut().push(nonce(), recipient, content::normalise(text), wall_ms());
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

    /// Takes a failed message back and hands it over, unless another tab did something with it first.
    pub(super) fn take_back(self: &Rc<Self>, nonce: String, then: impl FnOnce(Item) + 'static) {
        let here = self.outbox.borrow_mut().discard(&nonce);
        if let Some(item) = here {
            self.show();
            return then(item);
        }
        let Some(item) = self.outbox.borrow().items().iter().find(|i| i.nonce == nonce).cloned() else { return };
        let client = Rc::clone(self);
        spawn_local(async move {
            if client.change(&Change::Discard { nonce }).await {
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
        live.outbox.try_set(items);
    }

    fn show(&self) {
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
    fn look(self: &Rc<Self>) {
        let client = Rc::clone(self);
        spawn_local(async move {
            client.reread().await;
            client.pump();
        });
    }

    async fn reread(&self) {
        let Some(storage) = self.storage.get() else { return };
        if let Some(found) = storage.read().await {
            self.outbox.borrow_mut().refresh(found.kept, now_ms());
            self.show();
        }
    }

    /// Changes the disk and follows it. Whether there was anything to change.
    async fn change(&self, change: &Change) -> bool {
        let Some(storage) = self.storage.get() else { return false };
        let Some(found) = storage.change(Some(change), &[]).await else { return false };
        self.outbox.borrow_mut().refresh(found.kept, now_ms());
        self.show();
        self.tell(&Notice::Changed);
        found.changed
    }

    fn tell(&self, notice: &Notice) {
        if let Some(tabs) = self.tabs.get() {
            tabs.tell(notice);
        }
    }

    /// Writes down what was posted, one after the other, then sends it. The composer's draft goes in the same
    /// transaction: it never comes back beside the message that it became.
    fn keep(self: &Rc<Self>) {
        let Some(storage) = self.storage.get().cloned() else { return };
        let Some(record) = self.outbox.borrow_mut().next_to_keep() else { return self.pump() };
        let client = Rc::clone(self);
        spawn_local(async move {
            let nonce = record.nonce.clone();
            let drafts = client.drafts.take();
            let found = storage.change(Some(&Change::Add(record)), &drafts).await;
            let then = client.outbox.borrow_mut().stored(&nonce, found.map(|found| found.kept), now_ms());
            client.show();
            client.tell(&Notice::Changed);
            if let Some(change) = then {
                client.change(&change).await;
            }
            client.pump();
            client.keep();
        });
    }

    fn pump(self: &Rc<Self>) {
        loop {
            let action = self.outbox.borrow_mut().next(now_ms());
            let timer = match action {
                Some(Action::Lane(recipient)) => {
                    self.send_first(recipient);
                    continue;
                }
                Some(Action::Wait { until_ms }) => {
                    let client = Rc::clone(self);
                    Some(timer(until_ms - now_ms(), move || client.pump()))
                }
                None => None,
            };
            self.outbox_timer.replace(timer);
            return;
        }
    }

    /// Sends the first message of a lane, with the lane's lock in hand, if the disk still has it to be sent.
    fn send_first(self: &Rc<Self>, lane: Recipient) {
        let Some(me) = self.me() else { return };
        let client = Rc::clone(self);
        spawn_local(async move {
            let name = match &lane {
                Recipient::Conversation(id) => format!("chatter-{}-{id}", me.id),
                Recipient::Name(name) => format!("chatter-{}-to-{name}", me.id),
            };
            let held = locks::hold(&name).await;
            client.reread().await;
            let post = client.outbox.borrow_mut().begin(&lane, now_ms());
            if let Some(post) = post {
                client.send_post(post, me).await;
            }
            client.outbox.borrow_mut().finish(&lane);
            drop(held);
            client.pump();
        });
    }

    async fn send_post(self: &Rc<Self>, post: Post, me: UserRef) {
        let (target, conversation) = match post.recipient {
            Recipient::Conversation(id) => (None, Some(id)),
            Recipient::Name(name) => (Some(name), None),
        };
        let nonce = post.nonce;
        let request = api::message_post(target, conversation, post.content, Some(nonce.clone()), None, Some(me.id.0));
        let posted = answer(request).await;
        self.posted(&nonce, posted, me).await;
    }

    async fn posted(self: &Rc<Self>, nonce: &str, answer: Result<Posted, ApiError>, me: UserRef) {
        if let Err(error) = &answer {
            self.refused(error);
        }
        let outcome = answer.as_ref().map_err(Failure::from);
        let answered = self.outbox.borrow_mut().answered(nonce, outcome, now_ms(), random());
        let Some((item, change)) = answered else { return };
        let posted = answer.ok();
        if let (Some(posted), Some(live)) = (&posted, self.live()) {
            self.acknowledged(live, posted, item, me);
        }
        self.show();
        if let Some(posted) = posted {
            // Before it goes from the disk, so that no tab shows neither the one nor the other.
            self.tell(&Notice::Sent(posted));
        }
        if let Some(change) = change {
            self.change(&change).await;
        }
    }

    fn acknowledged(self: &Rc<Self>, live: Live, posted: &Posted, item: Item, me: UserRef) {
        let id = posted.conversation_id;
        live.timeline.try_update(|timeline| timeline.sent(posted));
        let message = Message {
            seq: posted.seq,
            version: Seq::ZERO,
            author: me,
            content: item.content,
            // Not when it was written: it may have waited for hours. The echo brings the store's own time.
            created_ms: wall_ms(),
            nonce: item.nonce,
            reply_to: None,
        };
        let me = message.author.id;
        let known = live.conversations.try_update(|list| conversations::message(list, id, &message, me));
        if known == Some(Known::Fetch) {
            self.fetch_summary(id);
        }
        self.opened(item.recipient, id);
    }

    fn opened(&self, recipient: Recipient, id: ConversationId) {
        if let (Recipient::Name(name), Some(live)) = (recipient, self.live()) {
            live.opened.try_set(Some((name, id)));
        }
    }
}

fn pending(item: &Item, me: &UserRef) -> Pending {
    Pending {
        author: me.clone(),
        nonce: item.nonce.clone(),
        content: item.content.clone(),
        created_ms: item.created_ms,
        state: match &item.state {
            State::Failed(reason) => SendState::Failed(reason.clone()),
            State::Queued | State::Sending | State::Waiting { .. } => SendState::Pending,
        },
    }
}
