//! The table of rights ([`crate::protocol::rights`]) in the store's words.

use std::sync::Arc;

use crate::protocol::rights::{Action, Refusal, Standing};
use crate::server::store::{Permit, StoreError};

/// Whether somebody who stands so may do it.
///
/// Errors: `NotFound`, `Forbidden`, `Archived`.
pub fn check(action: Action, standing: &Standing) -> Result<(), StoreError> {
    standing.check(action).map_err(|refusal| match refusal {
        Refusal::Missing => StoreError::NotFound,
        Refusal::Forbidden => StoreError::Forbidden,
        Refusal::Archived => StoreError::Archived,
    })
}

/// That all of them may be done.
#[must_use]
pub fn permit(actions: impl Into<Vec<Action>>) -> Permit {
    let actions = actions.into();
    Arc::new(move |standing| actions.iter().try_for_each(|action| check(*action, standing)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ConversationKind;
    use crate::protocol::rights::Role;

    #[test]
    fn all_of_several_must_be_allowed() {
        let (kind, role) = (ConversationKind::Group, Role::Member);
        let member = Standing { kind, role, managed: true, open: false, archived: false };
        assert!(permit([Action::Rename, Action::Topic])(&member).is_ok());
        let refused = permit([Action::Rename, Action::Archive])(&member);
        assert!(matches!(refused, Err(StoreError::Forbidden)), "{refused:?}");
    }
}
