//! A labelled input of a plain form. Uncontrolled: what was typed before hydration stays.

use leptos::attr::custom::custom_attribute;
use leptos::prelude::*;

use super::form_error::FORM_ERROR;
use crate::protocol::limits::PASSWORD_CHARS;

/// `name` is both the form's field and the element's id: a page has one form with such a field.
#[component]
pub fn Field(
    label: &'static str,
    name: &'static str,
    #[prop(default = "text")] kind: &'static str,
    autocomplete: &'static str,
    #[prop(optional)] hint: Option<&'static str>,
    /// What was typed before, when the form comes back.
    #[prop(optional_no_strip)]
    value: Option<String>,
    /// Whether the form came back because of it: it takes the focus, and is read with the form's error.
    #[prop(optional)]
    wrong: bool,
    /// Whether it may be left empty.
    #[prop(optional)]
    optional: bool,
) -> impl IntoView {
    let hint_id = format!("{name}-hint");
    let described = [wrong.then_some(FORM_ERROR), hint.map(|_| hint_id.as_str())];
    let described: Vec<&str> = described.into_iter().flatten().collect();
    let described = (!described.is_empty()).then(|| described.join(" "));
    let rules = (autocomplete == "new-password").then(password_rules);
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                id=name
                name=name
                type=kind
                autocomplete=autocomplete
                autocapitalize="none"
                spellcheck="false"
                {..custom_attribute("passwordrules", rules)}
                required=!optional
                dir="auto"
                value=value
                aria-describedby=described
                aria-invalid=wrong.then_some("true")
                autofocus=wrong
            />
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
        </div>
    }
}

/// For programs that make passwords up. People are told by the server, in a sentence: `minlength` would speak in the
/// browser's own words, and `maxlength` cuts what is pasted without one.
fn password_rules() -> String {
    format!("minlength: {}; maxlength: {};", PASSWORD_CHARS.start(), PASSWORD_CHARS.end())
}
