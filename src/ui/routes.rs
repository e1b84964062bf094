//! Every page's address.

use leptos::prelude::*;

use super::address::{Address, Whereabouts};
use super::pages::ChatTarget;
use super::pieces::{Piece, use_pieces};
use crate::protocol::Seq;

/// Where the server draws pages, as axum writes paths. The guard and the forms are in `server`.
pub const PATHS: [&str; 8] = [
    "/",
    "/sign-up",
    "/settings",
    "/people",
    "/people/{name}",
    "/c",
    "/c/{conversation}",
    "/c/{conversation}/{message}",
];

/// What stands behind a conversation's address for its details.
const DETAILS: &str = "details";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    Home,
    SignUp,
    Settings,
    People,
    Person,
    /// The list and a conversation are one page: the sidebar stays while the pane changes.
    Chat,
    Nothing,
}

impl Page {
    /// Whether scripts add anything to it, for who is signed in. The others are links and forms.
    #[must_use]
    pub fn may_live(self) -> bool {
        matches!(self, Self::Chat | Self::Settings | Self::People | Self::Person)
    }

    #[must_use]
    pub fn of(path: &str) -> Self {
        match path {
            "/" => Self::Home,
            "/sign-up" => Self::SignUp,
            "/settings" => Self::Settings,
            "/people" => Self::People,
            _ if person(path).is_some() => Self::Person,
            _ if conversation(path).is_some() => Self::Chat,
            _ => Self::Nothing,
        }
    }
}

/// What an address of the chat names behind `/c/`: nothing in the list's own. None where it is no address of the chat.
#[must_use]
pub fn conversation(path: &str) -> Option<&str> {
    let rest = match path.strip_prefix("/c")? {
        "" => return Some(""),
        rest => rest.strip_prefix('/')?,
    };
    match rest.split_once('/') {
        None => Some(rest),
        // A message of it, or its details.
        Some((conversation, rest)) => (rest == DETAILS || rest.parse::<i64>().is_ok()).then_some(conversation),
    }
}

/// Whose page an address is.
#[must_use]
pub fn person(path: &str) -> Option<String> {
    let name = path.strip_prefix("/people/").filter(|name| !name.is_empty() && !name.contains('/'))?;
    // Names hold no `+`, which a form would read as a space.
    let mut pairs = form_urlencoded::parse(name.as_bytes());
    pairs.next().map(|(name, _)| name.into_owned())
}

/// Whether an address of the chat shows a conversation's details.
#[must_use]
pub fn details(path: &str) -> bool {
    path.strip_prefix("/c/").and_then(|rest| rest.split_once('/')).is_some_and(|(_, rest)| rest == DETAILS)
}

/// The pieces of the browser's half that a page is drawn with, beyond the chat.
#[must_use]
pub fn pieces(here: &Address) -> &'static [Piece] {
    let path = here.path();
    match Page::of(path) {
        Page::Settings | Page::People | Page::Person => &[Piece::Pages],
        Page::Chat if details(path) || ChatTarget::read(here).is_part() => &[Piece::Parts],
        Page::Home | Page::SignUp | Page::Chat | Page::Nothing => &[],
    }
}

/// The message that an address of the chat names.
#[must_use]
pub fn message(path: &str) -> Option<Seq> {
    path.strip_prefix("/c/")?.split_once('/')?.1.parse().ok()
}

/// The page of this document: another page is another document, but within the chat.
#[component]
pub(super) fn AppRoutes(here: Whereabouts) -> impl IntoView {
    let page = here.with_untracked(|here| Page::of(here.path()));
    if page == Page::Chat {
        Effect::new(move |_| here.follow());
    }
    use_pieces().page(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages() {
        let cases = [
            ("/", Page::Home),
            ("/sign-up", Page::SignUp),
            ("/settings", Page::Settings),
            ("/people", Page::People),
            ("/people/ada", Page::Person),
            ("/people/", Page::Nothing),
            ("/people/a/b", Page::Nothing),
            ("/c", Page::Chat),
            ("/c/", Page::Chat),
            ("/c/7", Page::Chat),
            ("/c/x", Page::Chat),
            ("/c/7/8", Page::Chat),
            ("/c/7/details", Page::Chat),
            ("/c/new", Page::Chat),
            ("/c/7/x", Page::Nothing),
            ("/c/7/8/9", Page::Nothing),
            ("/cx", Page::Nothing),
            ("/settings/", Page::Nothing),
            ("", Page::Nothing),
        ];
        for (path, page) in cases {
            assert_eq!(Page::of(path), page, "{path}");
        }
    }

    #[test]
    fn what_a_page_is_drawn_with() {
        let cases: [(&str, &str, &[Piece]); 14] = [
            ("/", "", &[]),
            ("/sign-up", "", &[]),
            ("/nothing", "", &[]),
            ("/settings", "", &[Piece::Pages]),
            ("/people", "q=a", &[Piece::Pages]),
            ("/people/ada", "", &[Piece::Pages]),
            ("/c", "", &[]),
            ("/c/7", "", &[]),
            ("/c/7/8", "", &[]),
            ("/c", "to=", &[Piece::Parts]),
            ("/c/new", "", &[Piece::Parts]),
            ("/c/rooms", "q=a", &[Piece::Parts]),
            ("/c/7/details", "", &[Piece::Parts]),
            ("/c/7", "before=9", &[Piece::Parts]),
        ];
        for (path, query, expected) in cases {
            assert_eq!(pieces(&Address::new(path, query)), expected, "{path}?{query}");
        }
    }
}
