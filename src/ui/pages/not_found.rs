//! An address that leads nowhere, with the status that says so.

use leptos::prelude::*;

use crate::ui::app::{set_status, set_title};
use crate::ui::parts::Card;
use crate::ui::text;

#[component]
pub fn NotFound() -> impl IntoView {
    set_status(404);
    set_title(text::title(0, Some(text::NOT_FOUND)));
    view! {
        <Card title=text::NOT_FOUND lead=text::NOT_FOUND_HINT>
            <a class="button primary wide" href="/" rel="external">{text::GO_HOME}</a>
        </Card>
    }
}
