//! Many at once: readers that stop, and clients that all come back together.

use std::time::{Duration, Instant};

use chatter::protocol::{ConversationId, SessionId, UserId};
use chatter::server::clock::now_ms;
use chatter::server::store::{NewRoom, NewSession, NewUser, Target};
use futures_util::future::join_all;
use serde_json::json;
use tokio::sync::Semaphore;

use crate::support::app::TestApp;
use crate::support::message::message;
use crate::support::socket::Socket;

const STOPPED: usize = 200;
/// How long the server waits for those that fell behind to read up to the close.
const LAGGARDS: Duration = Duration::from_secs(10);

/// Somebody with a session, made without a password.
#[derive(Clone, Copy)]
struct Member {
    user: UserId,
    session: SessionId,
}

impl Member {
    async fn new(app: &TestApp, name: &str) -> Self {
        let user = NewUser { name: name.into(), folded: name.into(), password_hash: None, now_ms: now_ms() };
        let user = app.store().user_create(user).await.unwrap().id;
        let mut token_hash = [0; 32];
        token_hash[..8].copy_from_slice(&user.0.to_le_bytes());
        let expires_ms = now_ms() + 3_600_000;
        let session = NewSession { user, token_hash, now_ms: now_ms(), expires_ms, client: None, replaces: None };
        Self { user, session: app.store().session_create(session).await.unwrap() }
    }

    /// Says who it is; the frame after HELLO is READY.
    async fn enter(self, app: &TestApp, socket: &mut Socket, cursors: serde_json::Value) {
        socket.expect("HELLO").await;
        let token = app.running().state.tokens.issue(self.user, self.session, now_ms());
        socket.send(&json!({"op": "IDENTIFY", "d": {"token": token, "cursors": cursors}})).await;
        socket.expect("READY").await;
    }
}

async fn room(app: &TestApp) -> ConversationId {
    let room = NewRoom { title: "all".into(), everyone: true, members: Vec::new(), now_ms: now_ms() };
    app.store().room_create(room).await.unwrap()
}

/// Posts the longest message there is: the seq.
async fn post(app: &TestApp, author: Member, conversation: ConversationId, nonce: String) -> i64 {
    let message = message(author.user, Target::Conversation(conversation), &"é".repeat(4_000), nonce);
    app.store().message_post(message).await.unwrap().message.seq.0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_that_stop_are_closed_and_nobody_else_waits() {
    let app = TestApp::start().await;
    let mut members = Vec::new();
    for n in 0..STOPPED + 2 {
        members.push(Member::new(&app, &format!("user{n}")).await);
    }
    let (ada, bob) = (members.pop().unwrap(), members.pop().unwrap());
    let room = room(&app).await;
    let mut sockets = Vec::new();
    for member in &members {
        let mut socket = Socket::open_small(app.address, 8 * 1024).await;
        member.enter(&app, &mut socket, json!({})).await;
        sockets.push(socket);
    }
    let mut quick = Socket::open(&app.address.to_string()).await;
    bob.enter(&app, &mut quick, json!({})).await;

    // From here on 200 read nothing. Bob has each message before the next one is posted.
    let chatters = app.running().state.gateway.chatters.clone();
    let (mut last, mut first_closed) = (0, None);
    while chatters.connections() > 1 {
        if chatters.connections() <= STOPPED {
            first_closed.get_or_insert_with(Instant::now);
        }
        last = post(&app, ada, room, format!("n{last}")).await;
        assert_eq!(quick.expect("MESSAGE_CREATE").await["s"], last);
        assert!(last < 1_000, "{} readers of nothing are still connected", chatters.connections() - 1);
    }

    // So many may be on their way in from one address.
    let places = Semaphore::new(50);
    // Each finds, after what was on its way, why it was closed. All of them read that first, as they are not waited for
    // much longer.
    let mut found = Vec::new();
    for mut socket in sockets {
        let (mut cursor, mut text) = (0, String::new());
        let code = loop {
            match socket.next_text().await {
                Ok(frame) => {
                    cursor += 1;
                    text = frame;
                }
                Err(code) => break code,
            }
        };
        // On a machine that is this slow the server has given up, and the stream just ends.
        let given_up = first_closed.is_none_or(|since| since.elapsed() > LAGGARDS);
        assert!(code == 4010 || (code == 1006 && given_up), "{code}");
        found.push((cursor, text));
    }
    // And comes back for the rest.
    let back = found.into_iter().zip(members).map(async |((cursor, text), member)| {
        // The last of so many frames has the same number: none was left out.
        assert!(text.contains(&format!(r#""s":{cursor},"#)), "{cursor}: {text}");
        assert!(cursor < last);
        let _place = places.acquire().await.unwrap();
        let mut again = Socket::open(&app.address.to_string()).await;
        member.enter(&app, &mut again, json!({room.to_string(): cursor})).await;
        for seq in cursor + 1..=last {
            assert_eq!(again.expect("MESSAGE_CREATE").await["s"], seq);
        }
        again.assert_silent().await;
    });
    tokio::time::timeout(Duration::from_secs(60), join_all(back)).await.expect("they come back in time");
    quick.assert_silent().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_takes_in_hundreds_of_connected_members_at_once() {
    let app = TestApp::start().await;
    let mut members = Vec::new();
    for n in 0..300 {
        members.push(Member::new(&app, &format!("user{n}")).await);
    }
    let mut sockets = Vec::new();
    for member in &members {
        let mut socket = Socket::open(&app.address.to_string()).await;
        member.enter(&app, &mut socket, json!({})).await;
        sockets.push(socket);
    }
    let room = room(&app).await;
    for (seq, member) in (1..=5).zip(&members) {
        assert_eq!(post(&app, *member, room, format!("n{seq}")).await, seq);
    }
    for socket in &mut sockets {
        assert_eq!(socket.expect("CONVERSATION_CREATE").await["d"]["id"], room.0);
        for seq in 1..=5 {
            assert_eq!(socket.expect("MESSAGE_CREATE").await["s"], seq);
        }
        socket.assert_silent().await;
    }
}
