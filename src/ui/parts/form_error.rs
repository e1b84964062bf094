//! Why a plain form came back, above its fields.

use leptos::prelude::*;

use super::icon::{Icon, IconName};
use crate::api::FormFailure;

/// The element's id, for the field that it is about.
pub(in crate::ui) const FORM_ERROR: &str = "form-error";

#[component]
pub fn FormError(failure: Option<FormFailure>) -> impl IntoView {
    failure.map(|failure| {
        view! {
            <p class="form-error" role="alert" id=FORM_ERROR>
                <Icon name=IconName::Warning/>
                <span>{failure.message}</span>
            </p>
        }
    })
}
