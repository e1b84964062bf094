//! Putting something on the clipboard.

use js_sys::Reflect;
use js_sys::futures::JsFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{Clipboard, HtmlDocument, HtmlElement, HtmlTextAreaElement};

use crate::ui::live::Live;

/// Copies `text`, or says that the browser refuses.
pub(super) fn copy(live: Live, text: String) {
    spawn_local(async move {
        let copied = match clipboard() {
            Some(clipboard) => JsFuture::from(clipboard.write_text(&text)).await.is_ok(),
            None => copy_selected(&text).unwrap_or_default(),
        };
        if !copied {
            live.says.try_set(Some(crate::ui::text::COPY_REFUSED.to_owned()));
        }
    });
}

/// The page's own: one that did not come by HTTPS has none.
pub(super) fn clipboard() -> Option<Clipboard> {
    let clipboard = Reflect::get(&window().navigator(), &"clipboard".into()).ok()?;
    (!clipboard.is_undefined()).then(|| clipboard.unchecked_into())
}

/// What a page selects it may copy without a clipboard of its own. The focus is back where it was.
fn copy_selected(text: &str) -> Option<bool> {
    let page = document();
    let focused = page.active_element().and_then(|element| element.dyn_into::<HtmlElement>().ok());
    let area: HtmlTextAreaElement = page.create_element("textarea").ok()?.dyn_into().ok()?;
    area.set_value(text);
    page.body()?.append_child(&area).ok()?;
    area.select();
    let copied = page.unchecked_into::<HtmlDocument>().exec_command("copy").ok();
    area.remove();
    let _focused = focused.map(|element| element.focus());
    copied
}
