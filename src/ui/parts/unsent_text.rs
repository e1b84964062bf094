//! What was typed where it could not be sent and there is no composer to put it into: shown so that it can be copied
//! and is not lost.

use leptos::prelude::*;

use super::FormError;
use super::area_text::area_html;
use crate::api::FormFailure;
use crate::protocol::ErrorCode;
use crate::ui::text;

#[component]
pub fn UnsentText(failure: Option<FormFailure>) -> impl IntoView {
    let failure = failure?;
    let label = if failure.code == ErrorCode::Unauthenticated { text::UNSENT_SIGN_IN } else { text::UNSENT };
    // Another account's words are not for the one that is signed in now.
    let own = failure.code != ErrorCode::WrongSession;
    let content = failure.typed("content").filter(|content| own && !content.is_empty());
    Some(view! {
        <div class="unsent">
            <FormError failure=Some(failure)/>
            {content.map(|content| view! {
                <div class="field">
                    <label for="unsent">{label}</label>
                    <textarea id="unsent" rows="4" readonly dir="auto" inner_html=area_html(&content)></textarea>
                </div>
            })}
        </div>
    })
}
