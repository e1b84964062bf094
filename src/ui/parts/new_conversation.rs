//! A new group or room: what it is called, what it is about, and who is in it.

use std::sync::atomic::{AtomicU32, Ordering};

use leptos::prelude::*;
use leptos::{ev::SubmitEvent, html};

use super::asking::{About, Asking, Outcome};
use super::pane_header::BackLink;
use super::people_field::{PeopleField, Picked};
use crate::api::{FormFailure, conversation_create};
use crate::protocol::{ConversationKind, UserId};
use crate::ui::address::use_address;
use crate::ui::text;

/// How often a creation was tried on this page, with other words each time.
static ATTEMPTS: AtomicU32 = AtomicU32::new(0);

#[component]
pub fn NewConversation(
    me: UserId,
    failure: Option<FormFailure>,
    /// The page's own name for what is made from it.
    nonce: String,
) -> impl IntoView {
    let here = use_address();
    let asking = Asking::new(failure.as_ref());
    let typed = |field: &str| failure.as_ref().and_then(|failure| failure.typed(field));
    let is_room = typed("kind").as_deref() == Some("room");
    let is_open = failure.is_none() || typed("open").is_some();
    let room = RwSignal::new(is_room);
    let (title, topic) = (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    let (picked, open) = (Picked::new(), NodeRef::<html::Input>::new());
    let name = StoredValue::new(nonce.clone());
    // What is sent again unchanged is the same.
    let attempt = StoredValue::new(None);
    let submit = move |event: SubmitEvent| {
        let value = |field: NodeRef<html::Input>| field.get_untracked().map(|field| field.value());
        let open = open.get_untracked().map(|field| field.checked());
        let (title, topic, people) = (value(title), value(topic), Some(picked.names()));
        let kind = if room.get_untracked() { ConversationKind::Room } else { ConversationKind::Group };
        let words = Some((kind, title.clone(), topic.clone(), open, people.clone()));
        if attempt.get_value() != words {
            attempt.set_value(words);
            ATTEMPTS.fetch_add(1, Ordering::Relaxed);
        }
        let number = ATTEMPTS.load(Ordering::Relaxed);
        let nonce = Some(name.with_value(|name| format!("{name}-{number}")));
        asking.ask(
            &event,
            move |user| Box::pin(conversation_create(kind, title, topic, open, people, nonce, user)),
            move |made| here.go(&format!("/c/{}", made.id), true),
        );
    };
    let field = |id: &'static str, name: &'static str, label: &'static str, node: NodeRef<html::Input>| {
        view! {
            <div class="field">
                <label for=id>{label}</label>
                <input id=id name=name type="text" autocomplete="off" dir="auto" value=typed(name) node_ref=node/>
            </div>
        }
        .into_any()
    };
    view! {
        <header class="pane-head">
            <BackLink/>
            <h1 class="pane-name">{text::NEW_CONVERSATION}</h1>
        </header>
        <div class="start">
            <form
                class="form new-conversation"
                method="post"
                action="/api/conversation-create"
                on:submit=submit
                on:input=move |_| asking.again()
            >
                <About me=me.0/>
                <input type="hidden" name="nonce" value=nonce autocomplete="off"/>
                <Outcome asking/>
                <fieldset class="kinds">
                    <legend>{text::WHAT_KIND}</legend>
                    <label class="kind">
                        <input type="radio" name="kind" value="group" checked=!is_room on:change=move |_| room.set(false)/>
                        <span><strong>{text::GROUP}</strong> <span class="hint">{text::GROUP_HINT}</span></span>
                    </label>
                    <label class="kind">
                        <input type="radio" name="kind" value="room" checked=is_room on:change=move |_| room.set(true)/>
                        <span><strong>{text::ROOM}</strong> <span class="hint">{text::ROOM_HINT}</span></span>
                    </label>
                </fieldset>
                {field("new-name", "title", text::CONVERSATION_NAME, title)}
                {field("new-topic", "topic", text::TOPIC, topic)}
                <PeopleField id="new-people" list="new-people-offers" label=text::PEOPLE picked value=typed("members") required=false/>
                <label class="check">
                    <input type="checkbox" name="open" value="true" checked=is_open node_ref=open/>
                    <span>{text::OPEN_TO_ALL}</span>
                </label>
                <button class="button primary" type="submit">{text::CREATE}</button>
                <p class="hint">{text::ONE_PERSON} " " <a href="/c?to=">{text::NEW_CHAT}</a></p>
            </form>
        </div>
    }
    .into_any()
}
