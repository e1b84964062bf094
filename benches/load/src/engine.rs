//! All the load's connections on one thread and one epoll: what is read is parsed where it lies, what is to be written
//! goes out once a turn. It must cost less than the server's side of the same frames, or the load is what is measured.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::wire::{self, Unit};
use crate::{Error, Result};

pub type Link = usize;

/// What a connection hears.
pub enum Arrival<'a> {
    /// The upgrade was accepted.
    Opened,
    Text(&'a [u8]),
    Answer {
        status: u16,
        head: &'a [u8],
        body: &'a [u8],
    },
}

/// What a handler wants written, in order.
#[derive(Default)]
pub struct Sends {
    bytes: Vec<u8>,
    ends: Vec<(Link, usize)>,
}

impl Sends {
    pub fn request(&mut self, link: Link, request: &str) {
        self.bytes.extend_from_slice(request.as_bytes());
        self.ends.push((link, self.bytes.len()));
    }

    pub fn text(&mut self, link: Link, text: &str) {
        wire::write_frame(&mut self.bytes, wire::TEXT, text.as_bytes());
        self.ends.push((link, self.bytes.len()));
    }
}

struct Connection {
    /// None once the load closed it.
    stream: Option<TcpStream>,
    upgraded: bool,
    /// The first part of what has not arrived in full.
    partial: Vec<u8>,
    /// What the kernel did not take yet.
    unsent: Vec<u8>,
    writable: bool,
}

pub struct Engine {
    poll: Poll,
    events: Events,
    address: SocketAddr,
    connections: Vec<Connection>,
    sends: Sends,
    /// Connections with something unsent.
    waiting: Vec<Link>,
    buffer: Vec<u8>,
}

impl Engine {
    pub fn new(address: &str) -> Result<Self> {
        Ok(Self {
            poll: Poll::new()?,
            events: Events::with_capacity(1_024),
            address: address.parse()?,
            connections: Vec::new(),
            sends: Sends::default(),
            waiting: Vec::new(),
            buffer: vec![0; 256 * 1024],
        })
    }

    /// A new connection; `request` goes out as soon as it stands.
    pub fn connect(&mut self, request: Option<&str>) -> Result<Link> {
        self.connect_at(self.address, request)
    }

    /// The same, elsewhere than where the others go.
    pub fn connect_to(&mut self, address: &str, request: Option<&str>) -> Result<Link> {
        self.connect_at(address.parse()?, request)
    }

    fn connect_at(&mut self, address: SocketAddr, request: Option<&str>) -> Result<Link> {
        let link = self.connections.len();
        let mut stream = TcpStream::connect(address)?;
        self.poll.registry().register(&mut stream, Token(link), Interest::READABLE | Interest::WRITABLE)?;
        let connection = Connection {
            stream: Some(stream),
            upgraded: false,
            partial: Vec::new(),
            unsent: Vec::new(),
            writable: false,
        };
        self.connections.push(connection);
        if let Some(request) = request {
            self.sends.request(link, request);
        }
        Ok(link)
    }

    /// Nothing more is heard of it.
    pub fn close(&mut self, link: Link) {
        self.connections[link].stream = None;
    }

    pub fn sends(&mut self) -> &mut Sends {
        &mut self.sends
    }

    /// Writes what is to be written, waits for `timeout` at most, hands on what arrives.
    pub fn turn(
        &mut self,
        timeout: Duration,
        mut handle: impl FnMut(&mut Sends, Link, Arrival<'_>) -> Result<()>,
    ) -> Result<()> {
        self.write()?;
        self.poll.poll(&mut self.events, Some(timeout))?;
        let mut heard = Vec::with_capacity(64);
        for event in &self.events {
            let link = event.token().0;
            if event.is_writable() {
                let connection = &mut self.connections[link];
                if let (false, Some(stream)) = (connection.writable, &connection.stream) {
                    connection.writable = true;
                    stream.set_nodelay(true)?;
                    self.waiting.push(link);
                }
            }
            if event.is_readable() {
                heard.push(link);
            }
        }
        for link in heard {
            self.read(link, &mut handle)?;
        }
        self.write()
    }

    fn read(&mut self, link: Link, handle: &mut impl FnMut(&mut Sends, Link, Arrival<'_>) -> Result<()>) -> Result<()> {
        loop {
            let connection = &mut self.connections[link];
            let Some(stream) = &mut connection.stream else { return Ok(()) };
            let length = match stream.read(&mut self.buffer) {
                Ok(0) => return Err(Error::from("the server closed a connection")),
                Ok(length) => length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            if connection.partial.is_empty() {
                let used = parse(&mut connection.upgraded, link, &self.buffer[..length], &mut self.sends, handle)?;
                connection.partial.extend_from_slice(&self.buffer[used..length]);
            } else {
                connection.partial.extend_from_slice(&self.buffer[..length]);
                let partial = std::mem::take(&mut connection.partial);
                let used = parse(&mut connection.upgraded, link, &partial, &mut self.sends, handle)?;
                // Small again: thousands of these are held.
                connection.partial = partial[used..].to_vec();
            }
            // A short read has emptied the socket; an edge tells of what comes after.
            if length < self.buffer.len() {
                return Ok(());
            }
        }
    }

    fn write(&mut self) -> Result<()> {
        let mut start = 0;
        for (link, end) in self.sends.ends.drain(..) {
            let connection = &mut self.connections[link];
            if connection.unsent.is_empty() {
                self.waiting.push(link);
            }
            connection.unsent.extend_from_slice(&self.sends.bytes[start..end]);
            start = end;
        }
        self.sends.bytes.clear();
        for link in self.waiting.drain(..) {
            let connection = &mut self.connections[link];
            let Some(stream) = &mut connection.stream else { continue };
            while connection.writable && !connection.unsent.is_empty() {
                match stream.write(&connection.unsent) {
                    Ok(length) => drop(connection.unsent.drain(..length)),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => connection.writable = false,
                    Err(error) => return Err(error.into()),
                }
            }
            if connection.unsent.is_empty() && connection.unsent.capacity() > 4_096 {
                connection.unsent = Vec::new();
            }
        }
        Ok(())
    }
}

/// Hands on all that is whole; the number of bytes that it took.
fn parse(
    upgraded: &mut bool,
    link: Link,
    bytes: &[u8],
    sends: &mut Sends,
    handle: &mut impl FnMut(&mut Sends, Link, Arrival<'_>) -> Result<()>,
) -> Result<usize> {
    let mut used = 0;
    while used < bytes.len() {
        let rest = &bytes[used..];
        if *upgraded {
            let Some((unit, length)) = wire::frame(rest)? else { break };
            used += length;
            match unit {
                Unit::Text(text) => handle(sends, link, Arrival::Text(text))?,
                Unit::Ping(payload) => {
                    wire::write_frame(&mut sends.bytes, wire::PONG, payload);
                    sends.ends.push((link, sends.bytes.len()));
                }
                Unit::Pong => {}
            }
        } else {
            let Some(answer) = wire::answer(rest)? else { break };
            used += answer.length;
            if answer.status == 101 {
                *upgraded = true;
                handle(sends, link, Arrival::Opened)?;
            } else {
                let (status, head, body) = (answer.status, answer.head, answer.body);
                handle(sends, link, Arrival::Answer { status, head, body })?;
            }
        }
    }
    Ok(used)
}
