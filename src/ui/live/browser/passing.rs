//! What is passing: who types, who is there, and whether somebody sits here.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use super::client::{Client, timer};
use super::environment::now_ms;
use crate::protocol::frame::{PresenceUpdate, TypingStart};
use crate::protocol::{ClientFrame, ConversationId, UserId, UserRef};
use crate::ui::live::Live;
use crate::ui::live::idle::Idle;
use crate::ui::live::typing::Pace;

/// What shows that somebody sits here.
const ACTS: [&str; 6] = ["keydown", "pointerdown", "pointermove", "touchstart", "wheel", "scroll"];

#[derive(Default)]
pub(super) struct Passing {
    pace: RefCell<Pace>,
    idle: RefCell<Idle>,
    idle_timer: RefCell<Option<Timeout>>,
    typing_timer: RefCell<Option<Timeout>>,
    is_listening: Cell<bool>,
}

impl Client {
    /// The reader types in this conversation.
    pub(super) fn types(&self, conversation: ConversationId) {
        if self.is_ready() && self.passing.pace.borrow_mut().tells(conversation, now_ms()) {
            self.send(&ClientFrame::TypingStart(conversation));
        }
    }

    pub(super) fn typing_start(self: &Rc<Self>, live: Live, me: UserId, typing: TypingStart) {
        if typing.user.id != me {
            // Their connection says what they were called when it came; the page knows what they are called by now.
            let listed = live.conversations.try_with_untracked(|all| {
                let here = all.iter().find(|c| c.conversation.id == typing.conversation)?;
                here.conversation.members.iter().find(|member| member.id == typing.user.id).cloned()
            });
            let wrote = || {
                let known = |user: &&UserRef| user.id == typing.user.id;
                live.timeline.try_with_untracked(|timeline| timeline.people().find(known).cloned()).flatten()
            };
            let user = listed.flatten().or_else(wrote).unwrap_or(typing.user.clone());
            live.typing.try_update(|all| all.starts(typing.conversation, user, now_ms()));
            self.expire_typing(live);
        }
    }

    pub(super) fn presence_update(live: Live, update: PresenceUpdate) {
        live.presence.try_update(|presence| presence.update(update.user, update.status));
    }

    /// Their message is here.
    pub(super) fn typed(live: Live, conversation: ConversationId, user: UserId) {
        live.typing.try_maybe_update(|all| (all.ends(conversation, user), ()));
    }

    fn expire_typing(self: &Rc<Self>, live: Live) {
        live.typing.try_maybe_update(|all| (all.expire(now_ms()), ()));
        let due_ms = live.typing.try_with_untracked(|all| all.due_ms()).flatten();
        let client = Rc::clone(self);
        let next = due_ms.map(|due_ms| timer((due_ms - now_ms()).max(0), move || client.expire_typing(live)));
        self.passing.typing_timer.replace(next);
    }

    pub(super) fn is_idle(&self) -> bool {
        self.passing.idle.borrow().is_idle()
    }

    /// Watches, for the page's life, whether somebody sits here.
    pub(super) fn watch_idle(self: &Rc<Self>) {
        if self.passing.is_listening.replace(true) {
            return;
        }
        self.acts();
        let client = Rc::clone(self);
        let acts = Closure::<dyn Fn()>::new(move || client.acts());
        for name in ACTS {
            // On the way down, as scrolling does not bubble. It refuses only what is no function.
            let _ = window().add_event_listener_with_callback_and_bool(name, acts.as_ref().unchecked_ref(), true);
        }
        acts.forget();
    }

    /// Somebody did something here, or looks here again.
    pub(super) fn acts(self: &Rc<Self>) {
        let was_told = self.passing.idle.borrow_mut().acts(now_ms());
        if was_told {
            self.tell_idle();
        }
        if self.passing.idle_timer.borrow().is_none() {
            self.look_idle();
        }
    }

    fn look_idle(self: &Rc<Self>) {
        let (news, due_ms) = {
            let mut idle = self.passing.idle.borrow_mut();
            (idle.looks(now_ms()), idle.due_ms())
        };
        if news {
            self.tell_idle();
        }
        let client = Rc::clone(self);
        let next = due_ms.map(|due_ms| timer((due_ms - now_ms()).max(0), move || client.look_idle()));
        self.passing.idle_timer.replace(next);
    }

    /// A heartbeat of its own: the next one may be most of a minute away.
    pub(super) fn tell_idle(&self) {
        if self.is_ready() {
            self.send(&ClientFrame::Heartbeat { idle: self.is_idle() });
        }
    }
}
