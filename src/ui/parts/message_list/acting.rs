//! Which message is about to be acted on: the one under the pointer, the one with the focus, or the one that is pressed
//! long. One for the whole list, so that rows carry no buttons of their own.
//!
//! Long because pointer, touch and keys share what is open, and each closes what the others opened.

use std::time::Duration;

use leptos::ev::{FocusEvent, KeyboardEvent, MouseEvent, PointerEvent, TouchEvent};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event};

use super::dialogs::Asking;
use crate::protocol::{ConversationId, Seq};
use crate::ui::live::timeline::{MessageRow, Timeline};
use crate::ui::live::{Amendment, Live};
use crate::ui::parts::Writing;
use crate::ui::parts::clipboard::copy;
use crate::ui::parts::keys::is_composing;
use crate::ui::parts::scroll::Place;

/// A press that is so long asks for the menu.
const LONG: Duration = Duration::from_millis(450);

/// What of the actions is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    /// A few buttons at the row's edge.
    Bar,
    Emoji,
    Menu,
}

#[derive(Clone, Copy)]
pub struct Acting {
    pub(super) id: ConversationId,
    pub(super) live: Live,
    pub(super) place: Place,
    pub(super) bar: NodeRef<html::Div>,
    pub(super) at: RwSignal<Option<Seq>>,
    pub(super) open: RwSignal<Open>,
    pub(super) asking: RwSignal<Option<Asking>>,
    /// Nothing changes any more: messages are read and copied.
    pub(super) archived: Memo<bool>,
    pub(super) may_pin: Memo<bool>,
    writing: Writing,
    pressed: StoredValue<Option<TimeoutHandle>>,
    /// The finger that opened the menu is down still: what it lifts from was not chosen.
    holds: StoredValue<bool>,
    /// Whether the menu was asked for from the keyboard, and the row is to have the focus back.
    pub(super) returns: StoredValue<bool>,
}

impl Acting {
    pub(super) fn start(
        id: ConversationId,
        live: Live,
        place: Place,
        archived: Memo<bool>,
        may_pin: Memo<bool>,
    ) -> Self {
        let acting = Self {
            id,
            live,
            place,
            bar: NodeRef::new(),
            at: RwSignal::new(None),
            open: RwSignal::new(Open::Bar),
            asking: RwSignal::new(None),
            archived,
            may_pin,
            writing: expect_context::<Writing>(),
            pressed: StoredValue::new(None),
            holds: StoredValue::new(false),
            returns: StoredValue::new(false),
        };
        Effect::new(move |_| {
            let outside = window_event_listener(leptos::ev::pointerdown, move |event| {
                acting.place.focused.set_value(None);
                let inside = event.target().and_then(|target| target.dyn_into::<Element>().ok());
                let inside = inside.and_then(|target| target.closest(".actions, .messages .message").ok().flatten());
                if inside.is_none() {
                    acting.close();
                }
            });
            on_cleanup(move || outside.remove());
        });
        acting
    }

    /// The row as it stands; none where it is not stored, or has gone.
    pub(super) fn row(self) -> Option<MessageRow> {
        let me = self.live.me.with_value(|me| me.id);
        let seq = self.at.get()?;
        self.live.timeline.with(|timeline| timeline.row_of(seq, me)).filter(|row| !row.deleted)
    }

    pub(super) fn close(self) {
        self.open.try_set(Open::Bar);
        self.at.try_set(None);
        self.stop_press();
    }

    /// Closes what is open, and the reader is where they were.
    pub(super) fn leave(self) {
        let at = self.at.get_untracked();
        self.close();
        if self.returns.get_value()
            && let Some(row) = at.and_then(|seq| self.place.row(seq))
        {
            let _focused = row.focus();
        }
        self.returns.set_value(false);
    }

    pub(super) fn pointed(self, event: &PointerEvent) {
        if event.pointer_type() == "mouse" && self.open.get_untracked() == Open::Bar {
            self.go_to(seq_of(event));
        }
    }

    pub(super) fn focused(self, event: &FocusEvent) {
        self.place.focused.set_value(row_of(event).map(|row| row.id()));
        if self.open.get_untracked() == Open::Bar {
            self.go_to(seq_of(event));
        }
    }

    fn go_to(self, seq: Option<Seq>) {
        if let Some(seq) = seq.filter(|seq| self.at.get_untracked() != Some(*seq)) {
            self.at.set(Some(seq));
        }
    }

    /// The pointer left the list: unless something is open, nothing is pointed at.
    pub(super) fn unpointed(self, event: &PointerEvent) {
        let to = event.related_target().and_then(|to| to.dyn_into::<Element>().ok());
        let stays = to.and_then(|to| to.closest(".actions").ok().flatten()).is_some();
        if self.open.get_untracked() == Open::Bar && !stays {
            self.at.set(None);
        }
    }

    /// A finger is put down.
    pub(super) fn press(self, event: &PointerEvent) {
        let is_plain = event.pointer_type() == "touch" && !within(event, "a[href], button");
        let Some(seq) = seq_of(event).filter(|_| is_plain) else { return };
        let wait = set_timeout_with_handle(
            move || {
                self.holds.try_set_value(true);
                self.at.try_set(Some(seq));
                self.open.try_set(Open::Menu);
            },
            LONG,
        );
        self.stop_press();
        self.holds.set_value(false);
        self.pressed.set_value(wait.ok());
    }

