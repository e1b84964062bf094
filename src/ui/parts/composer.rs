//! The composer: a plain form that sends through the live client once there is one.
//!
//! The textarea is uncontrolled: the browser owns its text, so what was typed before hydration is kept, and nothing
//! here writes to it but to put text back. It is never disabled for want of a connection: what is sent waits.
//!
//! Long because the handlers share the textarea, and would only pass it around if they were apart.

mod desk;
mod draft;
mod field;
mod mode;
mod offers;
mod typing_line;
mod writing;

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::prelude::*;
use leptos::{ev, html};
use web_sys::{HtmlInputElement, HtmlTextAreaElement};

pub use desk::ComposerDesk;
pub use writing::{Focus, Mode, Writing};

pub(super) use self::mode::ModeLine;
use self::offers::People;
pub(super) use self::offers::{Offers, OffersFound};
use self::typing_line::TypingLine;
use super::area_text::area_html;
use super::keys::is_composing;
use super::{Icon, IconName, Part};
use crate::protocol::content;
use crate::ui::app::use_page;
use crate::ui::emoji;
use crate::ui::live::outbox::{Item, State};
use crate::ui::live::{Live, Recipient};
use crate::ui::pieces::{late, late_dialog};
use crate::ui::text;

#[component]
pub fn Composer(
    desk: ComposerDesk,
    /// Where the name of a new chat's recipient is typed; none in a conversation.
    #[prop(optional)]
    to: Option<NodeRef<html::Input>>,
    #[prop(into)] placeholder: Signal<String>,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let writing = expect_context::<Writing>();
    let area = NodeRef::<html::Textarea>::new();
    let error = RwSignal::new(desk.failure.as_ref().map(|failure| failure.message.clone()));
    let remaining = RwSignal::new(None::<i64>);
    let conversation = desk.conversation;
    let key = move || writing.key_in(conversation);

    let looks = move |area: &HtmlTextAreaElement, value: &str| {
        remaining.set(field::near_limit(value));
        field::fit(area);
    };
    let changed = move || {
        if let Some(area) = area.get_untracked() {
            let value = area.value();
            looks(&area, &value);
            writing.keep(&key(), value);
        }
    };
    let offers = Offers::new(area, People::new(live, conversation));
    let clear = move || {
        if let Some(area) = area.get_untracked() {
            area.set_value("");
        }
        changed();
    };

    // At first, and again when the drafts changed by another hand: from then on each key typed is in them.
    let begun = StoredValue::new(false);
    Effect::new(move |_| {
        writing.renewed.track();
        let Some(area) = area.get() else { return };
        let first = !begun.get_value();
        begun.set_value(true);
        if let Some(to) = to.and_then(|to| to.get_untracked()) {
            if first {
                writing.starts(&to.value());
            }
            show_name(writing, &to);
        }
        // What was typed before the page came alive.
        let typed = if first { area.value() } else { String::new() };
        if typed.is_empty()
            && let Some(named) = writing.draft_for(&key()).filter(|draft| !draft.to.is_empty())
            && let Some(to) = to.and_then(|to| to.get_untracked()).filter(|to| to.value().trim().is_empty())
        {
            writing.starts(&named.to);
            show_name(writing, &to);
        }
        if let Some(id) = conversation {
            writing.resume(id);
        }
        let text = draft::joined(&writing.text(&key()), &typed);
        if area.value() != text {
            area.set_value(&text);
        }
        if writing.takes_focus(Focus::Composer) {
            let _focused = area.focus();
            let end = u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX);
            let _placed = area.set_selection_range(end, end);
        }
        looks(&area, &text);
        writing.keep(&key(), text);
    });
    on_cleanup(move || {
        if to.is_some() {
            writing.leaves()
        }
    });
    // A first message to a name that was refused, now or on an earlier page, goes back to where it was written:
    // there is no conversation yet in which it could stand. Only in a tab that is looked at, as it is taken from others.
    let looked = Trigger::new();
    let listening = StoredValue::new(None::<WindowListenerHandle>);
    Effect::new(move |_| {
        listening.set_value(Some(window_event_listener_untyped("visibilitychange", move |_| looked.notify())));
    });
    on_cleanup(move || {
        if let Some(Some(listening)) = listening.try_update_value(Option::take) {
            listening.remove();
        }
    });
    Effect::new(move |_| {
        looked.track();
        let (Some(to), Some(area)) = (to.and_then(|to| to.get()), area.get()) else { return };
        let name = to.value().trim().to_owned();
        let refused = live.outbox.with(|items| first_refused(items, &name));
        if let Some(nonce) = refused.filter(|_| area.value().is_empty() && !document().hidden()) {
            writing.take_back(&nonce, move |item| {
                if let State::Failed(reason) = &item.state {
                    error.set(Some(reason.clone()));
                }
            });
        }
    });

    let submit = move |event: SubmitEvent| {
        let Some(area) = area.get_untracked().filter(|_| live.is_live()) else { return };
        event.prevent_default();
        let text = content::normalise(&area.value());
        // Where their list is not there yet, names stay as they were typed.
        let text = emoji::written(text);
        match content::check(&text) {
            // Enter on nothing is no mistake.
            Err(content::ContentError::Blank) => return,
            Err(refusal) => return error.set(Some(refusal.sentence().to_owned())),
            Ok(()) => error.set(None),
        }
        let recipient = match (conversation, to.and_then(|to| to.get_untracked())) {
            (Some(id), _) => Recipient::Conversation(id),
            (None, Some(to)) if !to.value().trim().is_empty() => Recipient::Name(to.value().trim().to_owned()),
            (None, _) => return error.set(Some(text::WHOM.to_owned())),
        };
        let reply_to = match writing.mode(conversation) {
            Some(Mode::Edit(_, seq)) if live.timeline.with_untracked(|timeline| timeline.is_deleted(seq)) => {
                return error.set(Some(text::DELETED.to_owned()));
            }
            Some(Mode::Edit(_, seq)) => {
                let settled = move |why: Option<String>| match (why, conversation) {
                    (None, Some(id)) => writing.edited(id, seq),
                    (why, _) => _ = error.try_set(why),
                };
                return live.drive(|driver| driver.edit(seq, text, Box::new(settled)));
            }
            Some(Mode::Answer(_, seq)) => Some(seq),
            None => None,
        };
        // Before the message goes: its draft is forgotten in the same step that keeps it.
        clear();
        let _focused = area.focus();
        live.drive(|driver| driver.post(recipient, text, reply_to));
        if let Some(id) = conversation.filter(|_| reply_to.is_some()) {
            writing.settle(id);
        }
    };
    let take = move |offer: usize| offers.take(Some(offer), changed);
    let keydown = move |event: KeyboardEvent| {
        let Some(area) = area.get_untracked().filter(|_| !is_composing(&event)) else { return };
        if offers.key(&event, changed) {
            return;
        }
        match event.key().as_str() {
            "Enter" if !event.shift_key() => {
                event.prevent_default();
                if let Some(form) = area.form() {
                    let _submitted = form.request_submit();
                }
            }
            // Not the page's way past what is unread.
            "Escape" if writing.mode(conversation).is_some() => {
                event.prevent_default();
                if let Some(id) = conversation {
                    writing.settle(id);
                }
            }
            "Escape" => {
                let _left = area.blur();
            }
            "ArrowUp" if area.value().is_empty() && writing.mode(conversation).is_none() => {
                let me = live.me.with_value(|me| me.id);
                let last = live.timeline.with_untracked(|timeline| {
                    timeline.last_own(me).map(|message| (message.seq, message.content.clone()))
                });
                if let (Some(id), Some((seq, content))) = (conversation, last) {
                    event.prevent_default();
                    writing.edit(id, seq, &content);
                }
            }
            _ => {}
        }
    };

    let picking = RwSignal::new(false);
    let picked = Callback::new(move |emoji: String| {
        let Some(area) = area.get_untracked() else { return };
        let (begin, end) = (area.selection_start(), area.selection_end());
        let at = |place: Result<Option<u32>, _>| place.ok().flatten().unwrap_or_default();
        offers::put(&area, at(begin), at(end), &emoji);
        let _focused = area.focus();
        changed();
    });

    // An empty text node would be served as a space, and typed into: no text, no node.
    let typed = desk.failure.as_ref().and_then(|f| f.typed("content")).filter(|typed| !typed.is_empty());
    let textarea = html::textarea()
        .id("message")
        .name("content")
        .rows("1")
        .dir("auto")
        .placeholder(move || placeholder.get())
        .autocomplete("off")
        .autocapitalize("sentences")
        .enterkeyhint("send")
        .aria_describedby("composer-says")
        .aria_autocomplete("list")
        .aria_haspopup("listbox")
        .aria_controls(offers::LIST)
        .aria_activedescendant(move || offers.marked())
        .node_ref(area)
        .on(ev::input, move |_| {
            // What it said was about another text.
            if error.with_untracked(Option::is_some) {
                error.set(None);
            }
            changed();
            let types = area.get_untracked().is_some_and(|area| !area.value().trim().is_empty());
            if let Some(id) = conversation.filter(|_| types) {
                live.drive(|driver| driver.types(id));
            }
            offers.moved();
        })
        .on(ev::click, move |_| offers.moved())
        .on(ev::blur, move |_| offers.close())
        .on(ev::keydown, keydown);
    let textarea = match typed {
        Some(typed) => textarea.inner_html(area_html(&typed)).into_any(),
        None => textarea.into_any(),
    };
    view! {
        <form
            id="composer"
            class="composer"
            method="post"
            action="/api/message-post"
            on:submit=submit
        >
            <input type="hidden" name="as_user" value=desk.as_user.to_string()/>
            // A browser that restores fields on reload must not restore a nonce that was used.
            <input type="hidden" name="nonce" value=desk.nonce autocomplete="off"/>
            {conversation.map(|id| view! { <input type="hidden" name="conversation_id" value=id.to_string()/> })}
            <noscript inner_html=use_page().plain.answer.clone().into_owned()></noscript>
            {conversation.map(|id| view! { <TypingLine id/> })}
            {conversation.map(|id| late(move || writing.mode(Some(id)).is_some(), move || Part::mode_line(id)))}
            <div class="composer-says" id="composer-says">
                {move || error.get().map(|error| view! { <p class="composer-error" role="alert">{error}</p> }.into_any())}
                {move || remaining.get().map(|left| view! {
                    <p class="composer-left" class:over=move || { left < 0 }>{text::left(left)}</p>
                }.into_any())}
            </div>
            {late(move || offers.are_wanted(), move || Part::offers(offers, Callback::new(take)))}
            <div class="composer-line">
                <label class="sr-only" for="message">{text::MESSAGE}</label>
                {textarea}
                <button
                    class="icon-button pick-emoji"
                    type="button"
                    aria-label=text::EMOJI
                    aria-haspopup="dialog"
                    title=text::EMOJI
                    on:click=move |_| picking.set(true)
                >
                    <Icon name=IconName::Smile/>
                </button>
                <button class="send" type="submit" aria-label=text::SEND title=text::SEND>
                    <Icon name=IconName::Send/>
                </button>
            </div>
        </form>
        {late_dialog(move || picking.get(), move || picking.set(false), move || Part::emoji_picker(picking, picked))}
    }
    .into_any()
}

/// Shows the name of the new chat, unless it stands there already, perhaps with a space that is being typed.
fn show_name(writing: Writing, to: &HtmlInputElement) {
    if let Some(name) = writing.name().filter(|name| to.value().trim() != name) {
        to.set_value(&name);
    }
}

/// The first message to this name, or to any where none is typed, that was refused.
fn first_refused(items: &[Item], name: &str) -> Option<String> {
    let is_for = |item: &&Item| match &item.recipient {
        Recipient::Name(to) => item.is_failed() && (name.is_empty() || to == name),
        Recipient::Conversation(_) => false,
    };
    items.iter().find(is_for).map(|item| item.nonce.clone())
}
