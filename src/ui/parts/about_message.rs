//! What is told of one message: what it said before, and who reacted to it; and the part of the composer that answers it
//! where no script runs.

use leptos::prelude::*;

use super::Clock;
use super::clock::ClockTime;
use super::rich_text::said;
use crate::protocol::limits::EDITS;
use crate::protocol::{Edit, Message, Reactors, UserRef};
use crate::ui::text;

/// All that it said, for a reader of this name; the latest first.
pub(super) fn edits(edits: Vec<Edit>, me: &str) -> AnyView {
    let edit = |edit: Edit| {
        view! {
            <li>
                <ClockTime at_ms=Signal::stored(edit.written_ms)/>
                {said(&edit.content, me)}
            </li>
        }
    };
    let more = (edits.len() > EDITS as usize).then_some(text::EARLIER_EDITS);
    view! {
        <ol class="edits">{edits.into_iter().rev().map(edit).collect_view()}</ol>
        {more.map(|more| view! { <p>{more}</p> })}
    }
    .into_any()
}

pub(super) fn reactors(reactions: Vec<Reactors>) -> AnyView {
    let one = |reactors: Reactors| {
        let names: Vec<String> = reactors.users.iter().map(|user| user.shown().to_owned()).collect();
        let more = usize::try_from(reactors.count).unwrap_or_default().saturating_sub(names.len());
        view! {
            <li><span class="emoji">{reactors.emoji}</span> <span dir="auto">{text::names(&names, more)}</span></li>
        }
    };
    view! { <ul class="reactors">{reactions.into_iter().map(one).collect_view()}</ul> }.into_any()
}

/// Both as HTML, for a page whose reader has no scripts to ask for them. Only the server draws it, as what is below.
#[must_use]
pub fn about_message(me: &UserRef, now_ms: i64, history: Vec<Edit>, reactions: Vec<Reactors>) -> String {
    Owner::new_root(None).with(|| {
        Clock::provide(now_ms);
        let reacted = (!reactions.is_empty()).then(|| view! { <h2>{text::WHO_REACTED}</h2>{reactors(reactions)} });
        let edited = (!history.is_empty()).then(|| view! { <h2>{text::EDIT_HISTORY}</h2>{edits(history, &me.name)} });
        view! { <div class="plain-told">{reacted}{edited}</div> }.to_html()
    })
}

/// The way to it.
#[must_use]
pub fn about_link(href: &str) -> String {
    view! { <p class="plain-told"><a href=href.to_owned()>{text::ABOUT_MESSAGE}</a></p> }.to_html()
}

/// A box in the composer below a message's own page: ticked, the form answers it.
#[must_use]
pub fn answer_box(message: &Message, ticked: bool) -> String {
    let label = text::as_reply_to(message.author.shown());
    view! {
        <label class="plain-answer">
            <input type="checkbox" name="reply_to" value=message.seq.to_string() checked=ticked autocomplete="off"/>
            {label}
        </label>
    }
    .to_html()
}

/// In the composer of a conversation: the way to such a page.
#[must_use]
pub fn answer_hint() -> String {
    view! { <p class="plain-hint">{text::PLAIN_HINT}</p> }.to_html()
}
