//! A node's live half on a fake store: bus, delivery, chatters and gateway, and clients that speak to it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::routing::get;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chatter::protocol::frame::Identify;
use chatter::protocol::{ClientFrame, SessionId, UserId};
use chatter::server::auth::token::{GatewayTokens, SessionToken};
use chatter::server::bus::local::LocalBus;
use chatter::server::bus::{Bus, BusMessage, Inbound};
use chatter::server::chatters::Chatters;
use chatter::server::clock::now_ms;
use chatter::server::config::{Config, Overrides};
use chatter::server::delivery::Delivery;
use chatter::server::gateway::{Gateway, WaitingRoom, connection, root_upgrade, upgrade};
use chatter::server::secrets::GatewayKeys;
use chatter::server::shutdown::Shutdown;
use chatter::server::store::{Committed, Store, TokenHash};
use futures_util::{SinkExt, StreamExt};
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tower::Layer;

use super::fake_store::FakeStore;

/// Longest wait for anything that must come.
pub const SOON: Duration = Duration::from_secs(10);

pub struct Node<S = FakeStore> {
    pub store: Arc<S>,
    pub bus: Arc<dyn Bus>,
    pub gateway: Gateway,
}

/// A session cookie's value, and the hash that the store keeps of it. The same number gives the same.
pub fn session_cookie(number: u8) -> (String, TokenHash) {
    let value = BASE64_URL_SAFE_NO_PAD.encode([number; 32]);
    let hash = SessionToken::parse(&value).unwrap().hash();
    (value, hash)
}

impl Node {
    pub fn start() -> Self {
        Self::start_with(|bus| bus)
    }

    /// `wrap` may put something between the node and its bus.
    pub fn start_with(wrap: impl FnOnce(Arc<dyn Bus>) -> Arc<dyn Bus>) -> Self {
        let (store, committed) = FakeStore::open();
        let (bus, inbound) = LocalBus::open();
        Self::start_on(store, committed, wrap(Arc::new(bus)), inbound)
    }

    /// A user with a session of the same number.
    pub fn user(&self, id: u8, name: &str) -> UserId {
        let user = self.store.user(i64::from(id), name);
        self.store.session(i64::from(id), user, session_cookie(id).1);
        user
    }

    pub fn token(&self, user: UserId) -> String {
        self.token_of(user, SessionId(user.0))
    }

    /// A connection that has its READY.
    pub async fn live(&self, user: UserId) -> Client<DuplexStream> {
        self.live_with(&self.token(user)).await
    }
}

impl<S: Store> Node<S> {
    pub fn start_on(store: S, committed: Committed, bus: Arc<dyn Bus>, inbound: Inbound) -> Self {
        let store = Arc::new(store);
        let (left_sender, left) = mpsc::unbounded_channel();
        let chatters = Chatters::new(left_sender);
        let shutdown = Shutdown::new();
        let delivery =
            Delivery::start(store.clone(), bus.clone(), committed, inbound, chatters.clone(), left, &shutdown);
        let gateway = Gateway {
            store: store.clone(),
            chatters,
            delivery,
            tokens: Arc::new(GatewayTokens::new(&GatewayKeys::generate())),
            config: Arc::new(Config::load(&Overrides::default()).unwrap()),
            shutdown,
            waiting: WaitingRoom::default(),
        };
        Self { store, bus, gateway }
    }

    pub fn token_of(&self, user: UserId, session: SessionId) -> String {
        self.gateway.tokens.issue(user, session, now_ms())
    }

    /// A connection without a network beneath: it works while time is paused.
    pub fn connect(&self) -> impl Future<Output = Client<DuplexStream>> + use<S> {
        self.connect_with(64 * 1024)
    }

    /// With so many bytes between the two ends.
    pub fn connect_with(&self, bytes: usize) -> impl Future<Output = Client<DuplexStream>> + use<S> {
        let (ours, theirs) = tokio::io::duplex(bytes);
        let gateway = self.gateway.clone();
        gateway.shutdown.clone().track(connection::serve(theirs, gateway, None, None));
        async { Client(WebSocketStream::from_raw_socket(ours, Role::Client, None).await) }
    }

    /// A connection that has its READY.
    pub async fn live_with(&self, token: &str) -> Client<DuplexStream> {
        let mut client = self.connect().await;
        client.identify(token).await;
        assert_eq!(client.op().await, "HELLO");
        assert_eq!(client.op().await, "READY");
        client
    }

