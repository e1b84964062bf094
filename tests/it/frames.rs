//! The golden frames: `tests/frames/` holds the exact JSON of each, one file a frame.
//!
//! A file that changes changes the protocol: old clients read what it was.

use std::collections::BTreeSet;
use std::path::Path;

use chatter::protocol::frame::{
    ErrorFrame, Hello, Identify, InboxState, Mark, PresenceUpdate, ReadUpdate, Ready, Reconnect, TypingStart,
    UserUpdate,
};
use chatter::protocol::limits::{HEARTBEAT_MS, LIMITS};
use chatter::protocol::{
    ClientFrame, Conversation, ConversationId, ConversationKind, ErrorCode, Event, EventBody, Level, Message, Mine,
    MineChange, Present, Reaction, ReactionChange, Seq, ServerFrame, Sorted, Status, Stream, UserId, UserRef,
};

const ME: UserId = UserId(7);

fn ada() -> UserRef {
    UserRef::new(UserId(7), "ada")
}

fn bob() -> UserRef {
    UserRef::new(UserId(8), "bob")
}

fn room() -> Conversation {
    let title = Some("Tea \"&\" biscuits".into());
    let room = Conversation::new(ConversationId(42), ConversationKind::Room, title, Vec::new());
    Conversation { member_count: 1_200, ..room }
}

fn direct() -> Conversation {
    Conversation::new(ConversationId(43), ConversationKind::Direct, None, vec![ada(), bob()])
}

fn message(version: i64, reply_to: Option<Seq>) -> Message {
    let (content, nonce) = ("Grüße 👋 <b>\n\"ok\"</b>".into(), "0190d0f0-0000-7000-8000-000000000001".into());
    let message = Message::new(Seq(9), bob(), content, nonce, 1_700_000_000_123);
    Message { version: Seq(version), reply_to, ..message }
}

/// With all that a message can have.
fn changed() -> Message {
    let reactions = vec![Reaction { emoji: "👍🏽".into(), users: vec![UserId(7), UserId(8)] }];
    Message { edited_ms: Some(1_700_000_000_999), pinned: true, reactions, ..message(14, Some(Seq(4))) }
}

fn reaction() -> ReactionChange {
    ReactionChange { seq: Seq(9), emoji: "👍🏽".into(), user: UserRef { display: Some("Ada L.".into()), ..ada() } }
}

/// With all that a conversation can have.
fn managed() -> Conversation {
    Conversation { topic: Some("Milk first?".into()), manager: Some(UserId(7)), open: true, archived: true, ..room() }
}

fn mine() -> Mine {
    Mine { level: Level::Mentions, pinned: true, marked: true }
}

fn server_frames() -> Vec<(&'static str, ServerFrame)> {
    let at =
        |seq, body| ServerFrame::Event(Event { stream: Stream::Conversation(ConversationId(42)), seq: Seq(seq), body });
    let in_room = |body| at(9, body);
    let in_inbox = |body| ServerFrame::Event(Event { stream: Stream::Inbox(ME), seq: Seq(3), body });
    let error = |code, message: &str, retry_after_ms| {
        ServerFrame::Error(ErrorFrame { code, message: message.into(), retry_after_ms })
    };
    let ready = Ready {
        user: ada(),
        inbox: InboxState { s: Seq(3), reset: false },
        marks: vec![Mark(ConversationId(42), Seq(120), Seq(100), 18), Mark(ConversationId(43), Seq(2), Seq(2), 0)],
        conversations: vec![room(), direct()],
        reset: vec![ConversationId(42)],
        mine: vec![(ConversationId(43), mine())],
        mentions: vec![(ConversationId(43), 2)],
        part: 1,
        parts: 1,
        present: Vec::new(),
    };
    let present = vec![Present(UserId(8), Status::Online), Present(UserId(9), Status::Away)];
    let ready_present = Ready { present, reset: Vec::new(), mine: Vec::new(), mentions: Vec::new(), ..ready.clone() };
    let ready_inbox_reset = Ready {
        inbox: InboxState { s: Seq(3), reset: true },
        reset: Vec::new(),
        mine: Vec::new(),
        mentions: Vec::new(),
        ..ready.clone()
    };
    vec![
        ("hello", ServerFrame::Hello(Hello { heartbeat_ms: HEARTBEAT_MS, limits: LIMITS })),
        ("ready", ServerFrame::Ready(ready)),
        ("ready_inbox_reset", ServerFrame::Ready(ready_inbox_reset)),
        ("ready_present", ServerFrame::Ready(ready_present)),
        ("heartbeat_ack", ServerFrame::HeartbeatAck),
        ("message_create", in_room(EventBody::MessageCreate(message(9, None)))),
        ("message_create_reply", in_room(EventBody::MessageCreate(message(9, Some(Seq(4)))))),
        ("message_create_changed", in_room(EventBody::MessageCreate(message(11, None)))),
        ("message_update", at(11, EventBody::MessageUpdate(message(11, Some(Seq(4)))))),
        ("message_update_full", at(14, EventBody::MessageUpdate(changed()))),
        ("message_delete", at(12, EventBody::MessageDelete(message(11, None).tombstone(Seq(12))))),
        ("message_delete_replayed", in_room(EventBody::MessageDelete(message(11, None).tombstone(Seq(12))))),
        ("reaction_add", at(13, EventBody::ReactionAdd(reaction()))),
        ("reaction_remove", at(14, EventBody::ReactionRemove(reaction()))),
        ("conversation_update", at(15, EventBody::ConversationUpdate(managed()))),
        ("member_add", in_room(EventBody::MemberAdd(bob()))),
        ("member_remove", in_room(EventBody::MemberRemove(bob()))),
        ("conversation_create", in_inbox(EventBody::ConversationCreate(direct()))),
        (
            "conversation_update_mine",
            in_inbox(EventBody::MineUpdate(MineChange { id: ConversationId(43), mine: mine() })),
        ),
        ("conversation_delete", in_inbox(EventBody::ConversationDelete(ConversationId(42)))),
        (
            "read_update",
            ServerFrame::ReadUpdate(ReadUpdate { conversation: ConversationId(42), user: UserId(8), read_seq: Seq(9) }),
        ),
        (
            "user_update",
            ServerFrame::UserUpdate(UserUpdate {
                user: UserRef { display: Some("Bob B.".into()), ..UserRef::new(UserId(8), "bob") },
            }),
        ),
        ("typing_start", ServerFrame::TypingStart(TypingStart { conversation: ConversationId(42), user: bob() })),
        ("presence_update", ServerFrame::PresenceUpdate(PresenceUpdate { user: UserId(8), status: Status::Away })),
        (
            "presence_update_offline",
            ServerFrame::PresenceUpdate(PresenceUpdate { user: UserId(8), status: Status::Offline }),
        ),
        ("reconnect", ServerFrame::Reconnect(Reconnect { after_ms: 1_000 })),
        ("error_invalid_creds", error(Some(ErrorCode::InvalidCreds), "Invalid creds", None)),
        ("error_rate_limited", error(Some(ErrorCode::RateLimited), "Slow down.", Some(500))),
        ("error_old", error(None, "Invalid creds", None)),
    ]
}

