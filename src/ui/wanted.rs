//! What somebody who is not signed in wanted to read: a conversation, or a message of one. It goes along through
//! signing in, as numbers alone, so that nothing typed becomes a path.

use leptos::prelude::*;

use super::address::Address;
use super::routes;
use crate::api::FormFailure;

const CONVERSATION: &str = "conversation_id";
const MESSAGE: &str = "seq";

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wanted {
    conversation: Option<i64>,
    message: Option<i64>,
}

impl Wanted {
    /// As a form's fields or an address's query name it.
    #[must_use]
    pub fn of(named: impl Fn(&str) -> Option<String>) -> Self {
        let number = |name| named(name).and_then(|number| number.parse().ok()).filter(|number| *number > 0);
        Self { conversation: number(CONVERSATION), message: number(MESSAGE) }
    }

    /// As the address of signing in says it.
    #[must_use]
    pub fn at(here: &Address) -> Self {
        Self::of(|name| here.query(name))
    }

    /// What is read at an address of the chat.
    #[must_use]
    pub fn in_path(path: &str) -> Self {
        let conversation = routes::conversation(path).and_then(|id| id.parse().ok());
        Self { conversation, message: routes::message(path).map(|seq| seq.0) }
    }

    /// Where it is read.
    #[must_use]
    pub fn path(self) -> String {
        match (self.conversation, self.message) {
            (Some(id), Some(seq)) => format!("/c/{id}/{seq}"),
            (Some(id), None) => format!("/c/{id}"),
            (None, _) => "/c".to_owned(),
        }
    }

    /// The address of a page of signing in, from which one goes on there.
    #[must_use]
    pub fn link(self, page: &str) -> String {
        match (self.conversation, self.message) {
            (Some(id), Some(seq)) => format!("{page}?{CONVERSATION}={id}&{MESSAGE}={seq}"),
            (Some(id), None) => format!("{page}?{CONVERSATION}={id}"),
            (None, _) => page.to_owned(),
        }
    }

    /// Of the page that is being drawn: as its form said it, where that one failed.
    pub(super) fn here(failure: Option<&FormFailure>) -> Self {
        match failure {
            Some(failure) => Self::of(|name| failure.typed(name)),
            None => use_context::<Address>().map(|here| Self::at(&here)).unwrap_or_default(),
        }
    }

    /// The fields of a form that carry it.
    pub(super) fn fields(self) -> impl IntoView {
        let field = |name: &'static str, number: Option<i64>| {
            number.map(|number| view! { <input type="hidden" name=name value=number.to_string()/> })
        };
        view! { {field(CONVERSATION, self.conversation)} {field(MESSAGE, self.message)} }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_along_and_is_no_path() {
        for path in ["/c/7", "/c/7/30", "/c"] {
            let link = Wanted::in_path(path).link("/");
            let query = link.split_once('?').map_or("", |(_, query)| query);
            assert_eq!(Wanted::at(&Address::new("/", query)).path(), path);
        }
        assert_eq!(Wanted::in_path("/c/7/30").link("/sign-up"), "/sign-up?conversation_id=7&seq=30");
        for (path, kept) in [("/c/7/details", "/c/7"), ("/c/rooms", "/c"), ("/settings", "/c"), ("/c/x/3", "/c")] {
            assert_eq!(Wanted::in_path(path).path(), kept, "{path}");
        }
        for query in ["conversation_id=//evil", "conversation_id=-1&seq=3", "conversation_id=7%2F..&seq=1", "seq=3"] {
            assert_eq!(Wanted::at(&Address::new("/", query)).path(), "/c", "{query}");
        }
    }
}
