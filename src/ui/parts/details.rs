//! What a group or room is and who is in it, beside the conversation; a page of its own where there is no room for both.
//! What the viewer may do is shown, and nothing else. Every form works without scripts.

mod about;
mod add;
mod members;
mod state;

use leptos::html;
use leptos::prelude::*;

use self::about::AboutForm;
use self::members::Members;
use self::state::{Leave, StateForms};
use super::{Icon, IconName};
use crate::api::{ApiError, FormFailure, PageContext};
use crate::protocol::rights::{Action, Standing};
use crate::protocol::{Conversation, ConversationId, ConversationKind, MemberList, UserId};
use crate::ui::text;

/// What the viewer may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct May {
    rename: bool,
    topic: bool,
    /// Open it, or close it.
    open: bool,
    /// Archive it, or bring it back.
    archive: bool,
    add: bool,
    remove: bool,
    leave: bool,
}

impl May {
    fn of(conversation: &Conversation, me: UserId) -> Self {
        let standing = Standing::new(conversation, me, true);
        let may = |action| standing.check(action).is_ok();
        Self {
            rename: may(Action::Rename),
            topic: may(Action::Topic),
            open: may(Action::Open),
            archive: may(Action::Archive),
            add: may(Action::Add),
            remove: may(Action::Remove),
            leave: may(Action::Leave),
        }
    }
}

/// What all parts of the details are about.
#[derive(Clone, Copy)]
struct Subject {
    id: ConversationId,
    me: UserId,
    conversation: Memo<Conversation>,
    may: Memo<May>,
}

#[component]
pub fn Details(
    conversation: Memo<Conversation>,
    me: UserId,
    page: PageContext,
    /// The first members, where the page was drawn with them.
    members: Option<Result<MemberList, ApiError>>,
    /// Whether one came here from the conversation, and so to this name.
    arrived: bool,
) -> impl IntoView {
    let id = conversation.with_untracked(|conversation| conversation.id);
    // What came of a form is said where the form was.
    let is_here = |form: &FormFailure| form.typed("conversation_id").and_then(|typed| typed.parse().ok()) == Some(id);
    let page = PageContext { form: page.form.filter(is_here), ..page };
    let may = Memo::new(move |_| conversation.with(|conversation| May::of(conversation, me)));
    let subject = Subject { id, me, conversation, may };
    let title = NodeRef::<html::H1>::new();
    Effect::new(move |_| {
        if let Some(title) = title.get().filter(|_| arrived) {
            let _focused = title.focus();
        }
    });
    let archived = Memo::new(move |_| conversation.with(|conversation| conversation.archived));
    view! {
        <aside class="details" aria-labelledby="details-title">
            <header class="pane-head">
                <a class="icon-button" href=format!("/c/{id}") aria-label=text::CLOSE_DETAILS title=text::CLOSE_DETAILS>
                    <Icon name=IconName::Close/>
                </a>
                <h1 class="pane-name" id="details-title" tabindex="-1" node_ref=title>{text::DETAILS}</h1>
            </header>
            <div class="details-body">
                {move || archived.get().then(|| view! { <p class="details-note">{text::ARCHIVED}</p> }.into_any())}
                <AboutForm subject page=page.clone()/>
                <Members subject page=page.clone() first=members/>
                <StateForms subject/>
                <Leave subject/>
            </div>
        </aside>
    }
    .into_any()
}

/// What it is called in a sentence.
fn noun(kind: ConversationKind) -> &'static str {
    match kind {
        ConversationKind::Room => text::ROOM_NOUN,
        ConversationKind::Group | ConversationKind::Direct => text::GROUP_NOUN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::UserRef;

    #[test]
    fn what_is_shown_follows_from_rights() {
        let members = vec![UserRef::new(UserId(1), "ada"), UserRef::new(UserId(2), "bob")];
        let group = Conversation {
            manager: Some(UserId(1)),
            ..Conversation::new(ConversationId(1), ConversationKind::Group, None, members)
        };
        let all = May { rename: true, topic: true, open: false, archive: true, add: true, remove: true, leave: true };
        assert_eq!(May::of(&group, UserId(1)), all);
        assert_eq!(May::of(&group, UserId(2)), May { archive: false, remove: false, ..all });
        let archived = Conversation { archived: true, ..group };
        let none = May { rename: false, topic: false, add: false, remove: false, ..all };
        assert_eq!(May::of(&archived, UserId(1)), none);
        assert_eq!(May::of(&archived, UserId(2)), May { archive: false, ..none });
    }
}
