//! What the tabs of one user tell each other (BroadcastChannel): hints, as the disk is the truth. One that is lost,
//! late or told twice costs a look at the disk. A browser without channels has tabs that look when they become visible.

use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, MessageEvent};

use crate::protocol::{Posted, UserId};

pub(super) enum Notice {
    /// Something was written, failed, retried or taken back.
    Changed,
    /// Acknowledged: the row takes its place without waiting for the echo.
    Sent(Posted),
    /// The user signed out, and their outbox and drafts were removed.
    Over,
}

const OVER: &str = "over";

impl Notice {
    fn encode(&self) -> String {
        match self {
            Self::Changed => "changed".to_owned(),
            Self::Sent(Posted { conversation_id, seq, nonce }) => format!("sent {conversation_id} {seq} {nonce}"),
            Self::Over => OVER.to_owned(),
        }
    }

    /// A notice of a later version is taken for a change.
    fn decode(text: &str) -> Self {
        let sent = |text: &str| {
            let mut words = text.strip_prefix("sent ")?.splitn(3, ' ');
            let (conversation_id, seq) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
            Some(Posted { conversation_id, seq, nonce: words.next()?.to_owned() })
        };
        if text == OVER { Self::Over } else { sent(text).map_or(Self::Changed, Self::Sent) }
    }
}

/// Closed when dropped.
pub(super) struct Tabs(Option<BroadcastChannel>);

impl Tabs {
    pub(super) fn of(user: UserId) -> Self {
        Self(BroadcastChannel::new(&format!("chatter-{user}")).ok())
    }

    pub(super) fn tell(&self, notice: &Notice) {
        if let Some(channel) = &self.0 {
            // Refused by a channel that is closed: the page is going away.
            let _ = channel.post_message(&JsValue::from_str(&notice.encode()));
        }
    }

    /// Told by the others, for the page's life.
    pub(super) fn listen(&self, then: impl Fn(Notice) + 'static) {
        let Some(channel) = &self.0 else { return };
        let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            then(Notice::decode(&event.data().as_string().unwrap_or_default()));
        });
        channel.set_onmessage(Some(heard.into_js_value().unchecked_ref()));
    }
}
