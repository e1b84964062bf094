//! Putting something on the clipboard.

use js_sys::futures::JsFuture;
use js_sys::{Object, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{HtmlDocument, HtmlElement, HtmlTextAreaElement};

use crate::ui::live::Live;

/// Copies `text`, or says that the browser refuses.
pub(super) fn copy(live: Live, text: String) {
    spawn_local(async move {
        let navigator: Object = window().navigator().unchecked_into();
        // A page that did not come by HTTPS has none.
        let has = Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|clipboard| !clipboard.is_undefined());
        let copied = match has {
            true => JsFuture::from(window().navigator().clipboard().write_text(&text)).await.is_ok(),
            false => copy_selected(&text).unwrap_or_default(),
        };
        if !copied {
            live.says.try_set(Some(crate::ui::text::COPY_REFUSED.to_owned()));
        }
    });
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
