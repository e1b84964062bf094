//! The connection machine as stories: each line one input, what must come out of it.

use super::*;
use Heard::{HeartbeatAck, Hello, InvalidCreds, Ready, Reconnect};
use Output::{CloseSocket, FetchToken, GoHome, OpenSocket, Resumed, SendHeartbeat, SendIdentify, SetLink};

const ASK: Output = FetchToken { renew: false };
const RENEW: Output = FetchToken { renew: true };
const HELLO: Input = Input::Frame(Hello { heartbeat_ms: 45_000 });

fn token() -> Input {
    Input::Token(Ok("t".into()))
}

fn identify() -> Output {
    SendIdentify("t".into())
}

/// Runs a story from a new machine: (time, input, expected). `random` is 1 throughout.
fn story(name: &str, lines: Vec<(i64, Input, Vec<Output>)>) -> Connection {
    continue_story(Connection::default(), name, lines)
}

fn continue_story(mut machine: Connection, name: &str, lines: Vec<(i64, Input, Vec<Output>)>) -> Connection {
    for (at_ms, input, expected) in lines {
        let shown = format!("{name}: {input:?} at {at_ms}");
        assert_eq!(machine.step(input, at_ms, 1.0), expected, "{shown}");
    }
    machine
}

/// READY at 0 ms; the first heartbeat is due at 45 s.
fn ready() -> Connection {
    story(
        "to READY",
        vec![
            (0, Input::Start, vec![SetLink(Link::Connecting), ASK]),
            (0, token(), vec![OpenSocket]),
            (0, Input::Opened, vec![identify()]),
            (0, HELLO, vec![]),
            (0, Input::Frame(Ready), vec![SetLink(Link::Ready), Resumed]),
        ],
    )
}

#[test]
fn nothing_happens_before_the_start() {
    let inputs = [Input::Tick, Input::Online, Input::Visible, Input::Offline, Input::Closed(None), token()];
    let machine = story("idle", inputs.into_iter().map(|i| (0, i, vec![])).collect());
    assert_eq!(machine.due(), None);
}

#[test]
fn ready_comes_once_in_parts_and_a_second_start_is_nothing() {
    let machine = continue_story(
        ready(),
        "parts",
        vec![(0, Input::Frame(Ready), vec![]), (0, Input::Start, vec![]), (0, Input::Frame(Heard::Other), vec![])],
    );
    assert!(machine.is_ready());
    assert_eq!(machine.due(), Some(45_000));
}

#[test]
fn the_first_heartbeat_comes_after_a_random_part() {
    let mut machine = Connection::default();
    for input in [Input::Start, token(), Input::Opened, HELLO] {
        machine.step(input, 0, 0.5);
    }
    machine.step(Input::Frame(Ready), 100, 0.5);
    assert_eq!(machine.due(), Some(22_600));
}

#[test]
fn heartbeats_and_the_dead_socket() {
    let machine = continue_story(
        ready(),
        "heartbeats",
        vec![
            (44_999, Input::Tick, vec![]),
            (45_000, Input::Tick, vec![SendHeartbeat]),
            (45_100, Input::Frame(HeartbeatAck), vec![]),
            (90_000, Input::Tick, vec![SendHeartbeat]),
            (134_999, Input::Tick, vec![]),
            (135_000, Input::Tick, vec![CloseSocket, SetLink(Link::Waiting)]),
        ],
    );
    assert_eq!(machine.due(), Some(135_500));
}

#[test]
fn probes() {
    for cause in [Input::Online, Input::Visible, Input::ClockJump] {
        let machine = continue_story(
            ready(),
            "probe",
            vec![
                (10_000, cause.clone(), vec![SendHeartbeat]),
                (10_500, Input::Frame(HeartbeatAck), vec![]),
                // Too soon for one more: it is put off, not forgotten.
                (11_000, cause.clone(), vec![]),
                (11_500, cause.clone(), vec![]),
                (11_999, Input::Tick, vec![]),
                (12_000, Input::Tick, vec![SendHeartbeat]),
                (12_100, Input::Frame(HeartbeatAck), vec![]),
                (17_000, Input::Tick, vec![]),
                (20_000, cause.clone(), vec![SendHeartbeat]),
                (24_999, Input::Tick, vec![]),
                (25_000, Input::Tick, vec![CloseSocket, SetLink(Link::Waiting)]),
                (25_010, cause, vec![SetLink(Link::Connecting), RENEW]),
            ],
        );
        assert_eq!(machine.due(), Some(25_010 + CONNECT_MS));
    }
}

