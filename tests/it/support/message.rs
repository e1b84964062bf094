//! A plain message, as a store takes it.

use chatter::protocol::UserId;
use chatter::server::clock::now_ms;
use chatter::server::store::{Called, NewMessage, Target};

/// Calls nobody and answers nothing; what a test asks for beyond that, it sets itself.
pub fn message(author: UserId, target: Target, content: &str, nonce: String) -> NewMessage {
    let (content, now_ms) = (content.into(), now_ms());
    NewMessage { author, target, content, called: Called::default(), nonce, reply_to: None, now_ms }
}
