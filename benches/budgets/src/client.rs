//! Clients of a Chatter: blocking, one request or frame at a time, with buffers made beforehand. Once connected they
//! allocate nothing, so that in a process with a server whatever is allocated is the server's.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::Result;

/// A server that says nothing for so long has a defect; under callgrind it is fifty times as slow as it is.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes of the number in a message's text and nonce.
const DIGITS: usize = 8;
const TEXT: u8 = 0x81;
const PING: u8 = 0x89;
/// A Pong of no bytes, with a mask of zeros.
const PONG: [u8; 6] = [0x8a, 0x80, 0, 0, 0, 0];

fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// One kept connection of one session (`session=…`).
pub struct Http {
    stream: TcpStream,
    address: SocketAddr,
    cookie: String,
    /// The last answer, and how much of it is there.
    answer: Vec<u8>,
    filled: usize,
}

impl Http {
    pub fn connect(address: SocketAddr, cookie: &str) -> Result<Self> {
        let stream = connect(address)?;
        Ok(Self { stream, address, cookie: cookie.to_owned(), answer: vec![0; 256 * 1024], filled: 0 })
    }

    /// A form's request as bytes.
    #[must_use]
    pub fn form(&self, function: &str, body: &str) -> Vec<u8> {
        let (address, cookie, length) = (self.address, &self.cookie, body.len());
        format!(
            "POST /api/{function} HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\nAccept: application/json\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .into_bytes()
    }

    /// A page's request as bytes.
    #[must_use]
    pub fn page(&self, path: &str) -> Vec<u8> {
        let (address, cookie) = (self.address, &self.cookie);
        format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\nAccept: text/html\r\n\r\n").into_bytes()
    }

    pub fn ask(&mut self, request: &[u8]) -> Result<()> {
        Ok(self.stream.write_all(request)?)
    }

    /// Waits for a whole answer, which must be a good one: its head.
    pub fn answered(&mut self) -> Result<&[u8]> {
        self.filled = 0;
        loop {
            let read = self.stream.read(&mut self.answer[self.filled..])?;
            if read == 0 {
                return Err("the server hung up, or answered more than there is room for".into());
            }
            self.filled += read;
            let answer = &self.answer[..self.filled];
            let Some(head) = find(answer, b"\r\n\r\n") else { continue };
            let is_whole =
                match header(&answer[..head + 2], "content-length").and_then(|length| length.parse::<usize>().ok()) {
                    Some(length) => answer.len() == head + 4 + length,
                    None => answer.ends_with(b"\r\n0\r\n\r\n"),
                };
            if is_whole {
                let head = &self.answer[..head + 2];
                if !head.starts_with(b"HTTP/1.1 200 ") {
                    return Err(String::from_utf8_lossy(&self.answer[..self.filled]).into());
                }
                return Ok(head);
            }
        }
    }
}

/// Somebody who posts: one message with another number each time.
pub struct Poster {
    http: Http,
    request: Vec<u8>,
    /// Where the number stands in the request.
    numbers: [usize; 2],
}

impl Poster {
    /// `target`: `target_id=…` or `conversation_id=…`. `nonces` is for this poster alone.
    pub fn connect(address: SocketAddr, cookie: &str, target: &str, nonces: &str) -> Result<Self> {
        let http = Http::connect(address, cookie)?;
        let zero = "0".repeat(DIGITS);
        let content = format!("A+message+of+about+the+length+that+people+write+in+a+chat,+number+{zero}.");
        let request = http.form("message-post", &format!("{target}&content={content}&nonce={nonces}-{zero}"));
        let content = find(&request, zero.as_bytes()).ok_or("no number in the text")?;
        let nonce = request.len() - DIGITS;
        Ok(Self { http, request, numbers: [content, nonce] })
    }

    /// Sends a message; [`Poster::posted`] waits for its acknowledgement.
    pub fn send(&mut self, number: u32) -> Result<()> {
        for start in self.numbers {
            let mut rest = number;
            for digit in self.request[start..start + DIGITS].iter_mut().rev() {
                *digit = b'0' + (rest % 10) as u8;
                rest /= 10;
            }
        }
        self.http.ask(&self.request)
    }

