//! Frames in, compared with what tungstenite makes of them.

use std::io::Read;

use proptest::prelude::*;
use tokio_tungstenite::tungstenite::error::{Error, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, WebSocket};

use super::*;

/// A stream of these pieces, each of which one read gives at most.
struct Pieces(std::collections::VecDeque<Vec<u8>>);

impl Pieces {
    fn of(bytes: &[u8], size: usize) -> Self {
        Self(bytes.chunks(size.max(1)).map(<[u8]>::to_vec).collect())
    }
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let Some(mut piece) = self.0.pop_front() else { return Ok(0) };
        let count = piece.len().min(buffer.len());
        buffer[..count].copy_from_slice(&piece[..count]);
        if count < piece.len() {
            self.0.push_front(piece.split_off(count));
        }
        Ok(count)
    }
}

/// Takes whatever is written to it.
impl std::io::Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl AsyncRead for Pieces {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        let mut space = vec![0; buf.remaining()];
        let count = self.read(&mut space)?;
        buf.put_slice(&space[..count]);
        Poll::Ready(Ok(()))
    }
}

/// All that comes, and how it ends.
fn ours(bytes: &[u8], size: usize) -> (Vec<Message>, Option<ReadError>) {
    let mut inbound = Inbound::new(Box::new(Pieces::of(bytes, size)), &[]);
    let mut messages = Vec::new();
    loop {
        match inbound.poll_next(&mut Context::from_waker(std::task::Waker::noop())) {
            Poll::Ready(Ok(message)) => messages.push(message),
            Poll::Ready(Err(error)) => return (messages, Some(error)),
            Poll::Pending => unreachable!("the pieces are all there"),
        }
        if matches!(messages.last(), Some(Message::Close(_))) {
            assert!(inbound.buffer.len() <= bytes.len());
            return (messages, None);
        }
    }
}

/// The same as tungstenite finds it.
fn theirs(bytes: &[u8], size: usize) -> (Vec<Message>, Option<ReadError>) {
    let config = WebSocketConfig::default().max_message_size(Some(FRAME_BYTES)).max_frame_size(Some(FRAME_BYTES));
    let mut socket = WebSocket::from_raw_socket(Pieces::of(bytes, size), Role::Server, Some(config));
    let mut messages = Vec::new();
    loop {
        let message = match socket.read() {
            Ok(tungstenite::Message::Text(text)) => Message::Text(text.as_str().to_owned()),
            Ok(tungstenite::Message::Binary(_)) => Message::Binary,
            Ok(tungstenite::Message::Ping(payload)) => Message::Ping(payload.to_vec()),
            Ok(tungstenite::Message::Pong(_)) => Message::Pong,
            Ok(tungstenite::Message::Close(close)) => {
                let code = close.as_ref().map(|close| u16::from(close.code).to_be_bytes().to_vec());
                let reason = close.filter(|close| close.reason.as_str() != "Protocol violation");
                let reason = reason.map(|close| close.reason.as_str().as_bytes().to_vec());
                messages.push(Message::Close([code.unwrap_or_default(), reason.unwrap_or_default()].concat()));
                return (messages, None);
            }
            Ok(tungstenite::Message::Frame(_)) => unreachable!("not while reading"),
            Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => {
                return (messages, Some(ReadError::Lost));
            }
            Err(Error::Utf8(_)) => return (messages, Some(ReadError::NotUtf8)),
            Err(Error::Capacity(_)) => return (messages, Some(ReadError::TooBig)),
            Err(_) => return (messages, Some(ReadError::Protocol)),
        };
        messages.push(message);
    }
}

/// A frame as a client might send it: whole or not, in order or not.
fn frame() -> impl Strategy<Value = Vec<u8>> {
    let sizes = prop_oneof![0..130_usize, Just(65_535), Just(65_536), Just(65_537), 30_000..40_000_usize];
    // Mostly what may be sent.
    let opcode = prop_oneof![4 => Just(0x81_u8), 2 => Just(0x01), 2 => Just(0x80), 2 => Just(0x89),
        1 => Just(0x8a), 1 => Just(0x82), 1 => Just(0x00), 1 => Just(0x88), 1 => any::<u8>()];
    let mask = prop_oneof![9 => Just(true), 1 => Just(false)];
    let text = prop_oneof![3 => Just("aé漢".as_bytes()), 1 => Just(&[0x03, 0xe8][..]), 1 => Just(&[0xff, 0xc3][..])];
    (opcode, sizes, mask, any::<[u8; 4]>(), text).prop_map(|(opcode, size, masked, mask, text)| {
        let payload: Vec<u8> = text.iter().copied().cycle().take(size).collect();
        let bit = if masked { 0x80 } else { 0 };
        let mut bytes = vec![opcode];
        match size {
            0..=125 => bytes.push(bit | u8::try_from(size).unwrap()),
            126..=65_535 => {
                bytes.push(bit | 126);
                bytes.extend(u16::try_from(size).unwrap().to_be_bytes());
            }
            _ => {
                bytes.push(bit | 127);
                bytes.extend((size as u64).to_be_bytes());
            }
        }
        if masked {
            bytes.extend(mask);
        }
        let mask = if masked { mask } else { [0; 4] };
        bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    /// Whatever comes, in whatever pieces, is understood as tungstenite does. What both refuse, they may refuse for
    /// different reasons: a frame may have two faults.
    #[test]
    fn frames_are_understood_as_tungstenite_does(
        frames in prop::collection::vec(frame(), 0..8),
        size in prop_oneof![1..20_usize, 1_000..100_000_usize],
        cut in 0..4_usize,
    ) {
        let mut bytes = frames.concat();
        bytes.truncate(bytes.len().saturating_sub(cut));
        let size = if bytes.len() > 200_000 { size.max(1_000) } else { size };
        let (ours, theirs) = (ours(&bytes, size), theirs(&bytes, size));
        let is_refused = |end: Option<ReadError>| end.is_some_and(|error| error != ReadError::Lost);
        if theirs.1 == Some(ReadError::NotUtf8) {
            // Text in pieces is looked at when it is whole, which it may never be.
            prop_assert!(ours.0.iter().zip(&theirs.0).all(|(ours, theirs)| ours == theirs));
            prop_assert!(!is_refused(ours.1) || ours.0.len() >= theirs.0.len());
        } else if is_refused(theirs.1) {
            prop_assert!(is_refused(ours.1), "{:?} and {:?}", ours.1, theirs.1);
            prop_assert_eq!(ours.0, theirs.0);
        } else if is_refused(ours.1) {
            // Refused by its header alone, and cut off before they saw the whole.
            prop_assert_eq!(theirs.1, Some(ReadError::Lost));
            prop_assert_eq!(ours.0, theirs.0);
        } else {
            prop_assert_eq!(ours, theirs);
        }
    }
}

#[test]
fn a_silent_connection_holds_no_buffer() {
    let mut heartbeat = vec![0x81, 0x80 | 2, 0, 0, 0, 0];
    heartbeat.extend(b"{}");
    let mut inbound = Inbound::new(Box::new(Pieces::of(&heartbeat, 3)), &[]);
    let mut cx = Context::from_waker(std::task::Waker::noop());
    assert_eq!(inbound.poll_next(&mut cx), Poll::Ready(Ok(Message::Text("{}".into()))));
    assert_eq!(inbound.poll_next(&mut cx), Poll::Ready(Err(ReadError::Lost)));
    assert_eq!(inbound.buffer.capacity(), 0);
}
