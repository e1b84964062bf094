//! Changes what the caller says of themselves, and how their pages look.

use leptos::prelude::*;

use super::given::Given;
use super::{ApiError, Call};
use crate::protocol::{Account, Density, Theme};

/// What is left out stays; a text that is empty is taken away.
#[server(protocol = Call, prefix = "/api", endpoint = "profile-update")]
pub async fn profile_update(
    #[server(default)] display_name: Given,
    #[server(default)] about: Given,
    #[server(default)] time_zone: Given,
    presence_hidden: Option<bool>,
    theme: Option<Theme>,
    density: Option<Density>,
    as_user: Option<i64>,
) -> Result<Account, ApiError> {
    let caller = crate::server::caller::signed_in(as_user)?;
    let change = crate::server::chat::ProfileChange {
        display_name: display_name.0,
        about: about.0,
        time_zone: time_zone.0,
        presence_hidden,
        theme,
        density,
    };
    caller.answer(caller.state.chat.profile_update(&caller.viewer.user, change).await)
}
