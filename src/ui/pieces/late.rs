//! What waits for the chat's parts: a part that is wanted, a dialog that somebody asked for, a pane that somebody went to.

use leptos::prelude::*;

use super::{Standing, use_pieces};
use crate::ui::parts::{Notice, Part, RowsSkeleton, saying};
use crate::ui::text;

/// A part that is drawn when it is `wanted` for the first time, and stays. Where it cannot be loaded, the next wish tries
/// again.
pub(in crate::ui) fn late(
    wanted: impl Fn() -> bool + Send + Sync + 'static,
    part: impl Fn() -> Part + Send + 'static,
) -> AnyView {
    let pieces = use_pieces();
    let wanted = Memo::new(move |_| wanted());
    let drawn = Memo::new(move |was: Option<&bool>| {
        was == Some(&true) || (wanted.get() && pieces.parts.get() == Standing::Here)
    });
    Effect::new(move |_| {
        if wanted.get() {
            pieces.fetch_parts();
        }
    });
    (move || drawn.get().then(|| pieces.source.part(part()))).into_any()
}

/// [`late`] for a dialog that somebody asked for: it says where it cannot be loaded, and `give_up` unwants it.
pub(in crate::ui) fn late_dialog(
    wanted: impl Fn() -> bool + Copy + Send + Sync + 'static,
    give_up: impl Fn() + 'static,
    part: impl Fn() -> Part + Send + 'static,
) -> AnyView {
    let pieces = use_pieces();
    let lost = RwSignal::new(false);
    Effect::new(move |_| match pieces.parts.get() {
        Standing::Lost if untrack(wanted) => {
            lost.set(true);
            give_up();
        }
        Standing::Lost => {}
        Standing::Away | Standing::Coming | Standing::Here => lost.set(false),
    });
    let told = move || {
        let dismiss = move || lost.set(false);
        let told = move || saying(text::NOT_LOADED.to_owned(), dismiss);
        lost.get().then(|| view! { <div class="lost" role="alert">{told()}</div> }.into_any())
    };
    view! { {late(wanted, part)} {told} }.into_any()
}

/// A pane, with what stands `around` it until it is drawn: bones while it comes, and a way to try again where it did not.
pub(in crate::ui) fn late_pane(around: impl Fn(AnyView) -> AnyView + Send + 'static, part: Part) -> AnyView {
    let pieces = use_pieces();
    Effect::new(move |_| pieces.fetch_parts());
    let part = StoredValue::new(Some(part));
    let drawn = move || match pieces.parts.get() {
        Standing::Here => part.try_update_value(Option::take).flatten().map(|part| pieces.source.part(part)).into_any(),
        Standing::Away | Standing::Coming => around(view! { <RowsSkeleton/> }.into_any()),
        Standing::Lost => around(
            view! {
                <Notice sentence=text::NOT_LOADED title=true>
                    <button class="button" type="button" on:click=move |_| pieces.fetch_parts()>{text::RETRY}</button>
                </Notice>
            }
            .into_any(),
        ),
    };
    drawn.into_any()
}
