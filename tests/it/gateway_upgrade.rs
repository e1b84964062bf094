//! Who may open a socket: Origin and session cookie together, or neither.

use std::net::SocketAddr;

use chatter::protocol::SessionId;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;

use crate::support::gateway_node::{Client, Node, SOON, session_cookie};

/// Header lines.
type Headers = Vec<(&'static str, String)>;
type Socket = tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>;

/// Opens a socket, or says with which status it was refused.
async fn connect(url: &str, headers: &[(&'static str, String)]) -> Result<Client<Socket>, u16> {
    let mut request = url.into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().append(*name, HeaderValue::from_str(value).unwrap());
    }
    match tokio_tungstenite::connect_async(request).await {
        Ok((socket, _)) => Ok(Client(socket)),
        Err(Error::Http(response)) => Err(response.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

fn url(address: SocketAddr, path: &str) -> String {
    format!("ws://{address}{path}")
}

#[tokio::test]
async fn origin_and_cookie_come_together_or_not_at_all() {
    let node = Node::start();
    node.user(1, "ada");
    let address = node.listen().await;
    let ours = format!("http://{address}");
    let cookie = format!("{}={}", node.gateway.config.session_cookie_name(), session_cookie(1).0);
    let cases: &[(&str, Headers, Option<u16>)] = &[
        ("a program", vec![], None),
        ("a browser", vec![("origin", ours.clone()), ("cookie", cookie.clone())], None),
        ("among other cookies", vec![("origin", ours.clone()), ("cookie", format!("a=b; {cookie}; c"))], None),
        ("no cookie", vec![("origin", ours.clone())], Some(403)),
        ("another cookie", vec![("origin", ours.clone()), ("cookie", "a=b".into())], Some(403)),
        ("no Origin", vec![("cookie", cookie.clone())], Some(403)),
        ("a foreign Origin", vec![("origin", "https://evil.example".into()), ("cookie", cookie.clone())], Some(403)),
        ("a longer Origin", vec![("origin", format!("{ours}.evil")), ("cookie", cookie.clone())], Some(403)),
        ("null", vec![("origin", "null".into()), ("cookie", cookie.clone())], Some(403)),
        ("a foreign Origin, no cookie", vec![("origin", "https://evil.example".into())], Some(403)),
        (
            "two Origins",
            vec![("origin", ours.clone()), ("origin", ours.clone()), ("cookie", cookie.clone())],
            Some(403),
        ),
        ("a program with a cookie of its own", vec![("cookie", "a=b".into())], None),
    ];
    for (name, headers, refused) in cases {
        for path in ["/gateway", "/"] {
            match connect(&url(address, path), headers).await {
                Ok(mut client) => {
                    assert_eq!(*refused, None, "{name}");
                    assert_eq!(client.op().await, "HELLO", "{name}");
                }
                Err(status) => assert_eq!(Some(status), *refused, "{name}"),
            }
        }
    }
}

#[tokio::test]
async fn a_browser_identifies_as_the_session_of_its_cookie() {
    let node = Node::start();
    let (ada, bob) = (node.user(1, "ada"), node.user(2, "bob"));
    node.store.session(9, ada, session_cookie(9).1);
    let address = node.listen().await;
    let now_ms = chatter::server::clock::now_ms();
    let other_session = node.gateway.tokens.issue(ada, SessionId(9), now_ms);
    let cases = [(node.token(ada), true), (other_session, false), (node.token(bob), false)];
    for (token, good) in cases {
        let cookie = format!("{}={}", node.gateway.config.session_cookie_name(), session_cookie(1).0);
        let headers = [("origin", format!("http://{address}")), ("cookie", cookie)];
        let mut client = connect(&url(address, "/gateway"), &headers).await.ok().unwrap();
        assert_eq!(client.op().await, "HELLO");
        client.identify(&token).await;
        if good {
            assert_eq!(client.op().await, "READY");
        } else {
            assert_eq!(client.op().await, "ERROR");
            assert_eq!(client.close().await, 4004);
        }
    }
}

#[tokio::test]
async fn what_is_no_upgrade_is_answered_in_http() {
    let node = Node::start();
    let address = node.listen().await;
    let client = reqwest::Client::new();
    let plain = client.get(format!("http://{address}/gateway")).send().await.unwrap();
    assert_eq!(plain.status(), 426);
    assert_eq!(plain.headers()["upgrade"], "websocket");
    let old = client
        .get(format!("http://{address}/gateway"))
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "8")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    assert_eq!(old.send().await.unwrap().status(), 400);
    node.gateway.shutdown.begin();
    assert_eq!(connect(&url(address, "/gateway"), &[]).await.err(), Some(503));
}

#[tokio::test]
async fn sockets_of_one_address_that_say_nothing_are_bounded_and_chatters_are_not() {
    let node = Node::start();
    let ada = node.user(1, "ada");
    let address = node.listen().await;
    let open = async || connect(&url(address, "/gateway"), &[]).await;
    let mut waiting = Vec::new();
    while waiting.len() < 256 {
        waiting.push(open().await.ok().unwrap());
    }
    assert_eq!(open().await.err(), Some(429));
    let mut chatter = waiting.pop().unwrap();
    chatter.identify(&node.token(ada)).await;
    assert_eq!((chatter.op().await, chatter.op().await), ("HELLO".to_owned(), "READY".to_owned()));
    waiting.push(open().await.expect("the chatter left its place to another"));
    assert_eq!(open().await.err(), Some(429));
    drop(waiting);
    let again = async { while open().await.is_err() {} };
    tokio::time::timeout(SOON, again).await.expect("those who left gave their places back");
    chatter.assert_silent().await;
}
