//! Code of several lines: scrolls within itself, and can be copied.

use leptos::html;
use leptos::prelude::*;

use crate::ui::parts::clipboard::clipboard;
use crate::ui::text;

#[component]
pub(super) fn CodeBlock(language: Option<String>, code: String) -> impl IntoView {
    let at = NodeRef::<html::Pre>::new();
    let copied = RwSignal::new(false);
    let copy = move |_| {
        let Some(pre) = at.get_untracked() else { return };
        copied.set(copy(&pre));
    };
    view! {
        <div class="code">
            <div class="code-head">
                <span class="code-language">{language}</span>
                <button type="button" class="link-button" on:click=copy>
                    {move || if copied.get() { text::COPIED } else { text::COPY }}
                </button>
            </div>
            // Reached by the keyboard, as it may have to be scrolled.
            <pre node_ref=at tabindex="0" role="group" aria-label=text::CODE dir="ltr"><code>{code}</code></pre>
        </div>
    }
    .into_any()
}

/// Puts what it says on the clipboard. Where the page may not, as without HTTPS, it is marked, to be copied by hand.
fn copy(pre: &web_sys::HtmlElement) -> bool {
    let Some(clipboard) = clipboard() else {
        if let Ok(Some(selection)) = window().get_selection() {
            // Refused by none that has a selection.
            let _ = selection.select_all_children(pre);
        }
        return false;
    };
    let _written = clipboard.write_text(&pre.text_content().unwrap_or_default());
    true
}
