//! The page's one client: runs the connection machine and holds the state of everything beside it.
//!
//! Long because every effect of the machine's outputs stands here, so that their order can be read in one place.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::drafts::Drafts;
use super::environment::{gateway_url, is_visible, now_ms, random, token, wall_ms};
use super::fetch::next;
use super::passing::Passing;
use super::resume::Resume;
use super::socket::{Happening, Socket};
use super::storage::Storage;
use super::tabs::Tabs;
use crate::api::{self, ApiError};
use crate::protocol::frame::Identify;
use crate::protocol::{ClientFrame, ConversationId, ErrorCode, Seq, Sorted, UserRef};
use crate::ui::live::Live;
use crate::ui::live::asked::Asked;
use crate::ui::live::connection::{Connection, Input, Output, TokenFailure};
use crate::ui::live::marks::Marks;
use crate::ui::live::outbox::Outbox;

/// Name and version, for the server's logs.
const CLIENT: &str = concat!("chatter-web/", env!("CARGO_PKG_VERSION"));
/// While somebody looks, the clock is compared so often: a machine that slept shows a dead socket no longer.
const LOOK_MS: i64 = 10_000;
/// A timer that is so late was not merely late.
const JUMP_MS: i64 = 5_000;

thread_local! {
    static THIS: Rc<Client> = Rc::default();
}

#[derive(Default)]
pub(super) struct Client {
    live: Cell<Option<Live>>,
    connection: RefCell<Connection>,
    /// What happened while something else was being acted on.
    inputs: RefCell<VecDeque<Input>>,
    acting: Cell<bool>,
    socket: RefCell<Option<Socket>>,
    tick: RefCell<Option<Timeout>>,
    /// Counts the questions for a token: only the last one's answer is passed on.
    token_run: Cell<u32>,
    /// Set once the browser was told to go elsewhere: what fails after that is no news.
    leaving: Cell<bool>,
    pub(super) outbox: RefCell<Outbox>,
    pub(super) outbox_timer: RefCell<Option<Timeout>>,
    /// This user's, from the start on.
    pub(super) storage: OnceCell<Rc<Storage>>,
    pub(super) tabs: OnceCell<Tabs>,
    pub(super) drafts: Drafts,
    pub(super) passing: Passing,
    pub(super) marks: RefCell<Marks>,
    pub(super) marks_timer: RefCell<Option<Timeout>>,
    pub(super) resume: RefCell<Resume>,
    /// Conversations whose summary, and whose missing events, are being fetched.
    pub(super) summaries: Asked,
    pub(super) missing: Asked,
    /// Counts the fetches of the list, those of older pages, and the greetings that summaries are asked for after, so
    /// that an overtaken one is known as such.
    pub(super) list_run: Cell<u32>,
    pub(super) summaries_run: Cell<u32>,
    pub(super) older_run: Cell<u32>,
    /// Answered messages that were asked for.
    pub(super) quotes: RefCell<Sorted<(ConversationId, Seq), ()>>,
}

impl Client {
    pub(super) fn of_this_page() -> Rc<Self> {
        THIS.with(Rc::clone)
    }

    pub(super) fn live(&self) -> Option<Live> {
        self.live.get()
    }

    /// The page's user. None before the start, and when the page is gone.
    pub(super) fn me(&self) -> Option<UserRef> {
        self.live()?.me.try_get_value()
    }

    pub(super) fn is_ready(&self) -> bool {
        self.connection.borrow().is_ready()
    }

    pub(super) fn start(self: &Rc<Self>, live: Live) {
        let first = self.live.replace(Some(live)).is_none();
        self.show_pending(live);
        if first {
            self.start_outbox();
            self.listen();
            self.watch_idle();
            self.feed(Input::Start);
        } else {
            live.link.try_set(self.connection.borrow().link());
            self.refetch();
        }
    }

