//! The rules of a connection, as stories: (time, input) → what is done.

use super::*;

const IDENTIFY_TEXT: &str = r#"{"op":"IDENTIFY","d":{"token":"t"}}"#;
const HEARTBEAT_TEXT: &str = r#"{"op":"HEARTBEAT"}"#;
const IDLE_TEXT: &str = r#"{"op":"HEARTBEAT","d":{"idle":true}}"#;
const TYPING_TEXT: &str = r#"{"op":"TYPING_START","d":{"conversation":42}}"#;
const ACK: &str = r#"send {"op":"HEARTBEAT_ACK"}"#;
const AUTH: &str = "authenticate t";
const H: u64 = HEARTBEAT;

/// What comes, and when.
type Story<'a> = Vec<(u64, Input<'a>)>;

/// An action in one line.
fn line(action: &Action) -> String {
    match action {
        Action::Send(text) => format!("send {text}"),
        Action::Ping => "ping".into(),
        Action::Authenticate(identify) => format!("authenticate {}", identify.token),
        Action::Idle(idle) => format!("idle {idle}"),
        Action::Typing(conversation) => format!("typing {conversation}"),
        Action::Close(code) => format!("close {}", code.code()),
        Action::Leave => "leave".into(),
    }
}

/// Plays `story` on a new connection and compares everything that was done after HELLO.
fn check(name: &str, story: Story<'_>, expected: &[&str]) {
    let (mut session, hello) = Session::open();
    assert!(line(&hello[0]).starts_with(r#"send {"op":"HELLO","d":{"heartbeat_ms":45000,"#), "{name}");
    let done: Vec<String> =
        story.into_iter().flat_map(|(now_ms, input)| session.handle(now_ms, input)).map(|a| line(&a)).collect();
    assert_eq!(done, expected, "{name}");
}

fn live(mut rest: Story<'_>) -> Story<'_> {
    rest.splice(0..0, [(0, Input::Text(IDENTIFY_TEXT)), (0, Input::Admitted)]);
    rest
}

#[test]
fn before_ready() {
    use Input::*;
    let cases: Vec<(&str, Story<'_>, &[&str])> = vec![
        ("identify", vec![(10, Text(IDENTIFY_TEXT))], &[AUTH]),
        ("heartbeat", vec![(10, Text(HEARTBEAT_TEXT)), (20, Text(IDENTIFY_TEXT))], &[ACK, AUTH]),
        ("heartbeat while identifying", vec![(0, Text(IDENTIFY_TEXT)), (1, Text(HEARTBEAT_TEXT))], &[AUTH, ACK]),
        ("another op", vec![(0, Text(r#"{"op":"TYPING_START"}"#))], &["close 4003"]),
        ("typing", vec![(0, Text(TYPING_TEXT))], &["close 4003"]),
        (
            "idle from the start",
            vec![(0, Text(IDLE_TEXT)), (1, Text(IDENTIFY_TEXT)), (2, Admitted), (3, Text(HEARTBEAT_TEXT))],
            &[ACK, AUTH, "idle true", ACK, "idle false"],
        ),
        (
            "idle, and active again",
            vec![(0, Text(IDLE_TEXT)), (1, Text(IDENTIFY_TEXT)), (2, Text(HEARTBEAT_TEXT)), (3, Admitted)],
            &[ACK, AUTH, ACK],
        ),
        (
            "another op while identifying",
            vec![(0, Text(IDENTIFY_TEXT)), (1, Text(r#"{"op":"X"}"#))],
            &[AUTH, "close 4003"],
        ),
        ("a server's op", vec![(0, Text(r#"{"op":"READY","d":{}}"#))], &["close 4003"]),
        ("twice", vec![(0, Text(IDENTIFY_TEXT)), (1, Text(IDENTIFY_TEXT))], &[AUTH, "close 4005"]),
        ("too early a tick", vec![(4_999, Tick), (5_000, Text(IDENTIFY_TEXT))], &[AUTH]),
        ("too late", vec![(5_000, Tick), (5_000, Text(IDENTIFY_TEXT))], &["close 4009"]),
        ("pings are not IDENTIFY", vec![(4_000, Ping), (5_000, Tick)], &["close 4009"]),
        ("once identifying, the store has time", vec![(10, Text(IDENTIFY_TEXT)), (5_000, Tick)], &[AUTH]),
        ("wrong types", vec![(0, Text(r#"{"op":"IDENTIFY","d":{"token":7}}"#))], &["close 4001"]),
        ("no token", vec![(0, Text(r#"{"op":"IDENTIFY"}"#))], &["close 4001"]),
        (
            "bad token",
            vec![(0, Text(IDENTIFY_TEXT)), (1, Refused(Refusal::BadToken))],
            &[AUTH, r#"send {"op":"ERROR","d":{"code":"invalid_creds","message":"Invalid creds"}}"#, "close 4004"],
        ),
        (
            "the 21st",
            vec![(0, Text(IDENTIFY_TEXT)), (1, Refused(Refusal::TooManyConnections))],
            &[
                AUTH,
                r#"send {"op":"ERROR","d":{"code":"too_many_connections","message":"You have too many connections open. Close one first."}}"#,
                "close 4008",
            ],
        ),
        ("session gone", vec![(0, Text(IDENTIFY_TEXT)), (1, Refused(Refusal::SessionEnded))], &[AUTH, "close 4011"]),
        ("no store", vec![(0, Text(IDENTIFY_TEXT)), (1, Refused(Refusal::Unavailable))], &[AUTH, "close 1012"]),
    ];
    for (name, story, expected) in cases {
        check(name, story, expected);
    }
}

#[test]
fn a_token_is_measured_before_it_is_read() {
    let identify = |bytes| format!(r#"{{"op":"IDENTIFY","d":{{"token":"{}"}}}}"#, "x".repeat(bytes));
    let (mut session, _) = Session::open();
    assert!(matches!(session.handle(0, Input::Text(&identify(TOKEN_BYTES)))[..], [Action::Authenticate(_)]));
    let (mut session, _) = Session::open();
    let done = session.handle(0, Input::Text(&identify(TOKEN_BYTES + 1)));
    assert_eq!(done.last(), Some(&Action::Close(CloseCode::AuthenticationFailed)));
}

#[test]
fn after_ready() {
    use Input::*;
    let cases: Vec<(&str, Story<'_>, &[&str])> = vec![
        ("heartbeat", live(vec![(1, Text(HEARTBEAT_TEXT))]), &[AUTH, ACK]),
        ("identify again", live(vec![(1, Text(IDENTIFY_TEXT))]), &[AUTH, "close 4005"]),
        ("unknown op", live(vec![(1, Text(r#"{"op":"DANCE","d":1}"#)), (2, Text(HEARTBEAT_TEXT))]), &[AUTH, ACK]),
        ("unknown field", live(vec![(1, Text(r#"{"op":"HEARTBEAT","x":1}"#))]), &[AUTH, ACK]),
        ("typing", live(vec![(1, Text(TYPING_TEXT))]), &[AUTH, "typing 42"]),
        ("typing nowhere", live(vec![(1, Text(r#"{"op":"TYPING_START"}"#))]), &[AUTH, "close 4001"]),
        (
            "typing of a wrong type",
            live(vec![(1, Text(r#"{"op":"TYPING_START","d":{"conversation":"42"}}"#))]),
            &[AUTH, "close 4001"],
        ),
        ("presence", live(vec![(1, Text(r#"{"op":"PRESENCE_UPDATE","d":{}}"#))]), &[AUTH, "close 4001"]),
        (
            "idle is told once",
            live(vec![
                (1, Text(IDLE_TEXT)),
                (2, Text(IDLE_TEXT)),
                (3, Text(HEARTBEAT_TEXT)),
                (4, Text(HEARTBEAT_TEXT)),
            ]),
            &[AUTH, ACK, "idle true", ACK, ACK, "idle false", ACK],
        ),
        ("a heartbeat says what it likes", live(vec![(1, Text(r#"{"op":"HEARTBEAT","d":17}"#))]), &[AUTH, ACK]),
        ("server's op", live(vec![(1, Text(r#"{"op":"MESSAGE_CREATE","d":{}}"#))]), &[AUTH, "close 4001"]),
        ("op of a wrong type", live(vec![(1, Text(r#"{"op":7}"#))]), &[AUTH, "close 4001"]),
        ("no op", live(vec![(1, Text("{}"))]), &[AUTH, "close 4001"]),
        ("not an object", live(vec![(1, Text("[]"))]), &[AUTH, "close 4001"]),
        ("not JSON", live(vec![(1, Text("hello"))]), &[AUTH, "close 4002"]),
        ("a key twice", live(vec![(1, Text(r#"{"op":"HEARTBEAT","op":"X"}"#))]), &[AUTH, "close 4002"]),
        ("binary", live(vec![(1, Binary)]), &[AUTH, "close 1003"]),
        ("peer closed", live(vec![(1, Closed)]), &[AUTH, "leave"]),
        ("lost", live(vec![(1, ReadFailed(ReadError::Lost))]), &[AUTH, "leave"]),
        ("unmasked", live(vec![(1, ReadFailed(ReadError::Protocol))]), &[AUTH, "close 1002"]),
        ("not UTF-8", live(vec![(1, ReadFailed(ReadError::NotUtf8))]), &[AUTH, "close 1007"]),
        ("too big", live(vec![(1, ReadFailed(ReadError::TooBig))]), &[AUTH, "close 1009"]),
        ("fell behind", live(vec![(1, Ended(End::FellBehind))]), &[AUTH, "close 4010"]),
        ("signed out", live(vec![(1, Ended(End::SessionEnded))]), &[AUTH, "close 4011"]),
        (
            "going down",
            live(vec![(1, ShuttingDown { after_ms: 1_000 })]),
            &[AUTH, r#"send {"op":"RECONNECT","d":{"after_ms":1000}}"#, "close 1012"],
        ),
        (
            "nothing follows a close",
            live(vec![(1, Binary), (2, Text("x")), (3, ShuttingDown { after_ms: 1_000 }), (H * 9, Tick)]),
            &[AUTH, "close 1003"],
        ),
    ];
    for (name, story, expected) in cases {
        check(name, story, expected);
    }
}

#[test]
fn deep_nesting_is_refused() {
    let text = format!(r#"{{"op":"HEARTBEAT","d":{}1{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    check("deep", vec![(0, Input::Text(&text))], &["close 4002"]);
}

#[test]
fn silence() {
    use Input::*;
    let cases: Vec<(&str, Story<'_>, &[&str])> = vec![
        ("not yet", live(vec![(H - 1, Tick)]), &[AUTH]),
        ("a probe, once", live(vec![(H, Tick), (H + 1, Tick)]), &[AUTH, "ping"]),
        ("no answer", live(vec![(H, Tick), (2 * H - 1, Tick), (2 * H, Tick)]), &[AUTH, "ping", "close 4009"]),
        (
            "a Pong is life",
            live(vec![(H, Tick), (H + 9, Pong), (2 * H, Tick), (2 * H + 9, Tick)]),
            &[AUTH, "ping", "ping"],
        ),
        ("so is a Ping", live(vec![(H, Tick), (H + 9, Ping), (2 * H, Tick)]), &[AUTH, "ping"]),
        ("so is a heartbeat", live(vec![(H - 1, Text(HEARTBEAT_TEXT)), (H, Tick)]), &[AUTH, ACK]),
    ];
    for (name, story, expected) in cases {
        check(name, story, expected);
    }
}

#[test]
fn the_deadline_is_always_when_something_is_due() {
    let (mut session, _) = Session::open();
    assert_eq!(session.deadline_ms(), IDENTIFY);
    let _ = session.handle(7, Input::Text(IDENTIFY_TEXT));
    assert_eq!(session.deadline_ms(), 7 + H);
    let _ = session.handle(9, Input::Admitted);
    for _ in 0..100 {
        let due = session.deadline_ms();
        assert!(session.handle(due - 1, Input::Tick).is_empty());
        assert_eq!(session.handle(due, Input::Tick), [Action::Ping]);
        assert_eq!(session.deadline_ms(), due + H);
        assert!(session.handle(due + 20, Input::Pong).is_empty());
    }
}

#[test]
fn a_flood_is_told_and_closed() {
    type Frame = fn() -> Input<'static>;
    let frames: [(&str, Frame); 3] =
        [("heartbeats", || Input::Text(HEARTBEAT_TEXT)), ("pings", || Input::Ping), ("pongs", || Input::Pong)];
    for (name, frame) in frames {
        let (mut session, _) = Session::open();
        let _ = session.handle(0, Input::Text(IDENTIFY_TEXT));
        let _ = session.handle(0, Input::Admitted);
        for _ in 0..19 {
            assert!(!matches!(session.handle(0, frame()).last(), Some(Action::Close(_))), "{name}");
        }
        let done: Vec<String> = session.handle(0, frame()).iter().map(line).collect();
        let error = r#"send {"op":"ERROR","d":{"code":"rate_limited","message":"That was too much at once. Wait a moment.","retry_after_ms":500}}"#;
        assert_eq!(done, [error, "close 4008"], "{name}");
    }
}

#[test]
fn unknown_ops_are_counted() {
    let (mut session, _) = Session::open();
    let _ = session.handle(0, Input::Text(IDENTIFY_TEXT));
    let _ = session.handle(0, Input::Admitted);
    let _ = session.handle(1, Input::Text(r#"{"op":"DANCE"}"#));
    let _ = session.handle(2, Input::Text(r#"{"op":"SING","d":{"a":[1]}}"#));
    assert_eq!(session.unknown_ops(), 2);
}
