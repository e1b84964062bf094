//! The list of offers, above the line that is typed into.

use leptos::prelude::*;

use super::{LIST, Offer, Offers, offer_id};
use crate::ui::text;

#[component]
pub(in crate::ui::parts::composer) fn OfferList(
    offers: Offers,
    changed: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let items = move || {
        offers.shown.get().map(|shown| {
            let item = |(at, offer): (usize, Offer)| {
                view! {
                    <li
                        role="option"
                        id=offer_id(at)
                        aria-selected=(at == shown.at).to_string()
                        // The textarea keeps the focus.
                        on:mousedown=move |event| event.prevent_default()
                        on:click=move |_| offers.take(Some(at), changed)
                    >
                        <bdi>{offer.label}</bdi>
                    </li>
                }
            };
            shown.offers.into_iter().enumerate().map(item).collect_view()
        })
    };
    let is_empty = move || offers.shown.with(Option::is_none);
    view! { <ul id=LIST class="composer-offers" role="listbox" aria-label=text::OFFERS hidden=is_empty>{items}</ul> }
        .into_any()
}
