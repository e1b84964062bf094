//! Why a plain form came back, above its fields.

use leptos::prelude::*;

use super::icon::{Icon, IconName};
use crate::api::FormFailure;

#[component]
pub fn FormError(failure: Option<FormFailure>) -> impl IntoView {
    failure.map(|failure| {
        view! {
            <p class="form-error" role="alert">
                <Icon name=IconName::Warning/>
                <span>{failure.message}</span>
            </p>
        }
    })
}
