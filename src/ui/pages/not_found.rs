//! An address that leads nowhere, with the status that says so.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::ui::app::set_status;
use crate::ui::parts::Card;
use crate::ui::text;

#[component]
pub fn NotFound() -> impl IntoView {
    set_status(404);
    view! {
        <Title text=text::title(0, Some(text::NOT_FOUND))/>
        <Card title=text::NOT_FOUND lead=text::NOT_FOUND_HINT>
            <a class="button primary wide" href="/" rel="external">{text::GO_HOME}</a>
        </Card>
    }
}
