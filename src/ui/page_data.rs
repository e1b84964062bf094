//! What a page is drawn from: read by the server in one moment before it begins to draw, and written into the page, so
//! that the browser takes over from the same. Drawing then waits for nothing.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::pages::{ChatTarget, Opened};
use crate::api::{ApiError, PageContext};
use crate::protocol::{Account, ErrorCode, MemberList, Profile, RoomList, SessionEntry, SharedList, UserList, UserRef};

/// The id of the element that holds it, as JSON.
pub const PAGE_DATA_ID: &str = "page-data";

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct PageData {
    pub context: PageContext,
    /// On the chat page of somebody who is signed in.
    pub chat: Option<ChatData>,
    /// On the pages of people, of somebody who is signed in. Read as [`Beside`]: the chat knows none of it.
    #[serde(skip_deserializing)]
    pub people: Option<PeopleData>,
    /// For a reader without scripts. Never in the data: a script asks for it when it is wanted.
    #[serde(skip)]
    pub plain: PlainHtml,
}

/// Parts of a conversation's page where no script runs: HTML that our own views drew, in which what people wrote is
/// escaped.
#[derive(Debug, Clone, Default)]
pub struct PlainHtml {
    /// In the composer: that it answers the message whose own page this is, or the way to such a page.
    pub answer: Cow<'static, str>,
    /// What that message said before, and who reacted to it; or the way to a page that tells.
    pub told: String,
}

/// What the pages beside the chat read of [`PageData`].
#[derive(Debug, Default, Deserialize)]
pub struct Beside {
    #[serde(default)]
    pub people: Option<PeopleData>,
}

/// What a page of people shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum PeopleData {
    Settings(Result<SettingsData, ApiError>),
    Directory(Result<UserList, ApiError>),
    Person(Result<PersonData, ApiError>),
}

/// What `/people/{name}` shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PersonData {
    pub profile: Profile,
    /// Whether the reader has blocked them.
    pub blocked: bool,
}

/// What `/settings` shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SettingsData {
    pub account: Account,
    pub sessions: Vec<SessionEntry>,
    pub blocked: Vec<UserRef>,
}

impl PeopleData {
    fn error(&self) -> Option<&ApiError> {
        match self {
            Self::Settings(read) => read.as_ref().err(),
            Self::Directory(read) => read.as_ref().err(),
            Self::Person(read) => read.as_ref().err(),
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChatData {
    /// What the address asks for.
    pub first: ChatTarget,
    pub list: Result<SharedList, ApiError>,
    /// What `first` shows, where that is a conversation.
    pub opened: Result<Option<Opened>, ApiError>,
    #[serde(default, skip_serializing_if = "Aside::is_none")]
    pub aside: Aside,
}

/// What the page shows besides: read after the rest, and only where the address asks for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Aside {
    #[default]
    None,
    /// Who is in the conversation, on the page of its details.
    Members(Result<MemberList, ApiError>),
    /// Open rooms, in their directory.
    Rooms(Result<RoomList, ApiError>),
}

impl Aside {
    #[must_use]
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    pub(super) fn members(&self) -> Option<Result<MemberList, ApiError>> {
        if let Self::Members(members) = self { Some(members.clone()) } else { None }
    }

    pub(super) fn rooms(&self) -> Option<Result<RoomList, ApiError>> {
        if let Self::Rooms(rooms) = self { Some(rooms.clone()) } else { None }
    }
}

impl PageData {
    /// The text of the element: JSON that cannot end its script.
    #[must_use]
    pub fn to_script(&self) -> String {
        let json = serde_json::to_string(self).expect("plain structs are JSON");
        // What is long has none, as it is written once for many pages.
        if json.contains('<') { json.replace('<', "\\u003c") } else { json }
    }

    /// Why something that the page is about could not be read.
    #[must_use]
    pub fn error(&self) -> Option<ErrorCode> {
        if let Some(people) = &self.people {
            return people.error().map(|error| error.code);
        }
        let chat = self.chat.as_ref()?;
        chat.list.as_ref().err().or(chat.opened.as_ref().err()).map(|error| error.code)
    }
}
