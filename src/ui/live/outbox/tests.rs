//! What the outbox promises: order, the same nonce, and that a refusal holds up nobody.

use super::*;
use crate::api::ApiError;
use crate::protocol::{ErrorCode, Seq};

fn room(id: i64) -> Recipient {
    Recipient::Conversation(ConversationId(id))
}

fn outbox(items: &[(&str, Recipient)]) -> Outbox {
    let mut outbox = Outbox::default();
    for (nonce, recipient) in items {
        outbox.push((*nonce).into(), recipient.clone(), format!("text of {nonce}"), 0);
    }
    outbox
}

/// The nonces handed out now, and when to ask again.
fn drain(outbox: &mut Outbox, now_ms: i64) -> (Vec<String>, Option<i64>) {
    let mut nonces = Vec::new();
    loop {
        match outbox.next(now_ms) {
            Some(Action::Post { nonce, .. }) => nonces.push(nonce),
            Some(Action::Wait { until_ms }) => return (nonces, Some(until_ms)),
            None => return (nonces, None),
        }
    }
}

fn posted(nonce: &str, conversation: i64) -> Posted {
    Posted { conversation_id: ConversationId(conversation), seq: Seq(1), nonce: nonce.into() }
}

const LATER: Failure = Failure::Later { retry_after_ms: None };

#[test]
fn one_on_its_way_for_each_recipient_and_in_order() {
    let mut outbox = outbox(&[("a", room(1)), ("b", room(1)), ("c", room(2)), ("d", room(1))]);
    assert_eq!(drain(&mut outbox, 0).0, ["a", "c"]);
    assert_eq!(drain(&mut outbox, 0).0, [""; 0]);
    outbox.answered("a", Ok(&posted("a", 1)), 0, 0.0);
    assert_eq!(drain(&mut outbox, 0).0, ["b"]);
    outbox.answered("c", Ok(&posted("c", 2)), 0, 0.0);
    outbox.answered("b", Ok(&posted("b", 1)), 0, 0.0);
    assert_eq!(drain(&mut outbox, 0).0, ["d"]);
    outbox.answered("d", Ok(&posted("d", 1)), 0, 0.0);
    assert!(outbox.items().is_empty());
}

#[test]
fn what_may_have_arrived_is_tried_again_with_its_nonce_and_first() {
    let mut outbox = outbox(&[("a", room(1)), ("b", room(1))]);
    assert_eq!(drain(&mut outbox, 0).0, ["a"]);
    outbox.answered("a", Err(LATER), 1_000, 1.0);
    assert_eq!(drain(&mut outbox, 1_000), (vec![], Some(1_500)));
    assert_eq!(drain(&mut outbox, 1_500).0, ["a"]);
    outbox.answered("a", Err(LATER), 2_000, 1.0);
    assert_eq!(drain(&mut outbox, 2_000), (vec![], Some(3_000)));
    outbox.hurry();
    assert_eq!(drain(&mut outbox, 2_000).0, ["a"]);
    outbox.answered("a", Err(Failure::Later { retry_after_ms: Some(7_000) }), 2_000, 1.0);
    assert_eq!(drain(&mut outbox, 2_000), (vec![], Some(9_000)));
}

#[test]
fn no_number_of_lost_connections_fails_a_message_but_a_broken_server_does() {
    for (failure, fails) in [(LATER, false), (Failure::Broken("Something went wrong.".into()), true)] {
        let mut outbox = outbox(&[("a", room(1))]);
        let mut now_ms = 0;
        for _ in 0..BROKEN_ATTEMPTS {
            assert_eq!(drain(&mut outbox, now_ms).0, ["a"]);
            outbox.answered("a", Err(failure.clone()), now_ms, 1.0);
            now_ms += 30_000;
        }
        assert_eq!(matches!(outbox.items()[0].state, State::Failed(_)), fails, "{failure:?}");
    }
}

#[test]
fn a_long_time_without_a_connection_is_not_held_against_a_message() {
    let mut outbox = outbox(&[("a", room(1))]);
    let broken = Failure::Broken("Something went wrong.".into());
    for failure in std::iter::repeat_n(LATER, 50).chain([broken]) {
        outbox.hurry();
        assert_eq!(drain(&mut outbox, 0).0, ["a"]);
        outbox.answered("a", Err(failure), 0, 1.0);
    }
    assert!(matches!(outbox.items()[0].state, State::Waiting { .. }), "the first broken answer");
}

