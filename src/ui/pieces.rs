//! What the browser has of the interface, and where it is. The chat is the browser's half; its dialogs come a moment
//! after it, and the pages beside it where one goes there. Each [`Piece`] is a file of its own where the half was built
//! so. Pages that do no more than links and forms do, for who is not signed in, are drawn by the server alone: they have
//! no scripts.
//!
//! What draws in a piece is reached through a [`Source`] alone: whatever names `Details` or `Settings` itself carries them
//! along. A page's pieces are there before it comes alive; for the chat's parts, which come after it, [`late`] waits. On
//! the server, and in a half that was built whole, every piece is there from the beginning.

mod late;

use std::pin::Pin;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::app::use_page;
use super::pages::{Chat, Guest, Home, NotFound, People, Person, Settings, SignUp};
use super::parts::Part;
use super::routes::Page;
pub(super) use late::{late, late_dialog, late_pane};

/// What the browser loads apart from the chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// The chat's dialogs and seldom panes: each a [`Part`].
    Parts,
    /// Settings, people and profiles.
    Pages,
}

/// Whether a piece is there, told once.
pub type Fetching = Pin<Box<dyn Future<Output = bool>>>;

/// Where pages and parts are drawn. What is of a piece may be drawn once that was fetched, and not before.
pub trait Source: Sync {
    /// Fetches a piece, unless it is there; a failure is forgotten, and the next call tries again.
    fn fetch(&self, piece: Piece) -> Fetching;
    fn page(&self, page: Page) -> AnyView;
    fn part(&self, part: Part) -> AnyView;
}

/// All there is, as the server draws it.
pub struct Whole;

impl Source for Whole {
    fn fetch(&self, _piece: Piece) -> Fetching {
        Box::pin(std::future::ready(true))
    }

    fn page(&self, page: Page) -> AnyView {
        match page {
            Page::Home => view! { <Home/> }.into_any(),
            Page::SignUp => view! { <SignUp/> }.into_any(),
            Page::Nothing => view! { <NotFound/> }.into_any(),
            _ if use_page().context.viewer.is_none() => view! { <Guest/> }.into_any(),
            Page::Chat => view! { <Chat/> }.into_any(),
            Page::Settings | Page::People | Page::Person => beside(page),
        }
    }

    fn part(&self, part: Part) -> AnyView {
        part.draw()
    }
}

/// A page of [`Piece::Pages`].
pub(super) fn beside(page: Page) -> AnyView {
    match page {
        Page::Settings => view! { <Settings/> }.into_any(),
        Page::People => view! { <People/> }.into_any(),
        Page::Person => view! { <Person/> }.into_any(),
        Page::Home | Page::SignUp | Page::Chat | Page::Nothing => ().into_any(),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Away,
    Coming,
    Here,
    Lost,
}

/// The pieces of this page, in its context.
#[derive(Clone, Copy)]
pub struct Pieces {
    source: &'static dyn Source,
    /// How the chat's parts stand; a page's other pieces are there when it comes alive.
    parts: RwSignal<Standing>,
}

/// From the context.
#[must_use]
pub fn use_pieces() -> Pieces {
    expect_context()
}

impl Pieces {
    /// Puts them into the context; `parts`: whether those are there.
    pub fn provide(source: &'static dyn Source, parts: bool) {
        let parts = RwSignal::new(if parts { Standing::Here } else { Standing::Away });
        provide_context(Self { source, parts });
    }

    pub(super) fn page(self, page: Page) -> AnyView {
        self.source.page(page)
    }

    /// Has the chat's parts fetched, unless they are there or on their way.
    pub(super) fn fetch_parts(self) {
        if matches!(self.parts.get_untracked(), Standing::Here | Standing::Coming) {
            return;
        }
        self.parts.set(Standing::Coming);
        spawn_local(async move {
            let came = self.source.fetch(Piece::Parts).await;
            self.parts.try_set(if came { Standing::Here } else { Standing::Lost });
        });
    }
}