#[test]
fn a_probe_shortens_the_wait_for_an_outstanding_heartbeat() {
    let machine = continue_story(
        ready(),
        "probe over heartbeat",
        vec![(45_000, Input::Tick, vec![SendHeartbeat]), (46_000, Input::Visible, vec![SendHeartbeat])],
    );
    assert_eq!(machine.due(), Some(51_000));
}

#[test]
fn every_close_code() {
    let again = vec![CloseSocket, SetLink(Link::Waiting)];
    let renew = vec![CloseSocket, SetLink(Link::Connecting), RENEW];
    let home = vec![CloseSocket, SetLink(Link::Offline), GoHome];
    // After five failures, a READY that did not last: (code, what to do, when something is due).
    let mut cases: Vec<(Option<u16>, Vec<Output>, Option<i64>)> = vec![
        (Some(4004), renew, Some(CONNECT_MS)),
        (Some(4010), again.clone(), Some(500)),
        (Some(4011), home, None),
        (None, again.clone(), Some(16_000)),
    ];
    let others = [1000, 1001, 1002, 1003, 1006, 1007, 1009, 1012, 4001, 4002, 4003, 4005, 4008, 4009, 4999];
    cases.extend(others.map(|code| (Some(code), again.clone(), Some(16_000))));
    for (code, expected, due) in cases {
        let machine = Connection { failures: 5, ..ready() };
        let machine = continue_story(machine, &format!("{code:?}"), vec![(0, Input::Closed(code), expected)]);
        assert_eq!(machine.due(), due, "{code:?}");
    }
}

#[test]
fn who_falls_behind_comes_back_at_once_but_not_again_and_again() {
    let mut machine = ready();
    let mut now_ms = 0;
    for (lasts_ms, delay_ms) in [(0, 500), (0, 1_000), (5_000, 2_000), (STEADY_MS, 500), (0, 1_000)] {
        now_ms += lasts_ms;
        machine.step(Input::Closed(Some(4010)), now_ms, 1.0);
        assert_eq!(machine.due(), Some(now_ms + delay_ms));
        now_ms += delay_ms;
        for input in [Input::Tick, token(), Input::Opened, Input::Frame(Ready)] {
            machine.step(input, now_ms, 1.0);
        }
        assert!(machine.is_ready());
    }
    assert_eq!(machine.failures, 0, "it says nothing against the server");
}

/// Every phase, at 1 s, after a beginning at 0 s; a heartbeat, a wait and a try are all under way till later.
fn phases() -> Vec<(&'static str, Connection)> {
    let after = |inputs: &[Input]| {
        let mut machine = Connection::default();
        for input in inputs {
            machine.step(input.clone(), 0, 1.0);
        }
        machine
    };
    let ready = [Input::Start, token(), Input::Opened, HELLO, Input::Frame(Ready)];
    vec![
        ("idle", after(&[])),
        ("token", after(&ready[..1])),
        ("opening", after(&ready[..2])),
        ("identifying", after(&ready[..4])),
        ("ready", after(&ready)),
        ("waiting", after(&[Input::Start, Input::Token(Err(TokenFailure::Unreachable))])),
        ("ended", after(&[Input::Start, Input::Token(Err(TokenFailure::Ended))])),
    ]
}

fn phase(machine: &Connection) -> &'static str {
    match machine.phase {
        Phase::Idle => "idle",
        Phase::AwaitingToken { .. } => "token",
        Phase::Connecting { .. } => "opening",
        Phase::Identifying { .. } => "identifying",
        Phase::Ready => "ready",
        Phase::Waiting { .. } => "waiting",
        Phase::Ended => "ended",
    }
}

