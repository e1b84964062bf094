//! The conversation that is open: its head, its messages, and what one writes there.

use leptos::prelude::*;

use super::target::Opened;
use crate::protocol::rights::{Action, Standing};
use crate::protocol::{Conversation, Seq, UserId};
use crate::ui::live::Live;
use crate::ui::live::timeline::Timeline;
use crate::ui::parts::{
    Composer, ComposerDesk, Connection, MarkAsRead, MessageList, PaneHeader, Part, PlainActions, Says,
};
use crate::ui::pieces::late_dialog;
use crate::ui::text;

#[component]
pub(super) fn Conversation(opened: Opened, at: Option<Seq>, desk: ComposerDesk) -> impl IntoView {
    let live = expect_context::<Live>();
    let me = live.me.with_value(|me| me.id);
    let new_after = opened.new_after();
    let Opened { summary, page } = opened;
    let id = summary.conversation.id;
    let acted = at.and_then(|at| page.messages.iter().find(|message| message.seq == at).cloned());
    let as_of = page.as_of;
    let (conversation, mine) = (summary.conversation.clone(), summary.mine);
    let fetched = StoredValue::new(summary);
    // As the list has it, which knows of changes, but not of every conversation.
    let now = Memo::new(move |_| {
        live.conversations.with(|all| match all.iter().find(|c| c.conversation.id == id) {
            Some(listed) => Now::of(&listed.conversation, me),
            None => fetched.with_value(|fetched| Now::of(&fetched.conversation, me)),
        })
    });
    let archived = Memo::new(move |_| now.with(|now| now.archived));
    let may_pin = Memo::new(move |_| now.with(|now| now.may_pin));
    let placeholder = Signal::derive(move || now.with(|now| text::message_to(&now.name)));
    let target = at.filter(|at| page.messages.iter().any(|message| message.seq == *at));
    live.target.set(target);
    live.reveal.set(target);
    // What is rendered now, on both sides; the live client goes on from there once it runs.
    live.timeline.set(Timeline::from_page(id, page.clone().into_inner()));
    Effect::new(move |opened: Option<()>| {
        if opened.is_none() {
            live.list(fetched.get_value());
            live.drive(|driver| driver.open(Some(id), Some(page.clone().into_inner())));
        }
    });
    let pins = RwSignal::new(false);
    view! {
        <PaneHeader conversation me mine=Some(mine) pins opened=true/>
        {late_dialog(move || pins.get(), move || pins.set(false), move || Part::pins(id, pins))}
        <Connection/>
        <Says/>
        <MessageList id new_after archived may_pin/>
        {new_after.map(|_| view! { <MarkAsRead id seq=as_of me/> })}
        {acted.map(|message| {
            let (archived, may_pin) = (archived.get_untracked(), may_pin.get_untracked());
            view! { <PlainActions id message me archived may_pin/> }
        })}
        {move || match archived.get() {
            true => view! { <p class="archived" role="note">{text::ARCHIVED}</p> }.into_any(),
            false => view! { <Composer desk=desk.clone() placeholder/> }.into_any(),
        }}
    }
    .into_any()
}

/// What the pane shows of the conversation itself.
#[derive(Clone, PartialEq)]
struct Now {
    name: String,
    archived: bool,
    may_pin: bool,
}

impl Now {
    fn of(conversation: &Conversation, me: UserId) -> Self {
        let may_pin = Standing::new(conversation, me, true).check(Action::Pin).is_ok();
        Self { name: conversation.name_for(me), archived: conversation.archived, may_pin }
    }
}
