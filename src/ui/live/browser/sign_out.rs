//! Signing out takes what is unsent in this browser with it; only then: a session that ended otherwise takes nothing.

use leptos::prelude::location;
use leptos::task::spawn_local;

use super::fetch::answer;
use super::storage::Storage;
use super::tabs::{Notice, Tabs};
use crate::api;
use crate::protocol::{ErrorCode, UserId};

pub(super) fn unsent(user: UserId, then: impl FnOnce(u32) + 'static) {
    spawn_local(async move {
        let found = Storage::of(user).read().await;
        then(found.map_or(0, |found| u32::try_from(found.kept.len()).unwrap_or(u32::MAX)));
    });
}

/// The session ends first: who could not be signed out keeps everything.
pub(super) fn sign_out(user: UserId, then: impl FnOnce(String) + 'static) {
    spawn_local(async move {
        match answer(api::sign_out(Some(user.0))).await {
            Err(error) if error.code != ErrorCode::Unauthenticated => return then(error.message.to_string()),
            Ok(()) | Err(_) => {}
        }
        // The other tabs must not write down again what they hold.
        Tabs::of(user).tell(&Notice::Over);
        Storage::of(user).clear().await;
        // A browser that refuses its own site's address leaves nothing to do.
        let _ = location().set_href("/");
    });
}
