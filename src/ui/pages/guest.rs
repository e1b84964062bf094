//! What stands in the place of a page for who is not signed in: the way to be. Drawn by the server alone, as all of it
//! works without scripts.

use leptos::prelude::*;

use crate::ui::app::{set_title, use_page};
use crate::ui::parts::{Card, SignInForm};
use crate::ui::text;

#[component]
pub fn Guest() -> impl IntoView {
    set_title(text::title(0, Some(text::SIGN_IN)));
    let page = use_page().context.clone();
    view! { <Card title=text::SIGN_IN lead=text::SIGN_IN_TO_READ><SignInForm page/></Card> }
}
