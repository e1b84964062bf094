//! What is sent to clients, as bytes: whole WebSocket frames (RFC 6455, section 5), encoded once.
//!
//! A server's frames are not masked, so one is the same for everybody, its header included: for the other nodes, too.
//! Refuses to cut a message into pieces, and to read what clients send: see the gateway's `inbound`.

use bytes::Bytes;

use crate::protocol::{CloseCode, Conversation, Event, EventBody, Seq, ServerFrame, Stream, UserId};

const TEXT: u8 = 0x1;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xa;
/// The bit that says that a message ends with this frame.
const FINAL: u8 = 0x80;
/// Longest payload whose length stands in the header's second byte; this and the next value announce two or eight
/// bytes of length.
const SHORT: usize = 125;
const TWO_BYTES: u8 = 126;
const EIGHT_BYTES: u8 = 127;

/// A frame, shared by all its receivers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame(Bytes);

impl Frame {
    fn new(opcode: u8, payload: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(10 + payload.len());
        bytes.push(FINAL | opcode);
        match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
            (Ok(length), _) if usize::from(length) <= SHORT => bytes.push(length),
            (_, Ok(length)) => {
                bytes.push(TWO_BYTES);
                bytes.extend(length.to_be_bytes());
            }
            _ => {
                bytes.push(EIGHT_BYTES);
                // A `usize` has no more than 64 bits on any platform that there is.
                bytes.extend((payload.len() as u64).to_be_bytes());
            }
        }
        bytes.extend(payload);
        // Without the spare bytes: then nothing is copied, and nothing is kept that nobody needs.
        bytes.shrink_to_fit();
        Self(Bytes::from(bytes))
    }

    /// A text frame that another node encoded, as it is; nothing where it is not just what [`Frame::from`] makes of a
    /// text: a client would be closed for it.
    #[must_use]
    pub fn from_wire(bytes: Bytes) -> Option<Self> {
        let (header, length) = match *bytes.first_chunk::<2>()? {
            [first, _] if first != FINAL | TEXT => return None,
            [_, TWO_BYTES] => (4, usize::from(u16::from_be_bytes(*bytes[2..].first_chunk()?))),
            [_, EIGHT_BYTES] => (10, usize::try_from(u64::from_be_bytes(*bytes[2..].first_chunk()?)).ok()?),
            [_, length] => (2, usize::from(length)),
        };
        let shortest = match length {
            0..=SHORT => 2,
            _ if length <= usize::from(u16::MAX) => 4,
            _ => 10,
        };
        let payload = bytes.get(header..)?;
        let whole = header == shortest && payload.len() == length && std::str::from_utf8(payload).is_ok();
        whole.then_some(Self(bytes))
    }

    #[must_use]
    pub fn ping() -> Self {
        Self::new(PING, &[])
    }

    /// The answer to a Ping of this payload.
    #[must_use]
    pub fn pong(payload: &[u8]) -> Self {
        Self::new(PONG, payload)
    }

    #[must_use]
    pub fn close(code: CloseCode) -> Self {
        Self::new(CLOSE, &[&code.code().to_be_bytes()[..], code.reason().as_bytes()].concat())
    }

    /// The answer to a peer's close: what it said.
    #[must_use]
    pub fn close_answer(payload: &[u8]) -> Self {
        Self::new(CLOSE, payload)
    }

    /// The frame as it is sent.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        self.0.clone()
    }

    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }

    /// What a text frame says.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        let payload = &self.0[self.0.len() - self.len()..];
        std::str::from_utf8(payload).ok().filter(|_| self.0[0] == FINAL | TEXT)
    }

    /// The event, where it is of this op. Nothing of what another op says is looked into.
    #[must_use]
    pub fn event(&self, op: &str) -> Option<Event> {
        let text = self.text()?;
        let is_it = text.strip_prefix(r#"{"op":""#)?.strip_prefix(op)?.starts_with('"');
        match is_it.then(|| ServerFrame::decode(text, UserId(0)))? {
            Ok(ServerFrame::Event(event)) => Some(event),
            _ => None,
        }
    }

    /// The conversation that a CONVERSATION_CREATE tells of.
    #[must_use]
    pub fn created(&self) -> Option<Conversation> {
        match self.event("CONVERSATION_CREATE")?.body {
            EventBody::ConversationCreate(conversation) => Some(conversation),
            _ => None,
        }
    }

    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.0
    }

    /// Bytes of its payload.
    #[must_use]
    pub fn len(&self) -> usize {
        let header = match self.0[1] {
            TWO_BYTES => 4,
            EIGHT_BYTES => 10,
            _ => 2,
        };
        self.0.len() - header
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl From<String> for Frame {
    fn from(text: String) -> Self {
        Self::new(TEXT, text.as_bytes())
    }
}

/// A frame on its way to one connection.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Where it stands in a log; nothing for state and passing things.
    pub position: Option<(Stream, Seq)>,
    pub frame: Frame,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_says_how_long_it_is() {
        // (bytes of text, the header)
        let cases: &[(usize, &[u8])] = &[
            (0, &[0x81, 0]),
            (125, &[0x81, 125]),
            (126, &[0x81, 126, 0, 126]),
            (255, &[0x81, 126, 0, 255]),
            (256, &[0x81, 126, 1, 0]),
            (65_535, &[0x81, 126, 255, 255]),
            (65_536, &[0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ];
        for (length, header) in cases {
            let frame = Frame::from("x".repeat(*length));
            assert_eq!((&frame.bytes()[..header.len()], frame.len()), (*header, *length));
            assert_eq!(frame.bytes().len(), header.len() + length);
        }
    }

    #[test]
    fn what_another_node_encoded_is_taken_as_it_is_or_not_at_all() {
        for length in [0, 1, 125, 126, 255, 65_535, 65_536] {
            let bytes = Frame::from("x".repeat(length)).bytes();
            assert_eq!(Frame::from_wire(bytes.clone()).unwrap().as_slice().as_ptr(), bytes.as_ptr(), "{length}");
            assert_eq!(Frame::from_wire(bytes.slice(..bytes.len() - 1)), None, "cut off: {length}");
            assert_eq!(Frame::from_wire([&bytes[..], b"x"].concat().into()), None, "too long: {length}");
        }
        let refused: &[&[u8]] = &[
            b"",
            b"\x81",
            b"\x81\x7e\0",
            b"\x81\x7f\0\0\0\0\0\0\0",
            b"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff",
            // Masked; in a longer form than it needs; binary; a piece; a control frame; not UTF-8.
            b"\x81\x82\0\0\0\0hi",
            b"\x81\x7e\0\x02hi",
            b"\x82\x02hi",
            b"\x01\x02hi",
            b"\x89\x02hi",
            b"\x81\x02h\xff",
        ];
        for bytes in refused {
            assert_eq!(Frame::from_wire(Bytes::copy_from_slice(bytes)), None, "{bytes:?}");
        }
    }

    #[test]
    fn control_frames_are_byte_for_byte() {
        assert_eq!(Frame::ping().bytes()[..], [0x89, 0]);
        assert_eq!(Frame::pong(b"hi").bytes()[..], *b"\x8a\x02hi");
        assert_eq!(Frame::close_answer(&[]).bytes()[..], [0x88, 0]);
        let close = Frame::close(CloseCode::FellBehind).bytes();
        assert_eq!((close[0], usize::from(close[1])), (0x88, close.len() - 2));
        assert_eq!(close[2..4], 4010_u16.to_be_bytes());
    }
}
