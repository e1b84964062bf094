//! The root component and what every page reads: who looks at it, and what came of a plain form.

use std::sync::{Arc, Mutex, PoisonError};

use leptos::prelude::*;

use super::address::Whereabouts;
use super::page_data::PageData;
use super::routes::AppRoutes;
use crate::api::{FormFailure, PageContext};

/// Sets the HTTP status of the page that is being rendered; the server puts it into the context, in the browser
/// there is none.
#[derive(Clone)]
pub struct StatusHook(pub Arc<dyn Fn(u16) + Send + Sync>);

/// Says which status the page has, where somebody listens.
pub fn set_status(status: u16) {
    if let Some(StatusHook(set)) = use_context::<StatusHook>() {
        set(status);
    }
}

/// The title of the page that is being drawn. The document around it reads it; in the browser it stands there already.
#[derive(Clone, Default)]
pub(super) struct PageTitle(Arc<Mutex<String>>);

impl PageTitle {
    /// What was said last.
    pub(super) fn take(&self) -> String {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Says what the page is called, where it is being drawn for its document.
pub fn set_title(title: String) {
    if let Some(PageTitle(place)) = use_context::<PageTitle>() {
        *place.lock().unwrap_or_else(PoisonError::into_inner) = title;
    }
}

/// What this page is drawn from; the server and the browser's entry put it into the context.
#[must_use]
pub fn use_page() -> Arc<PageData> {
    expect_context()
}

/// What came of the plain form `action`, if it was that one which failed.
#[must_use]
pub fn failure_of(page: &PageContext, action: &str) -> Option<FormFailure> {
    page.form.clone().filter(|form| form.action == action)
}

#[component]
pub fn App() -> impl IntoView {
    let here = Whereabouts::provide();
    view! { <AppRoutes here/> }
}
