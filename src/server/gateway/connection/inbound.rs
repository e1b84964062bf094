//! What a client sends, as bytes (RFC 6455, sections 5 and 8.1): frames in, messages out.
//!
//! Owns the limits of what comes in: a message of at most [`FRAME_BYTES`], in pieces or not. A connection that is silent
//! holds no buffer. Refuses to answer: a Ping and a close are handed on.

#[cfg(test)]
mod tests;

use std::io::Cursor;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{self, Control, Data, OpCode};

use crate::protocol::CloseCode;
use crate::protocol::limits::FRAME_BYTES;
use crate::server::gateway::session::ReadError;

/// Bytes read at once, on the stack.
const READ: usize = 4 * 1024;
/// Longest payload of a control frame.
const CONTROL_BYTES: u64 = 125;

/// The half of a socket that gives.
pub(super) type Reader = Box<dyn AsyncRead + Send + Unpin>;

/// What came, whole.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message {
    Text(String),
    Binary,
    /// With what the Pong must repeat.
    Ping(Vec<u8>),
    Pong,
    /// With what the answer must say. Nothing comes after it.
    Close(Vec<u8>),
}

/// A message of which pieces are here.
#[derive(Debug)]
struct Begun {
    is_text: bool,
    payload: Vec<u8>,
}

pub(super) struct Inbound {
    reader: Reader,
    /// What was read and is not a whole frame yet: `buffer[taken..]`.
    buffer: Vec<u8>,
    taken: usize,
    begun: Option<Begun>,
}

impl Inbound {
    /// `read` is what came before the protocol was switched.
    pub(super) fn new(reader: Reader, read: &[u8]) -> Self {
        Self { reader, buffer: read.to_vec(), taken: 0, begun: None }
    }

    /// The next message. After an error nothing can be made of what follows. Cancel-safe.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Message, ReadError>> {
        loop {
            if let Some(message) = self.take()? {
                return Poll::Ready(Ok(message));
            }
            if ready!(self.poll_read(cx))? == 0 {
                return Poll::Ready(Err(ReadError::Lost));
            }
        }
    }

    pub(super) async fn next(&mut self) -> Result<Message, ReadError> {
        std::future::poll_fn(|cx| self.poll_next(cx)).await
    }

    /// Reads to the stream's end, and forgets it.
    pub(super) async fn drain(&mut self) {
        loop {
            (self.buffer, self.taken) = (Vec::new(), 0);
            if !matches!(std::future::poll_fn(|cx| self.poll_read(cx)).await, Ok(1..)) {
                return;
            }
        }
    }

    /// Takes in what is there.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<usize, ReadError>> {
        let mut space = [const { MaybeUninit::uninit() }; READ];
        let mut read = ReadBuf::uninit(&mut space);
        ready!(Pin::new(&mut self.reader).poll_read(cx, &mut read)).map_err(|_| ReadError::Lost)?;
        self.buffer.drain(..self.taken);
        self.taken = 0;
        self.buffer.extend(read.filled());
        Poll::Ready(Ok(read.filled().len()))
    }

    /// The next message among what was read.
    fn take(&mut self) -> Result<Option<Message>, ReadError> {
        loop {
            let rest = &self.buffer[self.taken..];
            let mut cursor = Cursor::new(rest);
            let header = FrameHeader::parse(&mut cursor).map_err(|_| ReadError::Protocol)?;
            let Some((header, length)) = header else { break };
            let mask = check(&header, length, self.begun.as_ref())?;
            // Both are bounded: by what was read, and by what a frame may hold.
            let (begin, length) = (cursor.position() as usize, length as usize);
            let Some(masked) = rest.get(begin..begin + length) else { break };
            let payload = masked.iter().zip(mask.into_iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
            self.taken += begin + length;
            if let Some(message) = self.frame(&header, payload)? {
                return Ok(Some(message));
            }
        }
        if self.taken == self.buffer.len() {
            (self.buffer, self.taken) = (Vec::new(), 0);
        }
        Ok(None)
    }

    /// What a frame completes.
    fn frame(&mut self, header: &FrameHeader, payload: Vec<u8>) -> Result<Option<Message>, ReadError> {
        let begun = match header.opcode {
            OpCode::Control(Control::Ping) => return Ok(Some(Message::Ping(payload))),
            OpCode::Control(Control::Pong) => return Ok(Some(Message::Pong)),
            OpCode::Control(_) => return close(payload).map(Some),
            OpCode::Data(opcode) => match self.begun.take() {
                None => Begun { is_text: opcode == Data::Text, payload },
                Some(mut begun) => {
                    begun.payload.extend(payload);
                    begun
                }
            },
        };
        if !header.is_final {
            self.begun = Some(begun);
            return Ok(None);
        }
        if !begun.is_text {
            return Ok(Some(Message::Binary));
        }
        let text = String::from_utf8(begun.payload).map_err(|_| ReadError::NotUtf8)?;
        Ok(Some(Message::Text(text)))
    }
}

/// Whether a frame may come, before its payload has: its mask.
fn check(header: &FrameHeader, length: u64, begun: Option<&Begun>) -> Result<[u8; 4], ReadError> {
    let before = begun.map_or(0, |begun| begun.payload.len());
    let is_control = matches!(header.opcode, OpCode::Control(_));
    let limit = if is_control { FRAME_BYTES } else { FRAME_BYTES - before };
    if length > limit as u64 {
        return Err(ReadError::TooBig);
    }
    let may_come = match header.opcode {
        OpCode::Control(_) => header.is_final && length <= CONTROL_BYTES,
        OpCode::Data(opcode) => (opcode == Data::Continue) == begun.is_some(),
    };
    if !may_come || header.rsv1 || header.rsv2 || header.rsv3 {
        return Err(ReadError::Protocol);
    }
    header.mask.ok_or(ReadError::Protocol)
}

/// A peer's close: answered with what it said, where that may be said.
fn close(payload: Vec<u8>) -> Result<Message, ReadError> {
    let Some((code, reason)) = payload.split_first_chunk() else {
        return if payload.is_empty() { Ok(Message::Close(payload)) } else { Err(ReadError::Protocol) };
    };
    if std::str::from_utf8(reason).is_err() {
        return Err(ReadError::NotUtf8);
    }
    if coding::CloseCode::from(u16::from_be_bytes(*code)).is_allowed() {
        return Ok(Message::Close(payload));
    }
    Ok(Message::Close(CloseCode::Protocol.code().to_be_bytes().to_vec()))
}
