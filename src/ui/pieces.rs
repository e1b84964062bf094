//! What the browser has of the interface, and where it is. The chat is the browser's half; its dialogs come a moment
//! after it, and the pages beside it where one goes there. Each [`Piece`] is a file of its own where the half was built
//! so. Pages that do no more than links and forms do, for who is not signed in, are drawn by the server alone: they have
//! no scripts.
//!
//! What draws in a piece is reached through a [`Source`] alone: whatever names `Details` or `Settings` itself carries them
//! along. A page's pieces are there before it comes alive; for the chat's parts, which come after it, [`late`] waits. On
//! the server, and in a half that was built whole, every piece is there from the beginning.

use std::pin::Pin;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::app::use_page;
use super::pages::{Chat, Guest, Home, NotFound, People, Person, Settings, SignUp};
use super::parts::{Notice, Part, RowsSkeleton, saying};
use super::routes::Page;
use super::text;

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

/// A part that is drawn when it is `wanted` for the first time, and stays. Where it cannot be loaded, the next wish tries
/// again.
pub(super) fn late(
    wanted: impl Fn() -> bool + Send + Sync + 'static,
    part: impl Fn() -> Part + Send + 'static,
) -> AnyView {
    let pieces = use_pieces();
    let wanted = Memo::new(move |_| wanted());
    let drawn = Memo::new(move |was: Option<&bool>| {
        was == Some(&true) || (wanted.get() && pieces.parts.get() == Standing::Here)
    });
    Effect::new(move |_| {
        if wanted.get() {
            pieces.fetch_parts();
        }
    });
    (move || drawn.get().then(|| pieces.source.part(part()))).into_any()
}

/// [`late`] for a dialog that somebody asked for: it says where it cannot be loaded, and `give_up` unwants it.
pub(super) fn late_dialog(
    wanted: impl Fn() -> bool + Copy + Send + Sync + 'static,
    give_up: impl Fn() + 'static,
    part: impl Fn() -> Part + Send + 'static,
) -> AnyView {
    let pieces = use_pieces();
    let lost = RwSignal::new(false);
    Effect::new(move |_| match pieces.parts.get() {
        Standing::Lost if untrack(wanted) => {
            lost.set(true);
            give_up();
        }
        Standing::Lost => {}
        Standing::Away | Standing::Coming | Standing::Here => lost.set(false),
    });
    let told = move || {
        let dismiss = move || lost.set(false);
        let told = move || saying(text::NOT_LOADED.to_owned(), dismiss);
        lost.get().then(|| view! { <div class="lost" role="alert">{told()}</div> }.into_any())
    };
    view! { {late(wanted, part)} {told} }.into_any()
}

/// A pane, with what stands `around` it until it is drawn: bones while it comes, and a way to try again where it did not.
pub(super) fn late_pane(around: impl Fn(AnyView) -> AnyView + Send + 'static, part: Part) -> AnyView {
    let pieces = use_pieces();
    Effect::new(move |_| pieces.fetch_parts());
    let part = StoredValue::new(Some(part));
    let drawn = move || match pieces.parts.get() {
        Standing::Here => part.try_update_value(Option::take).flatten().map(|part| pieces.source.part(part)).into_any(),
        Standing::Away | Standing::Coming => around(view! { <RowsSkeleton/> }.into_any()),
        Standing::Lost => around(
            view! {
                <Notice sentence=text::NOT_LOADED title=true>
                    <button class="button" type="button" on:click=move |_| pieces.fetch_parts()>{text::RETRY}</button>
                </Notice>
            }
            .into_any(),
        ),
    };
    drawn.into_any()
}