/// What comes of each input in each phase, in the order of [`phases`]: the phase then, and what to do in short.
/// `-` is nothing at all.
#[test]
fn every_input_in_every_phase() {
    let ended = || Input::Token(Err(TokenFailure::Ended));
    let unreachable = || Input::Token(Err(TokenFailure::Unreachable));
    let error = |retry_after_ms| Input::Frame(Heard::Error { retry_after_ms });
    let table: Vec<(Input, [&str; 7])> = vec![
        (Input::Start, ["token connecting ask", "-", "-", "-", "-", "-", "-"]),
        (token(), ["-", "opening open", "-", "-", "-", "-", "-"]),
        (ended(), ["-", "ended offline home", "-", "-", "-", "-", "-"]),
        (unreachable(), ["-", "waiting waiting", "-", "-", "-", "-", "-"]),
        (Input::Opened, ["-", "-", "identifying identify", "-", "-", "-", "-"]),
        (HELLO, ["-"; 7]),
        (Input::Frame(Ready), ["-", "-", "-", "ready ready resumed", "-", "-", "-"]),
        (Input::Frame(HeartbeatAck), ["-"; 7]),
        (Input::Frame(Heard::Other), ["-"; 7]),
        (error(None), ["-"; 7]),
        (error(Some(500)), ["-"; 7]),
        (
            Input::Frame(Reconnect { after_ms: 1_000 }),
            ["-", "-", "waiting close waiting", "waiting close waiting", "waiting close waiting", "-", "-"],
        ),
        (
            Input::Frame(InvalidCreds),
            ["-", "-", "token close renew", "token close renew", "token close connecting renew", "-", "-"],
        ),
        (
            Input::Closed(Some(4004)),
            ["-", "-", "token close renew", "token close renew", "token close connecting renew", "-", "-"],
        ),
        (
            Input::Closed(Some(4011)),
            ["-", "-", "ended close offline home", "ended close offline home", "ended close offline home", "-", "-"],
        ),
        (
            Input::Closed(Some(4010)),
            ["-", "-", "waiting close waiting", "waiting close waiting", "waiting close waiting", "-", "-"],
        ),
        (
            Input::Closed(None),
            ["-", "-", "waiting close waiting", "waiting close waiting", "waiting close waiting", "-", "-"],
        ),
        (Input::Tick, ["-", "-", "-", "-", "-", "token connecting renew", "-"]),
        (
            Input::Offline,
            [
                "-",
                "waiting offline",
                "waiting close offline",
                "waiting close offline",
                "waiting close offline",
                "waiting offline",
                "-",
            ],
        ),
        (Input::Online, ["-", "-", "-", "-", "ready beat", "token connecting renew", "-"]),
        (Input::Visible, ["-", "-", "-", "-", "ready beat", "token connecting renew", "-"]),
        (Input::ClockJump, ["-", "-", "-", "-", "ready beat", "token connecting renew", "-"]),
    ];
    let short = |output: &Output| match output {
        FetchToken { renew: false } => "ask",
        FetchToken { renew: true } => "renew",
        OpenSocket => "open",
        SendIdentify(_) => "identify",
        SendHeartbeat => "beat",
        CloseSocket => "close",
        GoHome => "home",
        Resumed => "resumed",
        SetLink(Link::Offline) => "offline",
        SetLink(Link::Connecting) => "connecting",
        SetLink(Link::Ready) => "ready",
        SetLink(Link::Waiting) => "waiting",
    };
    for (input, expected) in table {
        for ((name, mut machine), expected) in phases().into_iter().zip(expected) {
            let outputs = machine.step(input.clone(), 1_000, 1.0);
            let words: Vec<_> = std::iter::once(phase(&machine)).chain(outputs.iter().map(short)).collect();
            let expected = if expected == "-" { name } else { expected };
            assert_eq!(words.join(" "), expected, "{input:?} while {name}");
            // The indicator tells the truth: it says ready, and only then, while events can arrive.
            assert_eq!(machine.link() == Link::Ready, machine.is_ready(), "{input:?} while {name}");
        }
    }
}

#[test]
fn a_try_over_a_network_that_changed_is_soon_given_up() {
    for at in 1..=3 {
        for (cause, due) in
            [(Input::Online, 1_000 + PROBE_MS), (Input::ClockJump, 1_000 + PROBE_MS), (Input::Visible, CONNECT_MS)]
        {
            let (name, mut machine) = phases().swap_remove(at);
            machine.step(cause.clone(), 1_000, 1.0);
            assert_eq!(machine.due(), Some(due), "{cause:?} while {name}");
            machine.step(cause, 2_000, 1.0);
            assert_eq!(machine.due(), Some(due), "and is not put off");
        }
    }
}

