//! HTTP connections in raw bytes: clients that dawdle, clients that go on, and a server that stops under them.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{interval, timeout};

use crate::support::app::TestApp;

/// What a client that nobody knows gets in these tests.
const PATIENCE: Duration = Duration::from_millis(300);
/// Nothing here takes longer.
const SOON: Duration = Duration::from_secs(5);

async fn hasty() -> TestApp {
    TestApp::with(|config| {
        config.patience.head = PATIENCE;
        config.patience.body = PATIENCE;
    })
    .await
}

async fn open(app: &TestApp, bytes: &str) -> TcpStream {
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    stream
}

/// All that comes until the server closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = timeout(SOON, stream.read_to_end(&mut bytes)).await.expect("the server closes");
    String::from_utf8(bytes).unwrap()
}

/// One answer, up to its end, which these bytes are.
async fn answer(stream: &mut TcpStream, end: &str) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(end.as_bytes()) {
        let byte = timeout(SOON, stream.read_u8()).await.expect("an answer comes");
        bytes.push(byte.unwrap_or_else(|error| panic!("{error} after {}", String::from_utf8_lossy(&bytes))));
    }
    String::from_utf8(bytes).unwrap()
}

fn sign_up(length: usize, more: &str) -> String {
    format!(
        "POST /api/sign-up HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nContent-Length: {length}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n{more}\r\n"
    )
}

#[tokio::test]
async fn a_head_that_does_not_come_ends_its_connection() {
    let app = hasty().await;
    for sent in ["", "GET / HTT", "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: "] {
        let mut stream = open(&app, sent).await;
        let said = rest(&mut stream).await;
        assert!(!said.contains("200 OK"), "{sent:?}: {said}");
    }
    // A byte now and then is no progress.
    let (mut read, mut write) = open(&app, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ").await.into_split();
    let dripping = tokio::spawn(async move {
        let mut drop = interval(PATIENCE / 10);
        while write.write_all(b"x").await.is_ok() {
            drop.tick().await;
        }
    });
    let _ = timeout(SOON, read.read_to_end(&mut Vec::new())).await.expect("the server closes");
    timeout(SOON, dripping).await.expect("and takes nothing more").unwrap();
}

#[tokio::test]
async fn a_body_that_does_not_come_is_answered() {
    let app = hasty().await;
    let mut stream = open(&app, &format!("{}name=ada", sign_up(100, ""))).await;
    let said = rest(&mut stream).await;
    assert!(said.starts_with("HTTP/1.1 400 ") && said.contains("in time"), "{said}");
}

#[tokio::test]
async fn a_connection_serves_one_request_after_the_other() {
    let app = hasty().await;
    let mut stream = open(&app, "").await;
    for _ in 0..3 {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        assert!(answer(&mut stream, "ok\n").await.starts_with("HTTP/1.1 200 OK"));
    }
    assert_eq!(rest(&mut stream).await, "", "idle for too long");
}

#[tokio::test]
async fn a_stopping_server_finishes_what_is_in_flight_and_takes_nothing_new() {
    let app = TestApp::start().await;
    let (first, last) = ("name=ada&passw", "ord=correct+horse");
    // The server asks for the body once it handles the request.
    let head = sign_up(first.len() + last.len(), "Expect: 100-continue\r\n");
    let mut stream = open(&app, &head).await;
    assert!(answer(&mut stream, "\r\n\r\n").await.starts_with("HTTP/1.1 100 "));
    let mut idle = open(&app, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    answer(&mut idle, "ok\n").await;
    stream.write_all(first.as_bytes()).await.unwrap();

    app.running().state.shutdown.begin();
    assert_eq!(rest(&mut idle).await, "", "an idle connection is closed at once");
    timeout(SOON, async { while TcpStream::connect(app.address).await.is_ok() {} }).await.expect("nobody comes in");
    stream.write_all(last.as_bytes()).await.unwrap();
    let said = rest(&mut stream).await;
    assert!(said.starts_with("HTTP/1.1 200 OK") && said.contains("\"ada\""), "{said}");
    timeout(SOON, app.stop()).await.expect("it stops");
}
