//! What the tabs of one user tell each other (BroadcastChannel): hints, as the disk is the truth. One that is lost,
//! late or told twice costs a look at the disk. A browser without channels has tabs that look when they become visible.

use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, MessageEvent};

use crate::protocol::{Posted, UserId};

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Notice {
    /// Something was written, failed, retried or taken back.
    Changed,
    /// Acknowledged: the row takes its place without waiting for the echo.
    Sent(Posted),
    /// The user signed out, and their outbox and drafts were removed.
    Over,
}

/// Closed when dropped.
pub(super) struct Tabs(Option<BroadcastChannel>);

impl Tabs {
    pub(super) fn of(user: UserId) -> Self {
        Self(BroadcastChannel::new(&format!("chatter-{user}")).ok())
    }

    pub(super) fn tell(&self, notice: &Notice) {
        if let (Some(channel), Ok(json)) = (&self.0, serde_json::to_string(notice)) {
            // Refused by a channel that is closed: the page is going away.
            let _ = channel.post_message(&JsValue::from_str(&json));
        }
    }

    /// Told by the others, for the page's life. A notice of a later version is taken for a change.
    pub(super) fn listen(&self, then: impl Fn(Notice) + 'static) {
        let Some(channel) = &self.0 else { return };
        let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let json = event.data().as_string().unwrap_or_default();
            then(serde_json::from_str(&json).unwrap_or(Notice::Changed));
        });
        channel.set_onmessage(Some(heard.into_js_value().unchecked_ref()));
    }
}