#[test]
fn nothing_makes_it_come_back_before_the_server_said() {
    let mut machine = ready();
    machine.step(Input::Frame(Reconnect { after_ms: 2_000 }), 0, 0.5);
    assert_eq!(machine.due(), Some(3_000));
    for cause in [Input::Visible, Input::Online, Input::ClockJump] {
        assert_eq!(machine.step(cause, 2_999, 0.5), []);
    }
    assert_eq!(machine.step(Input::Visible, 3_000, 0.5), [SetLink(Link::Connecting), RENEW]);
    // An ERROR that answered a frame long ago delays nothing.
    let mut machine = ready();
    machine.step(Input::Frame(Heard::Error { retry_after_ms: Some(9_000) }), 0, 1.0);
    machine.step(Input::Closed(None), 20_000, 1.0);
    assert_eq!(machine.due(), Some(20_500));
}

#[test]
fn a_refused_token_is_renewed_once() {
    for refusal in [Input::Frame(InvalidCreds), Input::Closed(Some(4004))] {
        let machine = story(
            "refused twice",
            vec![
                (0, Input::Start, vec![SetLink(Link::Connecting), ASK]),
                (0, token(), vec![OpenSocket]),
                (0, Input::Opened, vec![identify()]),
                (0, refusal.clone(), vec![CloseSocket, RENEW]),
                (0, token(), vec![OpenSocket]),
                (0, Input::Opened, vec![identify()]),
                (0, refusal, vec![CloseSocket, SetLink(Link::Offline), GoHome]),
                (0, Input::Visible, vec![]),
                (0, Input::Start, vec![]),
            ],
        );
        assert_eq!(machine.due(), None);
    }
}

#[test]
fn a_refusal_after_a_good_time_is_renewed_again() {
    let mut machine = ready();
    for _ in 0..3 {
        let outputs = machine.step(Input::Closed(Some(4004)), 0, 1.0);
        assert!(outputs.contains(&RENEW), "{outputs:?}");
        for input in [token(), Input::Opened, HELLO, Input::Frame(Ready)] {
            machine.step(input, 0, 1.0);
        }
        assert!(machine.is_ready());
    }
}

#[test]
fn without_a_session_home_and_without_a_network_again() {
    let start = || (0, Input::Start, vec![SetLink(Link::Connecting), ASK]);
    let ended = Input::Token(Err(TokenFailure::Ended));
    story("ended", vec![start(), (0, ended, vec![SetLink(Link::Offline), GoHome])]);
    let unreachable = Input::Token(Err(TokenFailure::Unreachable));
    let machine = story("unreachable", vec![start(), (0, unreachable, vec![SetLink(Link::Waiting)])]);
    assert_eq!(machine.due(), Some(500));
}

#[test]
fn the_wait_doubles_to_30_seconds_and_starts_over_after_a_ready_that_lasts() {
    let mut machine = ready();
    let mut now_ms = 0;
    machine.step(Input::Closed(None), now_ms, 1.0);
    for delay_ms in [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000] {
        assert_eq!(machine.due(), Some(now_ms + delay_ms));
        now_ms += delay_ms;
        assert_eq!(machine.step(Input::Tick, now_ms, 1.0), [SetLink(Link::Connecting), RENEW]);
        machine.step(token(), now_ms, 1.0);
        machine.step(Input::Closed(Some(1006)), now_ms, 1.0);
    }
    for (lasts_ms, delay_ms) in [(0, 30_000), (STEADY_MS - 1, 30_000), (STEADY_MS, 500), (0, 1_000), (5, 2_000)] {
        for input in [Input::Visible, token(), Input::Opened, Input::Frame(Ready)] {
            machine.step(input, now_ms, 1.0);
        }
        now_ms += lasts_ms;
        machine.step(Input::Closed(None), now_ms, 1.0);
        assert_eq!(machine.due(), Some(now_ms + delay_ms), "READY lasted {lasts_ms} ms");
    }
}

