//! The details of the conversation that is open, where the address asks for them: beside the pane, or in its place.

use leptos::prelude::*;

use super::pane::PaneState;
use crate::api::{ApiError, PageContext};
use crate::protocol::{Conversation, ConversationId, ConversationKind, MemberList, UserId};
use crate::ui::address::use_address;
use crate::ui::live::Live;
use crate::ui::parts::{DetailsProps, PaneHeadless, Part, focus_first};
use crate::ui::pieces::late_pane;
use crate::ui::routes;

/// The conversation as it is known by now; two people's own has no details.
pub(super) fn details(
    live: Live,
    pane: RwSignal<PaneState>,
    open: Signal<Option<ConversationId>>,
) -> Memo<Option<Conversation>> {
    let here = use_address();
    Memo::new(move |_| {
        let id = open.get().filter(|_| here.with(|here| routes::details(here.path())))?;
        let is_it = |conversation: &&Conversation| conversation.id == id;
        let listed = live.conversations.with(|all| all.iter().map(|c| &c.conversation).find(is_it).cloned());
        // One that is beyond the list's end is known from its page.
        let known = listed.or_else(|| {
            pane.with(|pane| match pane {
                PaneState::Conversation(opened, _) => Some(&opened.summary.conversation).filter(is_it).cloned(),
                _ => None,
            })
        });
        known.filter(|known| known.kind != ConversationKind::Direct)
    })
}

#[component]
pub(super) fn DetailsAside(
    details: Memo<Option<Conversation>>,
    me: UserId,
    page: PageContext,
    members: Option<Result<MemberList, ApiError>>,
) -> impl IntoView {
    let shown = Memo::new(move |_| details.with(|details| details.as_ref().map(|details| details.id)));
    let members = StoredValue::new(members);
    let came = StoredValue::new(false);
    Effect::new(move |was: Option<bool>| {
        let is = shown.get().is_some();
        came.set_value(true);
        // Who closed them goes on where they were opened.
        if was == Some(true) && !is && document().active_element().is_none_or(|at| at.tag_name() == "BODY") {
            focus_first(".details-link");
        }
        is
    });
    move || {
        shown.get().map(|id| {
            let nothing = move || Conversation::new(id, ConversationKind::Group, None, Vec::new());
            // They go once it is no longer known; until then they show it as it was.
            let conversation = Memo::new(move |was: Option<&Conversation>| {
                details.get().filter(|now| now.id == id).or_else(|| was.cloned()).unwrap_or_else(nothing)
            });
            let members = members.try_update_value(Option::take).flatten();
            let props = DetailsProps { conversation, me, page: page.clone(), members, arrived: came.get_value() };
            late_pane(
                |inner| view! { <aside class="details"><PaneHeadless/>{inner}</aside> }.into_any(),
                Part::details(props),
            )
        })
    }
}
