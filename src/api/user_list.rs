//! Finds people.

use leptos::prelude::*;

use super::{ApiError, Call};
use crate::protocol::{UserId, UserList};

/// Those whose name or display name begins with `query`, after the user `after`; everybody where it is empty.
#[server(name = ListUsers, protocol = Call, prefix = "/api", endpoint = "user-list")]
pub async fn user_list(query: Option<String>, after: Option<UserId>, limit: Option<u32>) -> Result<UserList, ApiError> {
    let caller = crate::server::caller::signed_in(None)?;
    let query = query.unwrap_or_default();
    caller.answer(caller.state.chat.find_people(caller.viewer.user.id, &query, after, limit).await)
}