#[test]
fn what_the_server_asks_for_is_waited() {
    let machine = continue_story(
        ready(),
        "reconnect",
        vec![
            (0, Input::Frame(Reconnect { after_ms: 2_000 }), vec![CloseSocket, SetLink(Link::Waiting)]),
            (0, Input::Closed(Some(1012)), vec![]),
        ],
    );
    assert_eq!(machine.due(), Some(4_000), "after_ms, and a random part of it more");
    let error = Input::Frame(Heard::Error { retry_after_ms: Some(9_000) });
    let closed = (0, Input::Closed(Some(4008)), vec![CloseSocket, SetLink(Link::Waiting)]);
    let machine = continue_story(ready(), "rate limited", vec![(0, error, vec![]), closed]);
    assert_eq!(machine.due(), Some(9_000));
}

#[test]
fn a_network_that_swallows_everything_is_given_up() {
    let steps = [vec![], vec![token()], vec![token(), Input::Opened], vec![token(), Input::Opened, HELLO]];
    for inputs in steps {
        let mut machine = Connection::default();
        machine.step(Input::Start, 0, 1.0);
        for input in inputs {
            machine.step(input, 0, 1.0);
        }
        assert_eq!(machine.step(Input::Tick, CONNECT_MS - 1, 1.0), []);
        let outputs = machine.step(Input::Tick, CONNECT_MS, 1.0);
        assert_eq!(outputs.last(), Some(&SetLink(Link::Waiting)));
        // The late answer of the first try.
        assert_eq!(machine.step(token(), CONNECT_MS, 1.0), []);
        assert_eq!(machine.step(Input::Opened, CONNECT_MS, 1.0), []);
    }
}

#[test]
fn while_ready_comes_in_parts_it_is_waited_for() {
    let mut machine = Connection::default();
    for input in [Input::Start, token(), Input::Opened] {
        machine.step(input, 0, 1.0);
    }
    // (when it is heard, what, when it would be given up)
    let table = [
        (1_000, HELLO, 1_000 + CONNECT_MS),
        (15_500, Input::Frame(Heard::Other), 15_500 + CONNECT_MS),
        (30_000, Input::Tick, 15_500 + CONNECT_MS),
        (30_400, Input::Frame(Heard::Other), 30_400 + CONNECT_MS),
        (30_500, Input::ClockJump, 30_500 + PROBE_MS),
        (30_600, Input::Frame(Heard::Other), 30_600 + CONNECT_MS),
    ];
    for (at_ms, input, due_ms) in table {
        assert_eq!(machine.step(input.clone(), at_ms, 1.0), [], "{input:?} at {at_ms}");
        assert_eq!(machine.due(), Some(due_ms), "{input:?} at {at_ms}");
    }
    let outputs = machine.step(Input::Tick, 30_600 + CONNECT_MS, 1.0);
    assert_eq!(outputs, [CloseSocket, SetLink(Link::Waiting)]);
}

#[test]
fn offline_and_back() {
    let machine = continue_story(
        ready(),
        "offline",
        vec![
            (0, Input::Offline, vec![CloseSocket, SetLink(Link::Offline)]),
            (29_999, Input::Tick, vec![]),
            (30_000, Input::Tick, vec![RENEW]),
            (30_000, Input::Token(Err(TokenFailure::Unreachable)), vec![]),
            (31_000, Input::Online, vec![SetLink(Link::Connecting), RENEW]),
            (32_000, Input::Offline, vec![SetLink(Link::Offline)]),
            (33_000, Input::Visible, vec![RENEW]),
            (34_000, Input::Online, vec![SetLink(Link::Connecting)]),
        ],
    );
    assert!(!machine.is_ready());
    // The browser is wrong about a server on this machine: READY decides.
    continue_story(
        ready(),
        "falsely offline",
        vec![
            (0, Input::Offline, vec![CloseSocket, SetLink(Link::Offline)]),
            (1_000, Input::Visible, vec![RENEW]),
            (1_000, token(), vec![OpenSocket]),
            (1_000, Input::Opened, vec![identify()]),
            (1_000, Input::Frame(Ready), vec![SetLink(Link::Ready), Resumed]),
        ],
    );
}