#[test]
fn a_refusal_holds_up_nobody_and_can_be_tried_again_or_taken_back() {
    let mut outbox = outbox(&[("a", room(1)), ("b", room(1))]);
    drain(&mut outbox, 0);
    let item = outbox.answered("a", Err(Failure::Refused("Too long.".into())), 0, 0.0);
    assert_eq!(item.map(|i| i.state), Some(State::Failed("Too long.".into())));
    assert_eq!(drain(&mut outbox, 0), (vec!["b".into()], None));
    assert_eq!(outbox.discard("b"), None, "only a failed one is taken back");
    assert!(outbox.retry("a"));
    assert_eq!(drain(&mut outbox, 0).0, [""; 0], "behind what was written since");
    outbox.answered("b", Ok(&posted("b", 1)), 0, 0.0);
    assert_eq!(drain(&mut outbox, 0).0, ["a"]);
    outbox.answered("a", Err(Failure::Refused("Too long.".into())), 0, 0.0);
    assert_eq!(outbox.discard("a").map(|i| i.content), Some("text of a".into()));
    assert!(outbox.items().is_empty());
    assert_eq!(outbox.answered("a", Err(LATER), 0, 0.0), None);
}

#[test]
fn a_message_is_held_until_it_is_acknowledged_or_taken_back() {
    let mut outbox = outbox(&[("a", room(1)), ("b", room(2))]);
    drain(&mut outbox, 0);
    outbox.answered("a", Err(Failure::Refused("No.".into())), 0, 0.0);
    outbox.answered("b", Ok(&posted("b", 2)), 0, 0.0);
    assert!(outbox.holds_unsent(), "one failed");
    outbox.discard("a");
    assert!(!outbox.holds_unsent());
}

#[test]
fn those_behind_a_first_message_follow_it_into_its_conversation() {
    let name = || Recipient::Name("ada".into());
    let mut outbox = outbox(&[("a", name()), ("b", name())]);
    assert_eq!(drain(&mut outbox, 0).0, ["a"]);
    outbox.answered("a", Ok(&posted("a", 5)), 0, 0.0);
    assert_eq!(
        outbox.next(0),
        Some(Action::Post { nonce: "b".into(), recipient: room(5), content: "text of b".into() })
    );
}

#[test]
fn an_echo_ends_the_tries_unless_one_is_on_its_way() {
    let mut outbox = outbox(&[("a", room(1)), ("b", room(2))]);
    drain(&mut outbox, 0);
    outbox.answered("a", Err(LATER), 0, 1.0);
    outbox.echoed("a", ConversationId(2));
    assert_eq!(outbox.items().len(), 2, "a nonce counts in its own conversation only");
    outbox.echoed("a", ConversationId(1));
    outbox.echoed("b", ConversationId(2));
    assert_eq!(outbox.items().iter().map(|i| i.nonce.as_str()).collect::<Vec<_>>(), ["b"]);
}

#[test]
fn what_was_kept_starts_again() {
    let mut first = outbox(&[("a", room(1)), ("b", room(2))]);
    drain(&mut first, 0);
    first.answered("b", Err(Failure::Refused("No.".into())), 0, 0.0);
    let mut second = Outbox::restore(first.items().to_vec());
    assert_eq!(drain(&mut second, 0).0, ["a"]);
    assert!(matches!(second.items()[1].state, State::Failed(_)));
}

#[test]
fn which_errors_are_tried_again() {
    let cases = [
        (ErrorCode::Unavailable, LATER),
        (ErrorCode::RateLimited, LATER),
        (ErrorCode::WrongSession, LATER),
        (ErrorCode::Internal, Failure::Broken("No.".into())),
        (ErrorCode::NotFound, Failure::Refused("No.".into())),
        (ErrorCode::ContentTooLong, Failure::Refused("No.".into())),
        (ErrorCode::NonceReused, Failure::Refused("No.".into())),
    ];
    for (code, expected) in cases {
        assert_eq!(Failure::from(&ApiError::new(code, "No.")), expected, "{code:?}");
    }
}
