//! A part of the settings: its title, what was just done there, and its form.

use leptos::prelude::*;

use crate::ui::address::use_address;

/// `id` names the part in the address that a saved form leads to.
#[component]
pub(super) fn Section(
    id: &'static str,
    title: &'static str,
    /// What is said after its form was saved.
    #[prop(optional)]
    saved: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    let is_saved = use_address().with_untracked(|here| match id {
        "password" => here.query("changed").is_some(),
        _ => here.query("saved").is_some_and(|part| part == id),
    });
    let saved = saved.filter(|_| is_saved);
    view! {
        <section class="settings-part" aria-labelledby=id>
            <h2 id=id>{title}</h2>
            {saved.map(|saved| view! { <p class="done" role="status">{saved}</p> })}
            {children()}
        </section>
    }
    .into_any()
}

/// Choices of which one holds, in a form.
#[component]
pub(super) fn Choices(
    name: &'static str,
    legend: &'static str,
    /// Each by its value on the wire, what people read, and whether it holds.
    options: Vec<(&'static str, &'static str, bool)>,
) -> impl IntoView {
    let options = options.into_iter().map(|(value, label, holds)| {
        view! {
            <label class="choice">
                <input type="radio" name=name value=value checked=holds/>
                <span>{label}</span>
            </label>
        }
    });
    view! {
        <fieldset class="choices">
            <legend>{legend}</legend>
            {options.collect_view()}
        </fieldset>
    }
    .into_any()
}
