//! A keep-alive HTTP/1.1 connection that does no more than the checker needs, so that the load stays light.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpSocket, TcpStream, lookup_host};

use crate::Error;

/// An answer is read so far: a list of 100 long messages fits. In bytes.
const BODY_MAX: usize = 16 * 1024 * 1024;

/// Connects to `host:port`, from `source` where that is given and the site is on this machine; with a receive buffer of
/// so many bytes where that is given.
///
/// # Errors
///
/// When nobody listens there.
pub async fn connect(address: &str, source: Option<Ipv4Addr>, receive_buffer: Option<u32>) -> Result<TcpStream, Error> {
    let resolved: SocketAddr = match address.parse() {
        Ok(address) => address,
        Err(_) => lookup_host(address).await?.next().ok_or_else(|| Error::Protocol(format!("{address} is nowhere")))?,
    };
    let socket = if resolved.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if let (Some(source), true) = (source, resolved.is_ipv4() && resolved.ip().is_loopback()) {
        socket.bind((source, 0).into())?;
    }
    if let Some(bytes) = receive_buffer {
        socket.set_recv_buffer_size(bytes)?;
    }
    let stream = socket.connect(resolved).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A connection.
#[derive(Debug)]
pub struct Http {
    stream: BufReader<TcpStream>,
    host: String,
    request: String,
    line: String,
}

/// What came back.
#[derive(Debug, Default)]
pub struct Answer {
    pub status: u16,
    /// Values of `set-cookie`.
    pub cookies: Vec<String>,
    pub body: Vec<u8>,
    /// Whether the server ends the connection after this.
    closes: bool,
}

impl Http {
    #[must_use]
    pub fn new(stream: TcpStream, host: String) -> Self {
        let stream = BufReader::with_capacity(8 * 1024, stream);
        Self { stream, host, request: String::new(), line: String::new() }
    }

    /// Whether the server has ended it, as it does with those that nothing is asked on.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        let mut byte = [0];
        // Nothing is under way: whatever can be read is an end, or not an answer to anything.
        !matches!(self.stream.get_ref().try_read(&mut byte), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
    }

    /// Posts a form as the session of `cookie`. Not to be used again after an error, nor when dropped half-way.
    ///
    /// # Errors
    ///
    /// When no whole answer comes.
    pub async fn post(&mut self, path: &str, cookie: &str, form: &str) -> Result<Answer, Error> {
        use std::fmt::Write;
        self.request.clear();
        // Writing to a String does not fail.
        let _ = write!(
            self.request,
            "POST {path} HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\nAccept: application/json\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            self.host,
            form.len()
        );
        self.stream.get_mut().write_all(self.request.as_bytes()).await?;
        let mut answer = Answer::default();
        self.read_line().await?;
        let status = self.line.split(' ').nth(1).and_then(|status| status.parse().ok());
        answer.status = status.ok_or_else(|| Error::Protocol(format!("not a status line: {:?}", self.line)))?;
        let mut length = None;
        loop {
            self.read_line().await?;
            let Some((name, value)) = self.line.split_once(':') else { break };
            let value = value.trim();
            if name.eq_ignore_ascii_case("content-length") {
                length = value.parse().ok().filter(|length| *length <= BODY_MAX);
            } else if name.eq_ignore_ascii_case("set-cookie") {
                answer.cookies.push(value.to_owned());
            } else if name.eq_ignore_ascii_case("connection") && value.eq_ignore_ascii_case("close") {
                answer.closes = true;
            }
        }
        match length {
            Some(length) => {
                answer.body.resize(length, 0);
                self.stream.read_exact(&mut answer.body).await?;
            }
            None => self.read_chunks(&mut answer.body).await?,
        }
        Ok(answer)
    }

    /// A line without its end.
    async fn read_line(&mut self) -> Result<(), Error> {
        self.line.clear();
        if self.stream.read_line(&mut self.line).await? == 0 {
            return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
        }
        self.line.truncate(self.line.trim_end().len());
        Ok(())
    }

    async fn read_chunks(&mut self, body: &mut Vec<u8>) -> Result<(), Error> {
        loop {
            self.read_line().await?;
            let length = usize::from_str_radix(&self.line, 16).ok().filter(|length| body.len() + length <= BODY_MAX);
            let length =
                length.ok_or_else(|| Error::Protocol(format!("not the length of a chunk: {:?}", self.line)))?;
            let start = body.len();
            body.resize(start + length + 2, 0);
            self.stream.read_exact(&mut body[start..]).await?;
            body.truncate(start + length);
            if length == 0 {
                return Ok(());
            }
        }
    }
}

impl Answer {
    #[must_use]
    pub fn closes(&self) -> bool {
        self.closes
    }

    /// The gateway token that it sets as the `authorization` cookie.
    #[must_use]
    pub fn token(&self) -> Option<String> {
        let mut values = self.cookies.iter().filter_map(|cookie| cookie.split_once('='));
        let (_, value) = values.find(|(name, _)| name.trim_start_matches("__Host-") == "authorization")?;
        value.split(';').next().filter(|token| !token.is_empty()).map(str::to_owned)
    }
}

/// Appends `&name=value` to a form, encoded.
pub fn field(form: &mut String, name: &str, value: &str) {
    if !form.is_empty() {
        form.push('&');
    }
    form.push_str(name);
    form.push('=');
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => form.push(char::from(byte)),
            b' ' => form.push('+'),
            _ => {
                use std::fmt::Write;
                let _ = write!(form, "%{byte:02X}");
            }
        }
    }
}
