//! The conversation that is open: its head, its messages, and what one writes there.

use leptos::prelude::*;

use super::target::Opened;
use crate::protocol::{ConversationSummary, Seq};
use crate::ui::live::Live;
use crate::ui::live::timeline::Timeline;
use crate::ui::parts::{Composer, ComposerDesk, Connection, MarkAsRead, MessageList, PaneHeader, PlainActions, Says};
use crate::ui::text;

#[component]
pub(super) fn Conversation(opened: Opened, at: Option<Seq>, desk: ComposerDesk) -> impl IntoView {
    let live = expect_context::<Live>();
    let me = live.me.with_value(|me| me.id);
    let new_after = opened.new_after();
    let Opened { summary, page } = opened;
    let id = summary.conversation.id;
    let acted = at.and_then(|at| page.messages.iter().find(|message| message.seq == at).cloned());
    let placeholder = text::message_to(&summary.conversation.name_for(me));
    let as_of = page.as_of;
    let was_archived = summary.conversation.archived;
    let archived = Memo::new(move |_| {
        let listed = |all: &Vec<ConversationSummary>| {
            all.iter().find(|c| c.conversation.id == id).map(|c| c.conversation.archived)
        };
        live.conversations.with(listed).unwrap_or(was_archived)
    });
    let target = at.filter(|at| page.messages.iter().any(|message| message.seq == *at));
    live.target.set(target);
    live.reveal.set(target);
    // What is rendered now, on both sides; the live client goes on from there once it runs.
    live.timeline.set(Timeline::from_page(id, page.clone().into_inner()));
    Effect::new(move |opened: Option<()>| {
        if opened.is_none() {
            live.drive(|driver| driver.open(Some(id), Some(page.clone().into_inner())));
        }
    });
    view! {
        <PaneHeader conversation=summary.conversation me mine=Some(summary.mine) opened=true/>
        <Connection/>
        <Says/>
        <MessageList id new_after/>
        {new_after.map(|_| view! { <MarkAsRead id seq=as_of me/> })}
        {acted.map(|message| view! { <PlainActions id message me/> })}
        {move || match archived.get() {
            true => view! { <p class="archived" role="note">{text::ARCHIVED}</p> }.into_any(),
            false => view! { <Composer desk=desk.clone() placeholder=placeholder.clone()/> }.into_any(),
        }}
    }
    .into_any()
}
