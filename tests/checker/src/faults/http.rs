//! A keep-alive HTTP/1.1 connection, for the few requests that a scenario makes beside the load.
//!
//! Values of forms must need no escaping: letters, digits, `.`, `-` and `_`.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::Person;
use crate::faults::{Error, Result};

/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Http {
    stream: BufReader<TcpStream>,
    address: String,
    cookie: String,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// Null when the body is not JSON.
    pub body: Value,
    /// What a `gateway-token` sets as the `authorization` cookie.
    pub token: Option<String>,
}

impl Http {
    pub async fn connect(address: &str, person: &Person) -> Result<Self> {
        let stream = timeout(PATIENCE, TcpStream::connect(address)).await.map_err(|_| "nobody answers")??;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream), address: address.to_owned(), cookie: person.cookie.clone() })
    }

    /// Calls a server function.
    pub async fn call(&mut self, function: &str, form: &str) -> Result<Answer> {
        let request = format!(
            "POST /api/{function} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nAccept: application/json\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            self.address,
            self.cookie,
            form.len()
        );
        timeout(PATIENCE, self.exchange(&request)).await.map_err(|_| "no answer")?
    }

    async fn exchange(&mut self, request: &str) -> Result<Answer> {
        self.stream.write_all(request.as_bytes()).await?;
        let mut line = String::new();
        self.stream.read_line(&mut line).await?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or("no status line")?;
        let (mut length, mut token) = (None, None);
        loop {
            line.clear();
            self.stream.read_line(&mut line).await?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = Some(value.trim().parse()?);
            } else if name.eq_ignore_ascii_case("set-cookie")
                && let Some(value) = value.trim().strip_prefix("authorization=")
            {
                token = value.split(';').next().map(str::to_owned);
            }
        }
        let body = match length {
            Some(length) => {
                let mut body = vec![0; length];
                self.stream.read_exact(&mut body).await?;
                body
            }
            None => self.chunks().await?,
        };
        Ok(Answer { status, body: serde_json::from_slice(&body).unwrap_or(Value::Null), token })
    }

    async fn chunks(&mut self) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        let mut line = String::new();
        loop {
            line.clear();
            self.stream.read_line(&mut line).await?;
            let length = usize::from_str_radix(line.trim(), 16)?;
            let start = body.len();
            body.resize(start + length + 2, 0);
            self.stream.read_exact(&mut body[start..]).await?;
            body.truncate(start + length);
            if length == 0 {
                return Ok(body);
            }
        }
    }
}

impl Answer {
    /// The body of a 200; an error otherwise.
    pub fn ok(self) -> Result<Value> {
        if self.status == 200 {
            return Ok(self.body);
        }
        Err(Error::from(format!("answered {}: {}", self.status, self.body)))
    }
}
