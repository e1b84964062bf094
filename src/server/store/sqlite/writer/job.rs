//! A change of whatever type, in a form in which the writer can queue it beside others.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot;

use super::Writing;
use crate::server::store::StoreError;

/// A change and the caller who waits for it.
pub(super) trait Job: Send {
    /// Does it, and keeps the outcome for the caller.
    fn run(&mut self, writing: &mut Writing<'_>) -> Result<(), &StoreError>;
    /// Tells the caller, if they still listen. `lost`: what became of the whole group.
    fn answer(self: Box<Self>, lost: Option<&StoreError>);
}

pub(super) struct Asked<T, F> {
    work: Option<F>,
    outcome: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Asked<T, F> {
    pub(super) fn new(work: F, reply: oneshot::Sender<Result<T, StoreError>>) -> Self {
        Self { work: Some(work), outcome: None, reply }
    }
}

impl<T, F> Job for Asked<T, F>
where
    T: Send,
    F: FnOnce(&mut Writing<'_>) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, writing: &mut Writing<'_>) -> Result<(), &StoreError> {
        let work = self.work.take().expect("a change runs once");
        // A panic costs its own caller an error, never the writer: it counts as a failed change.
        let outcome = catch_unwind(AssertUnwindSafe(|| work(writing)))
            .unwrap_or_else(|_| Err(StoreError::Internal("a change panicked".into())));
        self.outcome.insert(outcome).as_ref().map(|_| ())
    }

    fn answer(self: Box<Self>, lost: Option<&StoreError>) {
        let outcome = match (lost, self.outcome) {
            (Some(lost), _) => Err(lost.clone()),
            (None, Some(outcome)) => outcome,
            (None, None) => Err(StoreError::Unavailable("it was not tried".into())),
        };
        // A caller who left does not undo what was committed.
        let _ = self.reply.send(outcome);
    }
}
