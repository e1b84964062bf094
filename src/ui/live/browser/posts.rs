//! The outbox at work: pending rows, requests, and what their answers change.

use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::client::{Client, timer};
use super::environment::{nonce, now_ms, random, wall_ms};
use super::fetch::answer;
use crate::api::{self, ApiError};
use crate::protocol::{Message, Posted, Seq, UserRef, content};
use crate::ui::live::conversations::{self, Known};
use crate::ui::live::outbox::{Action, Failure, Item, State};
use crate::ui::live::timeline::{Pending, SendState, Timeline};
use crate::ui::live::{Live, Recipient, Refused};

impl Client {
    pub(super) fn post(self: &Rc<Self>, recipient: Recipient, text: &str) {
        let Some(live) = self.live() else { return };
        self.outbox.borrow_mut().push(nonce(), recipient, content::normalise(text), wall_ms());
        self.show_pending(live);
        self.pump();
    }

    pub(super) fn retry(self: &Rc<Self>, nonce: &str) {
        if self.outbox.borrow_mut().retry(nonce) {
            self.on_timeline(|timeline| timeline.retry(nonce));
            self.pump();
        }
    }

    pub(super) fn discard(&self, nonce: &str) {
        if self.outbox.borrow_mut().discard(nonce).is_some() {
            self.on_timeline(|timeline| timeline.discard(nonce));
        }
    }

    /// The connection is back: nothing waits any longer.
    pub(super) fn hurry(self: &Rc<Self>) {
        self.outbox.borrow_mut().hurry();
        self.pump();
    }

    /// Puts the own messages of the open conversation into its timeline, where they are not yet. A first
    /// message to a name belongs to the page that shows no conversation.
    pub(super) fn show_pending(&self, live: Live) {
        let Some(me) = self.me() else { return };
        let outbox = self.outbox.borrow();
        if outbox.items().is_empty() {
            return;
        }
        live.timeline.try_update(|timeline| {
            let open = timeline.conversation();
            for item in outbox.items().iter().filter(|item| match (&item.recipient, open) {
                (Recipient::Conversation(id), Some(open)) => *id == open,
                (Recipient::Name(_), None) => true,
                (Recipient::Conversation(_), None) | (Recipient::Name(_), Some(_)) => false,
            }) {
                timeline.pend(pending(item, &me));
            }
        });
    }

    fn on_timeline(&self, change: impl FnOnce(&mut Timeline)) {
        if let Some(live) = self.live() {
            live.timeline.try_update(change);
        }
    }

    fn pump(self: &Rc<Self>) {
        loop {
            let action = self.outbox.borrow_mut().next(now_ms());
            let timer = match action {
                Some(Action::Post { nonce, recipient, content }) => {
                    self.send_post(nonce, recipient, content);
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

    fn send_post(self: &Rc<Self>, nonce: String, recipient: Recipient, content: String) {
        let Some(me) = self.me() else { return };
        let client = Rc::clone(self);
        spawn_local(async move {
            let (target, conversation) = match recipient {
                Recipient::Conversation(id) => (None, Some(id)),
                Recipient::Name(name) => (Some(name), None),
            };
            let request = api::message_post(target, conversation, content, Some(nonce.clone()), None, Some(me.id.0));
            let posted = answer(request).await;
            client.posted(&nonce, posted, me);
            client.pump();
        });
    }

    fn posted(self: &Rc<Self>, nonce: &str, answer: Result<Posted, ApiError>, me: UserRef) {
        if let Err(error) = &answer {
            self.refused(error);
        }
        let outcome = answer.as_ref().map_err(Failure::from);
        let item = self.outbox.borrow_mut().answered(nonce, outcome, now_ms(), random());
        let (Some(item), Some(live)) = (item, self.live()) else { return };
        match (answer, item) {
            (Ok(posted), item) => self.acknowledged(live, &posted, item, me),
            (Err(_), Item { state: State::Failed(message), recipient: Recipient::Name(_), content, .. }) => {
                // It goes back to the composer: there is no conversation yet in which it could stand.
                self.discard(nonce);
                live.refused.try_set(Some(Refused { message, content }));
            }
            (Err(_), Item { state: State::Failed(message), .. }) => {
                self.on_timeline(|timeline| timeline.fail(nonce, message));
            }
            (Err(_), _) => {}
        }
    }

    fn acknowledged(self: &Rc<Self>, live: Live, posted: &Posted, item: Item, me: UserRef) {
        let id = posted.conversation_id;
        self.on_timeline(|timeline| timeline.sent(posted));
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
        // Whoever went elsewhere meanwhile is not called back.
        if matches!(item.recipient, Recipient::Name(_)) && self.open_conversation().is_none() {
            live.opened.try_set(Some(id));
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
