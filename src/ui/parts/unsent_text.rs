//! What was typed when the session had ended: shown beside the sign-in form, so that it can be copied and is not lost.

use leptos::prelude::*;

use super::FormError;
use super::area_text::area_html;
use crate::api::PageContext;
use crate::ui::app::failure_of;
use crate::ui::text;

#[component]
pub fn UnsentText(page: PageContext) -> impl IntoView {
    let failure = failure_of(&page, "message-post")?;
    let content = failure.typed("content").filter(|content| !content.is_empty());
    Some(view! {
        <FormError failure=Some(failure)/>
        {content.map(|content| view! {
            <div class="field">
                <label for="unsent">{text::UNSENT}</label>
                <textarea id="unsent" rows="4" readonly dir="auto" inner_html=area_html(&content)></textarea>
            </div>
        })}
    })
}