    /// Serves the gateway over HTTP.
    pub async fn listen(&self) -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/gateway", get(upgrade::upgrade)).with_state(self.gateway.clone());
        let app = root_upgrade::layer().layer(router);
        let serve = axum::serve(listener, axum::ServiceExt::<Request>::into_make_service(app));
        tokio::spawn(serve.into_future());
        address
    }

    pub async fn publish(&self, message: BusMessage) {
        self.bus.publish(message).await.unwrap();
    }
}

const PRESENCE: &str = r#"{"op":"PRESENCE_UPDATE""#;

/// The client's end.
pub struct Client<S>(pub WebSocketStream<S>);

/// What a client reads.
#[derive(Debug, PartialEq, Eq)]
pub enum Read {
    Text(String),
    Close(u16),
    Ping,
    End,
}

impl<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin> Client<S> {
    pub async fn send(&mut self, text: &str) {
        self.0.send(Message::Text(Utf8Bytes::from(text))).await.unwrap();
    }

    pub async fn identify(&mut self, token: &str) {
        self.identify_with(token, &[]).await;
    }

    pub async fn identify_with(&mut self, token: &str, cursors: &[(&str, i64)]) {
        let cursors = cursors.iter().map(|(log, seq)| ((*log).to_owned(), *seq)).collect();
        let identify = Identify { token: token.into(), cursors: Some(cursors), client: None };
        self.send(&ClientFrame::Identify(identify).encode()).await;
    }

    /// The next thing that comes, while there may be an hour of paused time before it.
    pub async fn read(&mut self) -> Read {
        loop {
            let read = timeout(Duration::from_secs(3_600), self.0.next()).await.expect("something comes");
            return match read {
                Some(Ok(Message::Text(text))) => Read::Text(text.to_string()),
                Some(Ok(Message::Close(frame))) => Read::Close(frame.map_or(1005, |frame| frame.code.into())),
                Some(Ok(Message::Ping(_))) => Read::Ping,
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => Read::End,
            };
        }
    }

    /// The next text. Of who is there is told at any time, so that is passed over.
    pub async fn text(&mut self) -> String {
        loop {
            let text = self.any_text().await;
            if !text.starts_with(PRESENCE) {
                return text;
            }
        }
    }

    pub async fn any_text(&mut self) -> String {
        match timeout(SOON, self.read()).await.expect("a text comes soon") {
            Read::Text(text) => text,
            other => panic!("a text was expected, and {other:?} came"),
        }
    }

    /// The next that is told of who is there: `user status`.
    pub async fn presence(&mut self) -> String {
        loop {
            // An hour of paused time.
            let Read::Text(text) = self.read().await else { continue };
            if text.starts_with(PRESENCE) {
                let frame: serde_json::Value = serde_json::from_str(&text).unwrap();
                return format!("{} {}", frame["d"]["user"], frame["d"]["status"].as_str().unwrap());
            }
        }
    }

    pub async fn op(&mut self) -> String {
        let frame: serde_json::Value = serde_json::from_str(&self.text().await).unwrap();
        frame["op"].as_str().unwrap().to_owned()
    }

    /// The next event, as `OP conversation seq content`.
    pub async fn event(&mut self) -> String {
        brief(&self.text().await)
    }

    /// Reads up to the close.
    pub async fn close(&mut self) -> u16 {
        loop {
            match timeout(SOON, self.read()).await.expect("a close comes soon") {
                Read::Close(code) => return code,
                Read::End => panic!("the stream ended without a close"),
                Read::Text(_) | Read::Ping => {}
            }
        }
    }

    /// Nothing was sent before the answer to this heartbeat.
    pub async fn assert_silent(&mut self) {
        self.send(r#"{"op":"HEARTBEAT"}"#).await;
        assert_eq!(self.op().await, "HEARTBEAT_ACK");
    }
}

/// An event in a few words.
pub fn brief(text: &str) -> String {
    let frame: serde_json::Value = serde_json::from_str(text).unwrap();
    let part = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Null => "-".into(),
        other => other.to_string(),
    };
    format!("{} {} {} {}", part(&frame["op"]), part(&frame["c"]), part(&frame["s"]), part(&frame["d"]["content"]))
}
