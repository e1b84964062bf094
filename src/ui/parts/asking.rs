//! What a plain form asks for, asked without leaving the page once scripts run; and what came of it.

use std::pin::Pin;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Icon, IconName};
use crate::api::{ApiError, FormFailure};
use crate::protocol::ErrorCode;
use crate::ui::live::Live;
use crate::ui::text;

/// What came of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    Done,
    Refused(String),
}

#[derive(Clone, Copy)]
pub(super) struct Asking {
    live: Live,
    outcome: RwSignal<Option<Outcome>>,
    busy: StoredValue<bool>,
}

pub(super) type Request<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>>>>;

impl Asking {
    /// `failure`: why the plain form came back.
    pub(super) fn new(failure: Option<&FormFailure>) -> Self {
        let refused = failure.map(|failure| Outcome::Refused(failure.message.clone()));
        Self { live: expect_context(), outcome: RwSignal::new(refused), busy: StoredValue::new(false) }
    }

    /// Asks in the form's place, where scripts do that. One at a time. `request` is given whose page this is.
    pub(super) fn ask<T: 'static>(
        self,
        event: &SubmitEvent,
        request: impl FnOnce(Option<i64>) -> Request<T>,
        then: impl FnOnce(T) + 'static,
    ) {
        let live = self.live;
        if !live.is_live() {
            return;
        }
        event.prevent_default();
        if self.busy.get_value() {
            return;
        }
        self.busy.set_value(true);
        self.outcome.set(None);
        let request = request(Some(live.me.with_value(|me| me.id.0)));
        spawn_local(async move {
            let answer = request.await;
            self.busy.try_set_value(false);
            match answer {
                Ok(answer) => {
                    self.outcome.try_set(Some(Outcome::Done));
                    then(answer);
                }
                Err(error) if error.code == ErrorCode::Unauthenticated => {
                    let _left = window().location().set_href("/?ended");
                }
                Err(error) => {
                    self.outcome.try_set(Some(Outcome::Refused(error.message.into_owned())));
                }
            }
        });
    }

    /// Forgets what came of it, as what is typed is another text by now.
    pub(super) fn again(self) {
        if self.outcome.with_untracked(Option::is_some) {
            self.outcome.set(None);
        }
    }
}

/// Why it was refused; or, where `done` says so, that it was done.
#[component]
pub(super) fn Outcome(asking: Asking, #[prop(optional)] done: bool) -> impl IntoView {
    view! {
        <div class="outcome" role="status">
            {move || match asking.outcome.get() {
                Some(Outcome::Refused(why)) => Some(view! {
                    <p class="form-error" role="alert"><Icon name=IconName::Warning/><span>{why}</span></p>
                }.into_any()),
                Some(Outcome::Done) if done => Some(view! { <p class="done">{text::SAVED}</p> }.into_any()),
                Some(Outcome::Done) | None => None,
            }}
        </div>
    }
    .into_any()
}

/// Whose page the form is on, and about which conversation.
#[component]
pub(super) fn About(me: i64, #[prop(optional_no_strip)] conversation: Option<i64>) -> impl IntoView {
    view! {
        <input type="hidden" name="as_user" value=me.to_string()/>
        {conversation.map(|id| view! { <input type="hidden" name="conversation_id" value=id.to_string()/> })}
    }
    .into_any()
}
