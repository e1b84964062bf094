//! The document around the app: head, scripts, style sheet. Rendered on the server only.

use leptos::attr::custom::custom_attribute;
use leptos::config::LeptosOptions;
use leptos::hydration::AutoReload;
use leptos::nonce::use_nonce;
use leptos::prelude::*;

use super::address::Address;
use super::app::{App, PageTitle, use_page};
use super::page_data::PAGE_DATA_ID;
use super::parts::escaped;
use super::pieces::{Piece, Pieces, Whole};
use super::routes::{self, Page};
use super::site::SiteUrls;
use crate::protocol::{Density, Preferences, Theme};

/// The whole document; `data` is the page's [`PageData`](super::PageData) as a script. `watch` carries the options while
/// `cargo leptos watch` runs; the reload script is emitted only then.
#[must_use]
pub fn shell(site: SiteUrls, data: String, preferences: Preferences, watch: Option<LeptosOptions>) -> impl IntoView {
    let title = PageTitle::default();
    Pieces::provide(&Whole, true);
    provide_context(title.clone());
    let theme = match preferences.theme {
        Theme::System => None,
        Theme::Light => Some("light"),
        Theme::Dark => Some("dark"),
    };
    let density = (preferences.density == Density::Compact).then_some("compact");
    let colour = if preferences.theme == Theme::Dark { "#0d0f14" } else { "#eef0f5" };
    // Before its head, which has the title that the page gives itself.
    let app = App();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme data-density=density>
            <head>
                <meta charset="utf-8"/>
                <title inner_html=escaped(&title.take())></title>
                <meta
                    name="viewport"
                    content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content"
                />
                <meta name="color-scheme" content=theme.unwrap_or("light dark")/>
                // The same colours as `--surface-sunken` in style/_tokens.scss: a browser's bar knows no OKLCH.
                {theme.is_none().then(|| view! {
                    <meta name="theme-color" {..custom_attribute("media", "(prefers-color-scheme: light)")} content="#eef0f5"/>
                    <meta name="theme-color" {..custom_attribute("media", "(prefers-color-scheme: dark)")} content="#0d0f14"/>
                })}
                {theme.map(|_| view! { <meta name="theme-color" content=colour/> })}
                <link rel="stylesheet" href=site.css.clone()/>
                <link rel="icon" type="image/svg+xml" href="/favicon.svg"/>
                <link rel="apple-touch-icon" href="/apple-touch-icon.png"/>
                <link rel="manifest" href="/manifest.webmanifest"/>
                {watch.map(|options| view! { <AutoReload options/> })}
                <HydrationScript site/>
            </head>
            <body>
                {app}
                // After all that people read; the browser's half starts when the document is complete.
                <script type="application/json" id=PAGE_DATA_ID nonce=use_nonce()>{data}</script>
            </body>
        </html>
    }
}

/// The address that a page stands for, where it is drawn under another: a plain form that failed is answered at the
/// form's own address. The browser is told before it reads the address, and a reload then asks for the page.
#[derive(Debug, Clone)]
pub struct PageAddress(pub String);

/// Starts the browser's half. Leptos's own component reads a hash file beside the program; ours is told. A page that no
/// script adds anything to has none: where it leads to the chat, that comes while the reader types.
#[component]
fn HydrationScript(site: SiteUrls) -> impl IntoView {
    let SiteUrls { js, wasm, pieces, .. } = site;
    let here = use_context::<Address>().unwrap_or_default();
    let address = use_context::<PageAddress>()
        .map(|PageAddress(path)| format!("history.replaceState(null, \"\", {path:?});\n"))
        .unwrap_or_default();
    let page = Page::of(here.path());
    let is_alive = use_page().context.viewer.is_some() && page.may_live();
    let link = |rel: &'static str, href: String| {
        view! { <link rel=rel href=href r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/> }
    };
    if !is_alive {
        let next = (page != Page::Nothing).then(|| {
            view! {
                <link rel="prefetch" href=js r#as="script"/>
                {link("prefetch", wasm)}
                {pieces.urls(&[Piece::Parts]).into_iter().map(|href| link("prefetch", href)).collect_view()}
            }
        });
        let script = (!address.is_empty()).then(|| view! { <script nonce=use_nonce()>{address}</script> });
        return view! { {next}{script} }.into_any();
    }
    let needed = pieces.urls(routes::pieces(&here));
    let script = format!(
        "import init, {{ hydrate }} from {js:?};\n{address}await init({{ module_or_path: {wasm:?} }});\nhydrate();"
    );
    view! {
        <link rel="modulepreload" href=js/>
        {link("preload", wasm)}
        {needed.into_iter().map(|href| link("preload", href)).collect_view()}
        <script type="module" nonce=use_nonce()>{script}</script>
    }
    .into_any()
}
