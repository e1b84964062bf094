//! A pane that has nothing to show: why, and what was typed for it.

use leptos::ev::MouseEvent;
use leptos::prelude::*;

use crate::api::{ApiError, FormFailure};
use crate::protocol::ErrorCode;
use crate::ui::address::use_address;
use crate::ui::app::set_status;
use crate::ui::parts::{Notice, PaneHeadless, UnsentText, stranded};
use crate::ui::routes::conversation;
use crate::ui::text;

/// Why the pane shows nothing, and what was typed if it came from here.
#[component]
pub(super) fn Failed(error: ApiError, failure: Option<FormFailure>, retry: Callback<()>) -> impl IntoView {
    let here = use_address();
    if error.code == ErrorCode::NotFound {
        set_status(404);
        let gone = here.with_untracked(|here| conversation(here.path()).and_then(|id| id.parse().ok()));
        return view! {
            <Notice sentence=text::NO_SUCH_CONVERSATION title=true hint=text::NO_SUCH_CONVERSATION_HINT>
                <a class="button" href="/c">{text::ALL_CONVERSATIONS}</a>
            </Notice>
            <UnsentText failure/>
            {gone.map(stranded)}
        }
        .into_any();
    }
    // With scripts only the pane is loaded anew: a new document would forget what waits to be sent.
    let retry = move |event: MouseEvent| {
        event.prevent_default();
        retry.run(());
    };
    view! {
        <PaneHeadless/>
        <Notice sentence=text::NOT_LOADED title=true hint=error.message>
            <a class="button" rel="external" href=move || here.with(|here| here.path().to_owned()) on:click=retry>{text::RETRY}</a>
        </Notice>
        <UnsentText failure/>
    }
    .into_any()
}