fn client_frames() -> Vec<(&'static str, ClientFrame)> {
    let cursors = Sorted::from([("42".to_owned(), 120), ("inbox".to_owned(), 3)]);
    vec![
        ("identify", ClientFrame::Identify(Identify { token: "a.b.c".into(), cursors: None, client: None })),
        (
            "identify_cursors",
            ClientFrame::Identify(Identify {
                token: "a.b.c".into(),
                cursors: Some(cursors),
                client: Some("web/0.1.0".into()),
            }),
        ),
        ("heartbeat", ClientFrame::Heartbeat { idle: false }),
        ("heartbeat_idle", ClientFrame::Heartbeat { idle: true }),
        ("typing_start_client", ClientFrame::TypingStart(ConversationId(42))),
    ]
}

fn golden(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/frames").join(format!("{name}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.strip_suffix('\n').unwrap_or(&text).to_owned()
}

#[test]
fn every_frame_is_its_file() {
    for (name, frame) in server_frames() {
        assert_eq!(frame.encode(), golden(name), "{name}");
        assert_eq!(ServerFrame::decode(&golden(name), ME).unwrap(), frame, "{name}");
    }
    for (name, frame) in client_frames() {
        assert_eq!(frame.encode(), golden(name), "{name}");
        assert_eq!(ClientFrame::decode(&golden(name)).unwrap(), frame, "{name}");
    }
}

#[test]
fn every_file_is_a_frame() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/frames");
    let files: BTreeSet<String> =
        std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let server = server_frames().into_iter().map(|(name, _)| name);
    let client = client_frames().into_iter().map(|(name, _)| name);
    assert_eq!(files, server.chain(client).map(|name| format!("{name}.json")).collect());
}

#[test]
fn what_a_newer_side_adds_is_left() {
    let newer = r#"{"op":"HEARTBEAT_ACK","t":1,"d":{"load":0.5}}"#;
    assert_eq!(ServerFrame::decode(newer, ME).unwrap(), ServerFrame::HeartbeatAck);
    let unknown = r#"{"op":"POLL_CREATE","c":42,"s":10,"d":{}}"#;
    let body = EventBody::Unknown("POLL_CREATE".into());
    let event = Event { stream: Stream::Conversation(ConversationId(42)), seq: Seq(10), body };
    assert_eq!(ServerFrame::decode(unknown, ME).unwrap(), ServerFrame::Event(event), "its number counts");
    let unknown = r#"{"op":"DANCE_START","d":{"conversation":42}}"#;
    assert_eq!(ServerFrame::decode(unknown, ME).unwrap(), ServerFrame::Unknown("DANCE_START".into()));
    for beat in
        [r#"{"op":"HEARTBEAT","d":null}"#, r#"{"op":"HEARTBEAT","d":[1]}"#, r#"{"op":"HEARTBEAT","d":{"idle":0}}"#]
    {
        assert_eq!(ClientFrame::decode(beat).unwrap(), ClientFrame::Heartbeat { idle: false }, "{beat}");
    }
    let newer = r#"{"op":"IDENTIFY","x":[1],"d":{"token":"t","y":{}}}"#;
    let identify = Identify { token: "t".into(), cursors: None, client: None };
    assert_eq!(ClientFrame::decode(newer).unwrap(), ClientFrame::Identify(identify));
}
