//! Asking the server as one types: after a pause, and only the last question's answer counts.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::user_list;
use crate::protocol::Profile;

/// Less than the time between two words, more than between two letters.
const PAUSE: Duration = Duration::from_millis(200);
/// People that are asked for at most.
const PEOPLE: u32 = 8;

/// The number of the last question.
#[derive(Clone, Copy)]
pub(super) struct Lookup(StoredValue<u32>);

/// What is done with the people; none where they could not be asked for.
type Then = Box<dyn FnOnce(Option<Vec<Profile>>)>;

impl Lookup {
    pub(super) fn new() -> Self {
        Self(StoredValue::new(0))
    }

    /// No answer that is on its way counts any more. None where the asker has gone.
    pub(super) fn forget(self) -> Option<u32> {
        self.0.try_update_value(|last| {
            *last = last.wrapping_add(1);
            *last
        })
    }

    /// Whether nothing was asked or forgotten since.
    pub(super) fn is_last(self, question: Option<u32>) -> bool {
        question.is_some() && self.0.try_get_value() == question
    }

    /// Asks for the people whose name or display name begins so. Answers the question's number.
    pub(super) fn people(self, typed: String, then: Then) -> Option<u32> {
        let question = self.forget();
        let ask = move || {
            if self.is_last(question) {
                spawn_local(async move {
                    let found = user_list(Some(typed), None, Some(PEOPLE)).await;
                    if self.is_last(question) {
                        then(found.ok().map(|list| list.users));
                    }
                });
            }
        };
        set_timeout(ask, PAUSE);
        question
    }
}
