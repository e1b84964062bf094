//! What the benches are run on: messages of a room, as people write them.

use chatter::protocol::{ConversationId, Event, EventBody, Message, Seq, Stream, UserId, UserRef};

pub const CONVERSATION: ConversationId = ConversationId(42);
pub const ME: UserId = UserId(7);
/// Of about the length that people write in a chat.
pub const SHORT: &str = "A message of about the length that people write in a chat, \"quoted\" & with an ü.";

#[must_use]
pub fn message(seq: i64, content: &str) -> Message {
    let nonce = "018f6f3a-7c1e-7000-8000-0123456789ab".into();
    Message::new(Seq(seq), UserRef::new(UserId(8), "ada"), content.into(), nonce, 1_700_000_000_000)
}

#[must_use]
pub fn event(seq: i64, content: &str) -> Event {
    Event {
        stream: Stream::Conversation(CONVERSATION),
        seq: Seq(seq),
        body: EventBody::MessageCreate(message(seq, content)),
    }
}

/// About the longest text that may be posted.
#[must_use]
pub fn long() -> String {
    "Longer, with a line.\r\n".repeat(180)
}
