//! Its name and its topic: to be read, or to be changed by those who may.

use leptos::prelude::*;
use leptos::{ev::SubmitEvent, html};
use web_sys::HtmlInputElement;

use super::Subject;
use crate::api::given::Given;
use crate::api::{PageContext, conversation_update};
use crate::protocol::ConversationKind;
use crate::ui::app::failure_of;
use crate::ui::parts::asking::{About, Asking, Outcome};
use crate::ui::text;

#[component]
pub(super) fn AboutForm(subject: Subject, page: PageContext) -> impl IntoView {
    let Subject { id, me, conversation, may } = subject;
    let failure = StoredValue::new(failure_of(&page, "conversation-update"));
    let asking = Asking::new(failure.get_value().as_ref());
    let title_now = Memo::new(move |_| conversation.with(|now| now.title.clone().unwrap_or_default()));
    let topic_now = Memo::new(move |_| conversation.with(|now| now.topic.clone().unwrap_or_default()));
    let (title, topic) = (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    // Somebody else's change is shown where nobody is typing.
    let follow = move |field: NodeRef<html::Input>, now: Memo<String>| {
        Effect::new(move |was: Option<String>| {
            let now = now.get();
            if let Some(field) = field.get().filter(|field| was.is_some_and(|was| was == field.value()))
                && field.value() != now
            {
                field.set_value(&now);
            }
            now
        });
    };
    follow(title, title_now);
    follow(topic, topic_now);
    let typed = move |field: &str, now: String| {
        failure.with_value(|failure| failure.as_ref().and_then(|failure| failure.typed(field))).unwrap_or(now)
    };
    let submit = move |event: SubmitEvent| {
        let value = |field: NodeRef<html::Input>| field.get_untracked().map(|field: HtmlInputElement| field.value());
        let (title, topic) = (Given(value(title)), Given(value(topic)));
        asking.ask(&event, move |user| Box::pin(conversation_update(id, title, topic, None, None, user)), drop);
    };
    let is_room = conversation.with_untracked(|now| now.kind == ConversationKind::Room);
    let editable = Memo::new(move |_| may.with(|may| may.rename && may.topic));
    move || {
        match editable.get() {
        true => view! {
            <form class="form" method="post" action="/api/conversation-update" on:submit=submit on:input=move |_| asking.again()>
                <About me=me.0 conversation=Some(id.0)/>
                <Outcome asking done=true/>
                <div class="field">
                    <label for="details-name">{text::CONVERSATION_NAME}</label>
                    <input
                        id="details-name"
                        name="title"
                        type="text"
                        autocomplete="off"
                        dir="auto"
                        required=is_room
                        value=typed("title", title_now.get_untracked())
                        node_ref=title
                    />
                </div>
                <div class="field">
                    <label for="details-topic">{text::TOPIC}</label>
                    <input
                        id="details-topic"
                        name="topic"
                        type="text"
                        autocomplete="off"
                        dir="auto"
                        value=typed("topic", topic_now.get_untracked())
                        node_ref=topic
                    />
                </div>
                <button class="button" type="submit">{text::SAVE}</button>
            </form>
        }
        .into_any(),
        false => view! {
            <div class="details-about">
                <p class="details-name" dir="auto">{move || conversation.with(|now| now.name_for(me))}</p>
                {move || Some(topic_now.get()).filter(|topic| !topic.is_empty()).map(|topic| view! {
                    <p class="details-topic" dir="auto">{topic}</p>
                }.into_any())}
            </div>
        }
        .into_any(),
    }
    }
}
