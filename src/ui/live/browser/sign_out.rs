//! Signing out takes what is unsent in this browser with it; only then: a session that ended otherwise takes nothing.

use leptos::prelude::location;
use leptos::task::spawn_local;

use super::answers::answer;
use super::storage::Storage;
use super::tabs::{Notice, Tabs};
use crate::api;
use crate::protocol::{ErrorCode, UserId};
use crate::ui::live::Left;
use crate::ui::text;

pub(super) fn unsent(user: UserId, then: impl FnOnce(Option<Left>) + 'static) {
    spawn_local(async move {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let found = Storage::of(user).read().await;
        then(found.map(|found| Left { messages: number(found.kept.len()), drafts: number(found.drafts.len()) }));
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
        // A second try with a connection of its own. What then remains is said: others may use this browser.
        if Storage::of(user).clear().await.is_none() && Storage::of(user).clear().await.is_none() {
            return then(text::UNSENT_REMAINS.to_owned());
        }
        // A browser that refuses its own site's address leaves nothing to do.
        let _ = location().set_href("/");
    });
}