    pub fn posted(&mut self) -> Result<()> {
        self.http.answered().map(drop)
    }

    pub fn post(&mut self, number: u32) -> Result<()> {
        self.send(number)?;
        self.posted()
    }
}

/// Somebody who only reads.
pub struct Reader {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
}

impl Reader {
    /// Fetches a token, opens a socket, says who it is, and waits for READY.
    pub fn enter(address: SocketAddr, cookie: &str) -> Result<Self> {
        let mut http = Http::connect(address, cookie)?;
        let request = http.form("gateway-token", "");
        http.ask(&request)?;
        let head = http.answered()?;
        let token = headers(head, "set-cookie").find_map(|value| value.strip_prefix("authorization="));
        let token = token.and_then(|value| value.split(';').next()).ok_or("an answer without a gateway token")?;

        let mut reader = Self { stream: connect(address)?, buffer: vec![0; 64 * 1024], filled: 0 };
        let upgrade = format!(
            "GET /gateway HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        reader.stream.write_all(upgrade.as_bytes())?;
        let head = loop {
            reader.read()?;
            if let Some(end) = find(&reader.buffer[..reader.filled], b"\r\n\r\n") {
                break end + 4;
            }
        };
        if !reader.buffer.starts_with(b"HTTP/1.1 101 ") {
            return Err(String::from_utf8_lossy(&reader.buffer[..reader.filled]).into());
        }
        reader.took(head);
        let identify = format!(r#"{{"op":"IDENTIFY","d":{{"token":"{token}"}}}}"#);
        let mut frame = vec![TEXT, 0x80 | 126];
        frame.extend(u16::try_from(identify.len())?.to_be_bytes());
        frame.extend([0; 4]);
        frame.extend(identify.as_bytes());
        reader.stream.write_all(&frame)?;
        reader.until(br#"{"op":"READY""#)?;
        Ok(reader)
    }

    /// Waits for the next message.
    pub fn hear(&mut self) -> Result<()> {
        self.until(br#"{"op":"MESSAGE_CREATE""#)
    }

    /// Takes frames up to the first one that begins so.
    fn until(&mut self, beginning: &[u8]) -> Result<()> {
        loop {
            let Some((first, payload, end)) = frame(&self.buffer[..self.filled]) else {
                self.read()?;
                continue;
            };
            let is_it = self.buffer[payload..end].starts_with(beginning);
            match first {
                TEXT => {}
                PING => self.stream.write_all(&PONG)?,
                _ => return Err(String::from_utf8_lossy(&self.buffer[payload..end]).into()),
            }
            self.took(end);
            if is_it {
                return Ok(());
            }
        }
    }

    fn read(&mut self) -> Result<()> {
        match self.stream.read(&mut self.buffer[self.filled..])? {
            0 => Err("the server hung up, or said more than there is room for".into()),
            read => {
                self.filled += read;
                Ok(())
            }
        }
    }

    fn took(&mut self, bytes: usize) {
        self.buffer.copy_within(bytes..self.filled, 0);
        self.filled -= bytes;
    }
}

/// The first whole frame of a server: its first byte, and where its payload begins and ends.
fn frame(bytes: &[u8]) -> Option<(u8, usize, usize)> {
    let [first, second, rest @ ..] = bytes else { return None };
    let (length, head) = match second {
        126 => (usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?])), 4),
        127 => (usize::try_from(u64::from_be_bytes(rest.get(..8)?.try_into().ok()?)).ok()?, 10),
        short => (usize::from(*short), 2),
    };
    (bytes.len() >= head + length).then_some((*first, head, head + length))
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}

fn header<'a>(head: &'a [u8], name: &'a str) -> Option<&'a str> {
    headers(head, name).next()
}

fn headers<'a>(head: &'a [u8], name: &'a str) -> impl Iterator<Item = &'a str> {
    let lines = std::str::from_utf8(head).unwrap_or_default().split("\r\n").skip(1);
    lines.filter_map(move |line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}