    /// For the page's life: the client never ends before it.
    fn listen(self: &Rc<Self>) {
        let on = |name: &'static str, input: fn() -> Option<Input>| {
            let client = Rc::clone(self);
            let _ = window_event_listener_untyped(name, move |_| {
                if let Some(input) = input() {
                    client.feed(input);
                }
            });
        };
        on("online", || Some(Input::Online));
        on("offline", || Some(Input::Offline));
        on("visibilitychange", || is_visible().then_some(Input::Visible));
        for event in ["visibilitychange", "pagehide"] {
            let client = Rc::clone(self);
            let _ = window_event_listener_untyped(event, move |_| {
                if !is_visible() || event == "pagehide" {
                    client.tell_marks();
                } else {
                    client.acts();
                }
            });
        }
        let client = Rc::clone(self);
        let _ = window_event_listener_untyped("beforeunload", move |event| {
            if client.outbox.borrow().holds_unkept() {
                // The browser asks: what is not on the disk goes with this page.
                event.prevent_default();
            }
        });
        let client = Rc::clone(self);
        let _ = window_event_listener_untyped("pageshow", move |_| {
            if client.leaving.replace(false) {
                // Back from where it was sent, out of the browser's cache: all that it knows is over.
                return client.reload();
            }
            client.feed(Input::Visible);
        });
    }

    /// One input after the other, each with all that it asks for, whoever brings it.
    pub(super) fn feed(self: &Rc<Self>, input: Input) {
        self.inputs.borrow_mut().push_back(input);
        if self.acting.replace(true) {
            return;
        }
        loop {
            let Some(input) = self.inputs.borrow_mut().pop_front() else { break };
            let outputs = self.connection.borrow_mut().step(input, now_ms(), random());
            for output in outputs {
                self.act(output);
            }
        }
        self.acting.set(false);
        self.wake_when_due();
    }

    fn act(self: &Rc<Self>, output: Output) {
        match output {
            Output::FetchToken { renew } => self.fetch_token(renew),
            Output::OpenSocket => self.open_socket(),
            Output::SendIdentify(token) => {
                let cursors = Some(self.cursors()).filter(|cursors| !cursors.is_empty());
                self.send(&ClientFrame::Identify(Identify { token, cursors, client: Some(CLIENT.to_owned()) }));
            }
            Output::SendHeartbeat => self.send(&ClientFrame::Heartbeat { idle: self.is_idle() }),
            Output::CloseSocket => drop(self.socket.take()),
            Output::GoHome => self.go_home(),
            Output::SetLink(link) => {
                if let Some(live) = self.live() {
                    live.link.try_set(link);
                }
            }
            Output::Resumed => {
                if self.is_idle() {
                    self.tell_idle();
                }
                self.hurry();
            }
        }
    }

    fn fetch_token(self: &Rc<Self>, renew: bool) {
        let run = next(&self.token_run);
        if let Some(token) = token().filter(|_| !renew) {
            return self.feed(Input::Token(Ok(token)));
        }
        let client = Rc::clone(self);
        spawn_local(async move {
            let answer = match api::gateway_token().await {
                Ok(()) => token().ok_or(TokenFailure::Unreachable),
                Err(error) if error.code == ErrorCode::Unauthenticated => Err(TokenFailure::Ended),
                Err(_) => Err(TokenFailure::Unreachable),
            };
            if client.token_run.get() == run {
                client.feed(Input::Token(answer));
            }
        });
    }

    fn open_socket(self: &Rc<Self>) {
        let client = Rc::clone(self);
        let tell = move |happening| match happening {
            Happening::Opened => client.feed(Input::Opened),
            Happening::Text(text) => client.frame(&text),
            Happening::Closed(code) => client.feed(Input::Closed(code)),
        };
        let socket = gateway_url().and_then(|url| Socket::open(&url, tell));
        if socket.is_none() {
            self.feed(Input::Closed(None));
        }
        self.socket.replace(socket);
    }

    pub(super) fn send(&self, frame: &ClientFrame) {
        if let Some(socket) = &*self.socket.borrow() {
            socket.send(frame.encode());
        }
    }

    fn wake_when_due(self: &Rc<Self>) {
        let Some(due) = self.connection.borrow().due() else { return drop(self.tick.take()) };
        let wait_ms = (due - now_ms()).max(0);
        let wait_ms = if is_visible() { wait_ms.min(LOOK_MS) } else { wait_ms };
        let expected_ms = wall_ms() + wait_ms;
        let client = Rc::clone(self);
        self.tick.replace(Some(timer(wait_ms, move || {
            if is_visible() && wall_ms() - expected_ms > JUMP_MS {
                client.feed(Input::ClockJump);
            }
            client.feed(Input::Tick);
        })));
    }

    /// What every answer is looked at for, whoever asked.
    pub(super) fn refused(&self, error: &ApiError) {
        match error.code {
            ErrorCode::Unauthenticated => self.go_home(),
            ErrorCode::WrongSession => self.reload(),
            _ => {}
        }
    }

    fn go_home(&self) {
        if !self.leaving.replace(true) {
            // A browser that refuses its own site's address leaves nothing to do.
            let _ = location().set_href("/?ended");
        }
    }

    /// The page belongs to another user than the session does.
    pub(super) fn reload(&self) {
        if !self.leaving.replace(true) {
            let _ = location().reload();
        }
    }
}

/// Runs `then` after a time; dropping it means never.
pub(super) fn timer(wait_ms: i64, then: impl FnOnce() + 'static) -> Timeout {
    // A browser's timers take 31 bits; nothing here waits for longer than minutes.
    Timeout::new(u32::try_from(wait_ms).unwrap_or(0).min(i32::MAX.unsigned_abs()), then)
}
