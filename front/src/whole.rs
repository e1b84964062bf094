//! All pieces in one file, as while developing.

use chatter::ui::Part;
use chatter::ui::live::browser;
use chatter::ui::pieces::{self, Fetching, Piece};
use chatter::ui::routes::Page;
use leptos::prelude::AnyView;

pub(crate) struct Source;

impl pieces::Source for Source {
    fn fetch(&self, _piece: Piece) -> Fetching {
        Box::pin(std::future::ready(true))
    }

    fn page(&self, page: Page) -> AnyView {
        match page {
            Page::Chat => browser::chat(),
            page => browser::beside(page),
        }
    }

    fn part(&self, part: Part) -> AnyView {
        part.draw()
    }
}
