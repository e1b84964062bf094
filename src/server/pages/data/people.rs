//! What the pages of people are drawn from.

use axum::http::Uri;

use crate::api::ApiError;
use crate::server::auth::Viewer;
use crate::server::error::ServerError;
use crate::server::pages::address_of;
use crate::server::state::AppState;
use crate::ui::page_data::{PeopleData, PersonData, SettingsData};
use crate::ui::routes::{Page, person};

/// None for the other pages.
pub(super) async fn load(state: &AppState, viewer: &Viewer, uri: &Uri) -> Option<PeopleData> {
    let address = address_of(uri);
    Some(match Page::of(address.path()) {
        Page::Settings => PeopleData::Settings(settings(state, viewer).await.map_err(ApiError::from)),
        Page::People => {
            let (query, after) = (address.query("q").unwrap_or_default(), address.query("after"));
            let after = after.and_then(|id| id.parse().ok());
            let found = state.chat.find_people(viewer.user.id, &query, after, None).await;
            PeopleData::Directory(found.map_err(ApiError::from))
        }
        Page::Person => {
            let name = person(address.path()).unwrap_or_default();
            PeopleData::Person(person_named(state, viewer, &name).await.map_err(ApiError::from))
        }
        Page::Home | Page::SignUp | Page::Chat | Page::Nothing => return None,
    })
}

async fn settings(state: &AppState, viewer: &Viewer) -> Result<SettingsData, ServerError> {
    let account = state.chat.account(viewer.user.id).await?;
    let sessions = state.auth.devices(viewer).await?.sessions;
    let blocked = state.chat.blocked(viewer.user.id).await?.users;
    Ok(SettingsData { account, sessions, blocked })
}

async fn person_named(state: &AppState, viewer: &Viewer, name: &str) -> Result<PersonData, ServerError> {
    let profile = state.chat.profile_named(viewer.user.id, name).await?;
    let blocked = state.chat.is_blocked(viewer.user.id, profile.id).await?;
    Ok(PersonData { profile, blocked })
}
