//! What a page is drawn from: who asks, and for the chat page what it shows, in one read of the store. What is told of a
//! message to a reader without scripts is read after it, and only where the address asks for it.

mod people;

use std::sync::LazyLock;

use axum::http::Uri;
use axum::http::request::Parts;

use super::address_of;
use crate::api::{ApiError, PageContext};
use crate::protocol::{ConversationId, UserId, UserRef};
use crate::server::auth::Viewer;
use crate::server::caller;
use crate::server::chat::no_conversation;
use crate::server::state::AppState;
use crate::server::store::{ListVersion, Page as Messages};
use crate::ui::routes::{Page, details};
use crate::ui::{
    Aside, ChatData, ChatTarget, Opened, PageData, PlainHtml, about_link, about_message, answer_box, answer_hint,
    no_such_conversation,
};

/// The same on every page.
static HINT: LazyLock<String> = LazyLock::new(answer_hint);

/// And the version of its list, where that has one.
pub(super) async fn load(state: &AppState, request: &Parts) -> (PageData, Option<ListVersion>) {
    let context: PageContext = caller::page_context(state, request);
    let viewer = request.extensions.get::<Viewer>();
    let people = match viewer {
        Some(viewer) => people::load(state, viewer, &request.uri).await,
        None => None,
    };
    let viewer = viewer.map(|viewer| viewer.user.id);
    let (chat, version) = match viewer.zip(asked(&request.uri)) {
        Some((viewer, (first, after))) => {
            let (chat, version) = read(state, viewer, first, after, &request.uri).await;
            (Some(chat), version)
        }
        None => (None, None),
    };
    let plain = match (&chat, &context.viewer) {
        (Some(chat), Some(viewer)) => plain_html(state, viewer, &context, chat, &request.uri).await,
        _ => PlainHtml::default(),
    };
    (PageData { context, chat, people, plain }, version)
}

/// What a conversation's page is for a reader without scripts, besides.
async fn plain_html(
    state: &AppState,
    viewer: &UserRef,
    context: &PageContext,
    chat: &ChatData,
    uri: &Uri,
) -> PlainHtml {
    let (ChatTarget::Conversation { id, at, .. }, Ok(Some(opened))) = (&chat.first, &chat.opened) else {
        return PlainHtml::default();
    };
    let Some(message) = opened.page.messages.iter().find(|message| Some(message.seq) == *at) else {
        return PlainHtml { answer: HINT.as_str().into(), told: String::new() };
    };
    if message.deleted {
        return PlainHtml::default();
    }
    let ticked = context.form.as_ref().and_then(|form| form.typed("reply_to"));
    let answer = answer_box(message, ticked.is_some_and(|seq| seq == message.seq.to_string()));
    let told = if message.edited_ms.is_none() && message.reactions.is_empty() {
        String::new()
    } else if address_of(uri).query("told").is_none() {
        about_link(&format!("/c/{id}/{}?told", message.seq))
    } else {
        // What cannot be read now is not told: the page is about more than that.
        let edits = match message.edited_ms {
            Some(_) => state.chat.history(viewer.id, *id, message.seq).await.map(|list| list.edits).unwrap_or_default(),
            None => Vec::new(),
        };
        let reactors = state.chat.reactors(viewer.id, *id, message.seq).await;
        about_message(viewer, context.now_ms, edits, reactors.map(|list| list.reactions).unwrap_or_default())
    };
    PlainHtml { answer: answer.into(), told }
}

async fn read(
    state: &AppState,
    viewer: UserId,
    first: ChatTarget,
    after: Option<ConversationId>,
    uri: &Uri,
) -> (ChatData, Option<ListVersion>) {
    let open = match first {
        ChatTarget::Conversation { id, before, at } => {
            let before = before.map_or(Messages::Latest, Messages::Before);
            Some((id, at.map_or(before, Messages::Around)))
        }
        _ => None,
    };
    let page = match state.chat.page(viewer, after, open).await {
        Ok(page) => page,
        Err(error) => {
            let error = ApiError::from(error);
            return (ChatData { first, list: Err(error.clone()), opened: Err(error), aside: Aside::None }, None);
        }
    };
    let opened = match (&first, page.opened) {
        (ChatTarget::Conversation { .. }, Some((summary, page))) => Ok(Some(Opened { summary, page })),
        (ChatTarget::Conversation { .. }, None) => Err(no_conversation().into()),
        (ChatTarget::Nothing, _) => Err(no_such_conversation()),
        _ => Ok(None),
    };
    let aside = if opened.is_ok() { aside(state, viewer, &first, uri).await } else { Aside::None };
    (ChatData { first, list: Ok(page.conversations), opened, aside }, page.version)
}

/// What the address asks for besides.
async fn aside(state: &AppState, viewer: UserId, first: &ChatTarget, uri: &Uri) -> Aside {
    match first {
        ChatTarget::Rooms { query, from } => {
            let rooms = state.chat.rooms(viewer, query, *from, None).await;
            Aside::Rooms(rooms.map_err(ApiError::from))
        }
        ChatTarget::Conversation { id, .. } if details(uri.path()) => {
            let address = address_of(uri);
            let from = address.query("from").and_then(|id| id.parse().ok());
            let members = state.chat.members(viewer, *id, from, None).await;
            Aside::Members(members.map_err(ApiError::from))
        }
        _ => Aside::None,
    }
}

/// What an address of the chat page asks for, and after which conversation its list begins; none for other pages.
fn asked(uri: &Uri) -> Option<(ChatTarget, Option<ConversationId>)> {
    let address = address_of(uri);
    let after = address.query("after").and_then(|id| id.parse().ok());
    (Page::of(address.path()) == Page::Chat).then(|| (ChatTarget::read(&address), after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Seq;

    #[test]
    fn addresses() {
        let conversation =
            |before: Option<i64>| ChatTarget::Conversation { id: ConversationId(7), before: before.map(Seq), at: None };
        let message = ChatTarget::Conversation { id: ConversationId(7), before: None, at: Some(Seq(8)) };
        let cases = [
            ("/c", Some((ChatTarget::List, None))),
            ("/c?after=9", Some((ChatTarget::List, Some(ConversationId(9))))),
            ("/c?to=ada+b", Some((ChatTarget::Start("ada b".to_owned()), None))),
            ("/c/7", Some((conversation(None), None))),
            ("/c/7?before=51&x=1", Some((conversation(Some(51)), None))),
            ("/c/x", Some((ChatTarget::Nothing, None))),
            ("/c/7/8", Some((message, None))),
            ("/c/7/x", None),
            ("/cx", None),
            ("/settings", None),
        ];
        for (uri, expected) in cases {
            assert_eq!(asked(&uri.parse().unwrap()), expected, "{uri}");
        }
    }
}
