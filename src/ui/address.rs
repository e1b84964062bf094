//! Where the reader is. A page is one document; within the chat one goes on without a new one, from conversation to
//! conversation and back, and everything else is a plain link.
//!
//! Small on purpose: the router of Leptos matches, nests and draws whatever one asks of it, and was 34 kB of what the
//! browser loads, for five addresses of which two are one page.

use leptos::ev::{self, MouseEvent};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlAnchorElement};

use super::routes::Page;

/// Path and query of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    path: String,
    query: String,
}

impl Address {
    /// `query` may begin with its question mark.
    #[must_use]
    pub fn new(path: &str, query: &str) -> Self {
        Self { path: path.to_owned(), query: query.trim_start_matches('?').to_owned() }
    }

    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The first value of that name in the query, decoded.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<String> {
        let mut pairs = form_urlencoded::parse(self.query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// The document's own; the browser's entry puts it into the context.
    #[must_use]
    pub fn of_document() -> Self {
        let location = window().location();
        Self::new(&location.pathname().unwrap_or_default(), &location.search().unwrap_or_default())
    }

    /// As a link says it.
    fn parse(href: &str) -> Self {
        let (path, query) = href.split_once('?').unwrap_or((href, ""));
        Self::new(path, query)
    }
}

/// Where the reader is by now. The server puts the page's address into the context, the browser's entry the document's.
#[derive(Debug, Clone, Copy)]
pub struct Whereabouts {
    address: RwSignal<Address>,
    /// A link leads to where the reader is.
    again: Trigger,
}

/// From the context that [`App`](super::App) provides.
#[must_use]
pub fn use_address() -> Whereabouts {
    expect_context()
}

impl Whereabouts {
    pub(super) fn provide() -> Self {
        let address = RwSignal::new(use_context::<Address>().unwrap_or_default());
        let here = Self { address, again: Trigger::new() };
        provide_context(here);
        here
    }

    pub fn with<T>(self, read: impl FnOnce(&Address) -> T) -> T {
        self.address.with(read)
    }

    pub fn with_untracked<T>(self, read: impl FnOnce(&Address) -> T) -> T {
        self.address.with_untracked(read)
    }

    /// Tells whenever a link was followed to where the reader is already.
    pub fn track_again(self) {
        self.again.track();
    }

    /// Goes on to `href`, a page of the chat; `replace` leaves no way back to this one.
    pub fn go(self, href: &str, replace: bool) {
        let Ok(history) = window().history() else { return };
        let change = match replace {
            true => history.replace_state_with_url(&JsValue::NULL, "", Some(href)),
            false => history.push_state_with_url(&JsValue::NULL, "", Some(href)),
        };
        // A browser refuses the hundredth change within seconds: the page goes on, its address stays behind.
        drop(change);
        self.address.set(Address::parse(href));
        window().scroll_to_with_x_and_y(0.0, 0.0);
    }

    /// From now on links within the chat lead on without a new document, and back is back. For the page's life.
    pub(super) fn follow(self) {
        let _ = window_event_listener(ev::click, move |event| {
            if let Some(href) = within_chat(&event) {
                event.prevent_default();
                if self.address.with_untracked(|here| *here != Address::parse(&href)) {
                    self.go(&href, false);
                } else {
                    self.again.notify();
                }
            }
        });
        let _ = window_event_listener(ev::popstate, move |_| self.address.set(Address::of_document()));
    }
}

/// Where a click leads, if that is a page of the chat, in this tab and by a plain click.
fn within_chat(event: &MouseEvent) -> Option<String> {
    let plain = event.button() == 0
        && !(event.default_prevented() || event.meta_key() || event.alt_key() || event.ctrl_key() || event.shift_key());
    let link = event.target()?.dyn_into::<Element>().ok()?.closest("a[href]").ok()??;
    let href = link.get_attribute("href")?;
    let link: HtmlAnchorElement = link.dyn_into().ok()?;
    // A link in a message, with this site's host: it is told apart here alone, as the server may have many names.
    if plain && link.rel().contains("ugc") && link.origin() == window().location().origin().ok()? {
        let chat = Page::of(&link.pathname()) == Page::Chat && link.hash().is_empty();
        return chat.then(|| link.pathname() + &link.search());
    }
    let stays = link.target().is_empty() && link.rel() != "external" && !link.has_attribute("download");
    // Ours are written from the root on, without a host and without a part to scroll to.
    let chat = Page::of(Address::parse(&href).path()) == Page::Chat && !href.contains('#');
    (plain && stays && chat).then_some(href)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries() {
        let cases = [
            ("", None),
            ("?to=", Some("")),
            ("to=ada", Some("ada")),
            ("?before=7&to=ada+b%C3%A4%26&to=bob", Some("ada bä&")),
            ("?total=1&to", Some("")),
        ];
        for (query, expected) in cases {
            assert_eq!(Address::new("/c", query).query("to").as_deref(), expected, "{query}");
        }
        assert_eq!(Address::parse("/c?to=a?b"), Address::new("/c", "to=a?b"));
    }
}
