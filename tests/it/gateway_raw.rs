//! The gateway in raw bytes: what a broken or hostile client sends, and the close that must still arrive.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use chatter::protocol::limits::IDENTIFY_MS;
use chatter::server::gateway::connection;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::gateway_node::{Node, SOON};

/// A client's frame with the mask 0, as bytes.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        length @ 0..=125 => bytes.push(0x80 | u8::try_from(length).unwrap()),
        length @ 126..=65_535 => {
            bytes.push(0x80 | 126);
            bytes.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
        length => {
            bytes.push(0x80 | 127);
            bytes.extend(u64::try_from(length).unwrap().to_be_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

async fn open(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET /gateway HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(timeout(SOON, stream.read_u8()).await.unwrap().unwrap());
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 101 "), "{head}");
    assert!(head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="), "{head}");
    stream
}

/// Reads frames up to the close; then the stream must end in order, not by a reset.
async fn close_code(mut stream: TcpStream) -> u16 {
    let code = timeout(SOON, async {
        loop {
            let (first, length) = (stream.read_u8().await.unwrap(), stream.read_u8().await.unwrap());
            let length = match length {
                126 => usize::from(stream.read_u16().await.unwrap()),
                length => usize::from(length),
            };
            let mut payload = vec![0; length];
            stream.read_exact(&mut payload).await.unwrap();
            if first == 0x88 {
                return u16::from_be_bytes([payload[0], payload[1]]);
            }
        }
    });
    let code = code.await.expect("a close comes");
    let rest = timeout(SOON, stream.read_to_end(&mut Vec::new())).await.expect("the stream ends");
    assert_eq!(rest.expect("without a reset"), 0);
    code
}

#[tokio::test]
async fn what_breaks_the_protocol_is_closed_with_its_code() {
    let node = Node::start();
    let address = node.listen().await;
    let heartbeat = br#"{"op":"HEARTBEAT"}"#;
    let mut unmasked = vec![0x81, u8::try_from(heartbeat.len()).unwrap()];
    unmasked.extend(heartbeat);
    let in_pieces = [frame(0x01, &[b' '; 40_000]), frame(0x80, &[b' '; 40_000])].concat();
    let cases: &[(&str, Vec<u8>, u16)] = &[
        ("unmasked", unmasked, 1002),
        ("a reserved bit", frame(0xc1, b"{}"), 1002),
        ("a reserved opcode", frame(0x83, b"{}"), 1002),
        ("a continuation of nothing", frame(0x80, b"{}"), 1002),
        ("a long ping", frame(0x89, &[0; 126]), 1002),
        ("not UTF-8", frame(0x81, &[0xff, 0xfe]), 1007),
        ("half a surrogate", frame(0x81, &[0xed, 0xa0, 0x80]), 1007),
        ("64 KiB and one", frame(0x81, &[b' '; 65_537]), 1009),
        ("16 MiB", frame(0x81, &vec![b' '; 16 * 1024 * 1024]), 1009),
        ("80 KB in pieces", in_pieces, 1009),
        ("binary", frame(0x82, b"{}"), 1003),
        ("64 KiB of nothing", frame(0x81, &[b' '; 65_536]), 4002),
        ("not JSON", frame(0x81, b"hello"), 4002),
        ("another op first", frame(0x81, br#"{"op":"DANCE"}"#), 4003),
    ];
    for (name, bytes, code) in cases {
        let stream = open(address).await;
        let (mut read, mut write) = stream.into_split();
        let bytes = bytes.clone();
        // Written beside the reading: a peer that stops taking input must not stop us from hearing why.
        let writing = tokio::spawn(async move {
            let _ = write.write_all(&bytes).await;
            write
        });
        let first = timeout(SOON, read.peek(&mut [0; 1])).await.unwrap();
        first.unwrap_or_else(|error| panic!("{name}: {error}"));
        let write = timeout(SOON, writing).await.expect("all is taken, or the stream ends").unwrap();
        assert_eq!(close_code(read.reunite(write).unwrap()).await, *code, "{name}");
    }
}

#[tokio::test]
async fn a_ping_flood_is_closed() {
    let node = Node::start();
    let mut stream = open(node.listen().await).await;
    let pings = frame(0x89, b"x").repeat(1_000);
    stream.write_all(&pings).await.unwrap();
    assert_eq!(close_code(stream).await, 4008);
}

#[tokio::test]
async fn a_client_that_closes_is_answered() {
    let node = Node::start();
    let mut stream = open(node.listen().await).await;
    stream.write_all(&frame(0x88, &1000_u16.to_be_bytes())).await.unwrap();
    assert_eq!(close_code(stream).await, 1000);
}

/// A peer that always has more to say of one message that never ends: empty pieces, as fast as they are read.
#[derive(Default)]
struct Endless {
    begun: bool,
}

impl AsyncRead for Endless {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        // As a socket does, it lets other tasks have their turn.
        ready!(tokio::task::coop::poll_proceed(cx)).made_progress();
        let mut piece = frame(if self.begun { 0x00 } else { 0x01 }, b"");
        while buffer.remaining() >= piece.len() {
            buffer.put_slice(&piece);
            piece = frame(0x00, b"");
            self.begun = true;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Endless {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_never_ends_does_not_stop_the_clock() {
    let node = Node::start();
    let serving = tokio::spawn(connection::serve(Endless::default(), node.gateway.clone(), None, None));
    tokio::task::yield_now().await;
    tokio::time::advance(Duration::from_millis(u64::from(IDENTIFY_MS))).await;
    // The close itself takes up to two seconds, as this peer never answers it.
    for _ in 0..50 {
        tokio::time::advance(Duration::from_millis(100)).await;
        tokio::task::yield_now().await;
    }
    assert!(serving.is_finished(), "it never identified, and is still served");
}
