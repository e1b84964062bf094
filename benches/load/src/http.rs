//! A keep-alive HTTP/1.1 connection that does no more than the load needs, so that the load stays light.

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::{Error, Result};

pub struct Http {
    stream: BufReader<TcpStream>,
    host: String,
    cookie: String,
}

pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Http {
    /// Connects as the session of `cookie` (`session=…`, or empty for a guest).
    pub async fn connect(address: &str, cookie: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream: BufReader::with_capacity(4_096, stream),
            host: address.to_owned(),
            cookie: cookie.to_owned(),
        })
    }

    pub async fn post(&mut self, path: &str, form: &str) -> Result<Answer> {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nAccept: application/json\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            self.host,
            self.cookie,
            form.len()
        );
        self.send(&request).await
    }

    pub async fn get(&mut self, path: &str, headers: &str) -> Result<Answer> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\n{headers}\r\n", self.host, self.cookie);
        self.send(&request).await
    }

    async fn send(&mut self, request: &str) -> Result<Answer> {
        self.stream.write_all(request.as_bytes()).await?;
        let mut line = String::new();
        self.stream.read_line(&mut line).await?;
        let status = line.split(' ').nth(1).and_then(|s| s.parse().ok()).ok_or("no status line")?;
        let mut headers = Vec::new();
        loop {
            line.clear();
            self.stream.read_line(&mut line).await?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let body = match headers.iter().find(|(name, _)| name == "content-length") {
            Some((_, length)) => {
                let mut body = vec![0; length.parse()?];
                self.stream.read_exact(&mut body).await?;
                body
            }
            None => self.chunks().await?,
        };
        Ok(Answer { status, headers, body })
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

/// A fresh gateway token of the session, from the `authorization` cookie that `gateway-token` sets.
pub async fn gateway_token(address: &str, cookie: &str) -> Result<String> {
    let answer = Http::connect(address, cookie).await?.post("/api/gateway-token", "").await?;
    let set = answer.headers.iter().filter(|(name, _)| name == "set-cookie");
    let token = set.filter_map(|(_, value)| value.strip_prefix("authorization=")).find_map(|v| v.split(';').next());
    token.map(str::to_owned).ok_or_else(|| Error::from(format!("no gateway token: status {}", answer.status)))
}
