//! The outbox at work: onto the disk, out to the server, and what the answers change. What to do is decided by
//! `outbox`; the tabs of one user do it in turns (`locks`) and tell each other (`tabs`).

use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::answers::answer;
use super::client::{Client, timer};
use super::environment::{now_ms, random, wall_ms};
use super::locks;
use super::tabs::Notice;
use crate::api::{self, ApiError};
use crate::protocol::{ConversationId, Message, Posted, Seq, UserRef};
use crate::ui::live::conversations::{self, Known};
use crate::ui::live::outbox::record::Change;
use crate::ui::live::outbox::{Action, Failure, Item, Post};
use crate::ui::live::{Live, Recipient};

impl Client {
    /// Writes down what was posted, one after the other, then sends it. The composer's draft goes in the same
    /// transaction: it never comes back beside the message that it became.
    pub(super) fn keep(self: &Rc<Self>) {
        let Some(storage) = self.storage.get().cloned() else { return };
        let Some(record) = self.outbox.borrow_mut().next_to_keep() else { return self.pump() };
        let client = Rc::clone(self);
        spawn_local(async move {
            let nonce = record.nonce.clone();
            let drafts = client.drafts.take();
            let found = storage.change(Some(&Change::Add(record)), &drafts).await;
            if found.is_none() {
                client.drafts.put_back(drafts);
            }
            client.outbox.borrow_mut().stored(&nonce, found.map(|found| found.kept), now_ms());
            client.show();
            client.tell(&Notice::Changed);
            client.pump();
            client.keep();
        });
    }

    /// The disk took something: perhaps it takes what it refused before.
    pub(super) fn offer(self: &Rc<Self>) {
        if self.outbox.borrow_mut().offer() {
            self.keep();
        }
    }

    pub(super) fn pump(self: &Rc<Self>) {
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
        let request =
            api::message_post(target, conversation, post.content, Some(nonce.clone()), post.reply_to, Some(me.id.0));
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
        // Not when it was written: it may have waited for hours. The echo brings the store's own time.
        let message = Message {
            version: Seq::ZERO,
            reply_to: item.reply_to,
            ..Message::new(posted.seq, me, item.content, item.nonce, wall_ms())
        };
        let me = message.author.id;
        let known = live.conversations.try_update(|list| conversations::message(list, id, &message, me));
        if known == Some(Known::Fetch) {
            self.fetch_summary(id);
        }
        self.opened(item.recipient, id);
    }

    pub(super) fn opened(&self, recipient: Recipient, id: ConversationId) {
        if let (Recipient::Name(name), Some(live)) = (recipient, self.live()) {
            live.opened.try_set(Some((name, id)));
        }
    }
}
