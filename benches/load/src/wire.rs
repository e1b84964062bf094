//! As much of HTTP/1.1 and WebSocket as the load needs, on slices.

use memchr::memmem;

use crate::{Error, Result};

pub const TEXT: u8 = 0x1;
pub const PONG: u8 = 0xA;

pub enum Unit<'a> {
    Text(&'a [u8]),
    Ping(&'a [u8]),
    Pong,
}

/// The first whole frame, and its length on the wire.
pub fn frame(bytes: &[u8]) -> Result<Option<(Unit<'_>, usize)>> {
    let [first, second, rest @ ..] = bytes else { return Ok(None) };
    let (length, head) = match second {
        126 if rest.len() >= 2 => (usize::from(u16::from_be_bytes([rest[0], rest[1]])), 4),
        127 if rest.len() >= 8 => (usize::try_from(u64::from_be_bytes(rest[..8].try_into()?))?, 10),
        126 | 127 => return Ok(None),
        // A server's frame is not masked, so the highest bit is not set.
        short => (usize::from(*short), 2),
    };
    let Some(payload) = bytes.get(head..head + length) else { return Ok(None) };
    let unit = match first {
        0x81 => Unit::Text(payload),
        0x89 => Unit::Ping(payload),
        0x8A => Unit::Pong,
        0x88 => {
            let code = payload.get(..2).map_or(0, |code| u16::from_be_bytes([code[0], code[1]]));
            return Err(Error::from(format!("closed with {code}")));
        }
        other => return Err(Error::from(format!("a frame that begins with {other:#04x}"))),
    };
    Ok(Some((unit, head + length)))
}

/// A client's frame. Its mask is zero: the server does the same work, the load none.
pub fn write_frame(to: &mut Vec<u8>, opcode: u8, payload: &[u8]) {
    to.push(0x80 | opcode);
    match payload.len() {
        short @ 0..126 => to.push(0x80 | short as u8),
        long => {
            to.push(0x80 | 126);
            to.extend_from_slice(&u16::try_from(long).expect("the load's frames are short").to_be_bytes());
        }
    }
    to.extend_from_slice(&[0; 4]);
    to.extend_from_slice(payload);
}

pub struct Answer<'a> {
    pub status: u16,
    pub head: &'a [u8],
    /// In chunks as they came, if it came in chunks.
    pub body: &'a [u8],
    pub length: usize,
}

/// The first whole answer.
pub fn answer(bytes: &[u8]) -> Result<Option<Answer<'_>>> {
    let Some(end) = memmem::find(bytes, b"\r\n\r\n") else { return Ok(None) };
    let head = &bytes[..end + 2];
    let body = end + 4;
    let status = head.get(9..12).and_then(|status| std::str::from_utf8(status).ok()?.parse().ok());
    let status: u16 = status.ok_or("no status line")?;
    let length = if let Some(length) = header(head, "content-length") {
        length.parse()?
    } else if status == 101 || status == 204 {
        0
    } else {
        let Some(length) = chunked(&bytes[body..])? else { return Ok(None) };
        length
    };
    if bytes.len() < body + length {
        return Ok(None);
    }
    Ok(Some(Answer { status, head, body: &bytes[body..body + length], length: body + length }))
}

fn chunked(bytes: &[u8]) -> Result<Option<usize>> {
    let mut at = 0;
    loop {
        let Some(line) = memmem::find(&bytes[at..], b"\r\n") else { return Ok(None) };
        let length = usize::from_str_radix(std::str::from_utf8(&bytes[at..at + line])?, 16)?;
        at += line + 2 + length + 2;
        if at > bytes.len() {
            return Ok(None);
        }
        if length == 0 {
            return Ok(Some(at));
        }
    }
}

/// The first header of that name (in lower case).
pub fn header<'a>(head: &'a [u8], name: &str) -> Option<&'a str> {
    headers(head, name).next()
}

pub fn headers<'a>(head: &'a [u8], name: &str) -> impl Iterator<Item = &'a str> {
    let lines = std::str::from_utf8(head).unwrap_or_default().split("\r\n").skip(1);
    lines.filter_map(move |line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}