    /// The finger is lifted: no click follows where it had opened the menu, which may be under it.
    pub(super) fn lifted(self, event: &TouchEvent) {
        if self.holds.get_value() {
            self.holds.set_value(false);
            event.prevent_default();
        }
    }

    /// The browser's own long press, after which it cancels the pointer: the menu is this one.
    pub(super) fn context(self, event: &MouseEvent) {
        let is_touch = event.dyn_ref::<PointerEvent>().is_some_and(|event| event.pointer_type() == "touch");
        let is_plain = is_touch && !within(event, "a[href], button");
        let Some(seq) = seq_of(event).filter(|_| is_plain) else { return };
        event.prevent_default();
        self.stop_press();
        self.holds.set_value(true);
        self.at.set(Some(seq));
        self.open.set(Open::Menu);
    }

    /// It was lifted, or moves: it was no long press.
    pub(super) fn stop_press(self) {
        if let Some(Some(wait)) = self.pressed.try_update_value(Option::take) {
            wait.clear();
        }
    }

    pub(super) fn scrolled(self) {
        self.stop_press();
        if self.at.get_untracked().is_some() {
            self.close();
        }
    }

    /// Keys in the list: up and down from message to message, and what may be done with each.
    pub(super) fn key(self, event: &KeyboardEvent) {
        if is_composing(event) || event.ctrl_key() || event.meta_key() || event.alt_key() || within(event, "a, button")
        {
            return;
        }
        let at = seq_of(event);
        let archived = self.archived.get_untracked();
        let handled = match (event.key().as_str(), at) {
            ("ArrowUp", None) => self.focus(self.place.last_in_view()),
            ("ArrowUp", Some(seq)) => self.step(seq, Timeline::before),
            ("ArrowDown", Some(seq)) => self.step(seq, Timeline::after),
            ("Enter" | " ", Some(seq)) => self.show(seq, Open::Menu),
            ("+", Some(seq)) if !archived => self.show(seq, Open::Emoji),
            ("r", Some(seq)) if !archived => {
                self.at.set(Some(seq));
                self.reply();
                true
            }
            ("e", Some(seq)) if !archived => {
                self.at.set(Some(seq));
                self.edit();
                true
            }
            _ => false,
        };
        if handled {
            event.prevent_default();
        }
    }

    fn show(self, seq: Seq, open: Open) -> bool {
        self.at.set(Some(seq));
        self.returns.set_value(true);
        self.open.set(open);
        true
    }

    fn step(self, from: Seq, next: fn(&Timeline, Seq) -> Option<Seq>) -> bool {
        self.focus(self.live.timeline.with_untracked(|timeline| next(timeline, from)))
    }

    fn focus(self, seq: Option<Seq>) -> bool {
        seq.and_then(|seq| self.place.row(seq)).is_some_and(|row| row.focus().is_ok())
    }

    pub(super) fn reply(self) {
        if let Some(seq) = self.row().and_then(|row| row.seq) {
            self.returns.set_value(false);
            self.close();
            self.writing.answer(self.id, seq);
        }
    }

    pub(super) fn edit(self) {
        if let Some(MessageRow { seq: Some(seq), content, own: true, .. }) = self.row() {
            self.returns.set_value(false);
            self.close();
            self.writing.edit(self.id, seq, &content);
        }
    }

    /// Reacts, or takes it back where it was there.
    pub(super) fn react(self, emoji: &str) {
        if let Some(seq) = self.row().and_then(|row| row.seq) {
            self.leave();
            self.react_to(seq, emoji);
        }
    }

    /// Adds an emoji to a message, or takes it back.
    pub(super) fn react_to(self, seq: Seq, emoji: &str) {
        let me = self.live.me.with_value(|me| me.id);
        let row = self.live.timeline.with_untracked(|timeline| timeline.row_of(seq, me));
        let has = |row: MessageRow| row.reactions.iter().any(|reaction| reaction.emoji == emoji && reaction.mine);
        let on = !row.is_some_and(has);
        self.live.drive(|driver| driver.amend(seq, Amendment::React { emoji: emoji.to_owned(), on }));
    }

    pub(super) fn pin(self) {
        if let Some(MessageRow { seq: Some(seq), pinned, .. }) = self.row() {
            self.leave();
            self.live.drive(|driver| driver.amend(seq, Amendment::Pin(!pinned)));
        }
    }

    pub(super) fn copy(self, link: bool) {
        if let Some(row) = self.row() {
            self.leave();
            let origin = window().location().origin().unwrap_or_default();
            let copied = if link { row.permalink().map(|path| format!("{origin}{path}")) } else { Some(row.content) };
            copy(self.live, copied.unwrap_or_default());
        }
    }

    pub(super) fn ask(self, ask: fn(Seq) -> Asking) {
        if let Some(seq) = self.at.get_untracked() {
            self.leave();
            self.asking.set(Some(ask(seq)));
        }
    }
}

/// The row of the message that an event is about.
fn row_of(event: &Event) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest("li.message").ok()?
}

/// The same by its number, where it is stored.
fn seq_of(event: &Event) -> Option<Seq> {
    row_of(event)?.get_attribute("data-seq")?.parse().ok()
}

fn within(event: &Event, selector: &str) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.and_then(|target| target.closest(selector).ok().flatten()).is_some()
}
