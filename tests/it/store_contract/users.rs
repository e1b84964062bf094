//! Users and their sessions.

use std::sync::Arc;

use chatter::protocol::{SessionId, UserId};
use chatter::server::store::{NewSession, NewUser, StoreError};
use futures_util::future::join_all;

use super::bench::{Bench, new_session, new_user};

pub(super) async fn names_are_unique_as_folded(bench: Arc<Bench>) {
    let ada = bench.store.user_create(NewUser { password_hash: Some("$argon2id$x".into()), ..new_user("Ada") }).await;
    let ada = ada.unwrap();
    for name in ["Ada", "ada", "ADA"] {
        let refused = bench.store.user_create(new_user(name)).await;
        assert!(matches!(refused, Err(StoreError::NameTaken)), "{refused:?}");
    }
    let at_once = join_all((0..10).map(|_| bench.store.user_create(new_user("bob")))).await;
    assert_eq!(at_once.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert!(at_once.iter().all(|answer| matches!(answer, Ok(_) | Err(StoreError::NameTaken))));

    let bob = bench.store.user_by_name("bob").await.unwrap().unwrap();
    assert_eq!(ada.name, "Ada");
    assert_eq!(bench.store.user_names().await.unwrap(), [ada.clone(), bob.clone()]);
    assert_eq!(bench.store.user_by_id(ada.id).await.unwrap(), Some(ada.clone()));
    assert_eq!(bench.store.user_by_name("ada").await.unwrap(), Some(ada.clone()));
    assert_eq!(bench.store.user_by_name("Ada").await.unwrap(), None, "it asks for the folded name");
    let credentials = bench.store.credentials("ada").await.unwrap().unwrap();
    assert_eq!((credentials.user, credentials.password_hash.as_deref()), (ada, Some("$argon2id$x")));
    assert_eq!(bench.store.credentials("bob").await.unwrap().unwrap().password_hash, None);
    assert!(bench.store.credentials("eve").await.unwrap().is_none());
}

pub(super) async fn passwords_end_other_sessions(bench: Arc<Bench>) {
    let [ada, bob] = bench.users(["ada", "bob"]).await;
    let mut sessions = Vec::new();
    for token in 0..3 {
        sessions.push(bench.store.session_create(new_session(ada.id, token, 1, 100)).await.unwrap());
    }
    let bobs = bench.store.session_create(new_session(bob.id, 9, 1, 100)).await.unwrap();
    assert_eq!(living(&bench, [0, 1, 2, 9]).await, [true; 4]);

    let mut ended = bench.store.password_set(ada.id, None, "new".into(), Some(sessions[1])).await.unwrap();
    ended.sort_unstable();
    assert_eq!(ended, [sessions[0], sessions[2]]);
    assert_eq!(bench.store.credentials("ada").await.unwrap().unwrap().password_hash.as_deref(), Some("new"));
    for (session, alive) in [(sessions[0], false), (sessions[1], true), (sessions[2], false), (bobs, true)] {
        assert_eq!(bench.store.session_by_id(session, 2).await.unwrap().is_some(), alive, "{session:?}");
    }
    assert_eq!(living(&bench, [0, 1, 2, 9]).await, [false, true, false, true]);
    // Another's session is not kept for Ada's sake, and hers all end.
    assert_eq!(bench.store.password_set(ada.id, None, "newer".into(), Some(bobs)).await.unwrap(), [sessions[1]]);
    assert_eq!(bench.store.password_set(ada.id, None, "newest".into(), None).await.unwrap(), []);
    let refused = bench.store.password_set(UserId(99), None, "x".into(), None).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
}

/// By token, as requests come: whoever just found a session must not find it once it has ended.
async fn living<const N: usize>(bench: &Bench, tokens: [u8; N]) -> [bool; N] {
    let mut living = [false; N];
    for (living, token) in living.iter_mut().zip(tokens) {
        *living = bench.store.session_by_token([token; 32], 2).await.unwrap().is_some();
    }
    living
}

pub(super) async fn a_password_is_changed_only_from_the_expected_one(bench: Arc<Bench>) {
    let ada = bench.user("ada").await;
    let expected = |hash: &str| Some(hash.to_owned());
    let refused = bench.store.password_set(ada.id, expected("old"), "x".into(), None).await;
    assert!(matches!(refused, Err(StoreError::PasswordChanged)), "none is not the expected one: {refused:?}");
    bench.store.password_set(ada.id, None, "old".into(), None).await.unwrap();
    let session = bench.store.session_create(new_session(ada.id, 1, 1, 100)).await.unwrap();
    let refused = bench.store.password_set(ada.id, expected("older"), "x".into(), None).await;
    assert!(matches!(refused, Err(StoreError::PasswordChanged)), "{refused:?}");
    assert!(bench.store.session_by_id(session, 2).await.unwrap().is_some(), "nothing happened");
    assert_eq!(bench.store.credentials("ada").await.unwrap().unwrap().password_hash.as_deref(), Some("old"));

    let hashes = ["one", "two", "three", "four"].map(str::to_owned);
    let at_once = hashes.map(|hash| bench.store.password_set(ada.id, expected("old"), hash, None));
    let at_once = join_all(at_once).await;
    assert_eq!(at_once.iter().filter(|answer| answer.is_ok()).count(), 1, "one of those that raced: {at_once:?}");
    let refused = bench.store.password_set(UserId(99), expected("old"), "x".into(), None).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
}

pub(super) async fn sessions_live_until_they_end(bench: Arc<Bench>) {
    let ada = bench.user("ada").await;
    let id = bench.store.session_create(new_session(ada.id, 1, 10, 100)).await.unwrap();
    let session = bench.store.session_by_token([1; 32], 10).await.unwrap().unwrap();
    assert_eq!((session.id, &session.user, session.seen_ms, session.expires_ms), (id, &ada, 10, 100));
    assert_eq!(bench.store.session_by_id(id, 99).await.unwrap(), Some(session));
    assert_eq!(bench.store.session_by_token([2; 32], 10).await.unwrap(), None);

    bench.store.session_extend(id, 50, 200).await.unwrap();
    let session = bench.store.session_by_id(id, 150).await.unwrap().unwrap();
    assert_eq!((session.seen_ms, session.expires_ms), (50, 200));
    assert_eq!(bench.store.session_by_token([1; 32], 150).await.unwrap(), Some(session));
    assert_eq!(bench.store.session_by_token([1; 32], 200).await.unwrap(), None, "expired");
    bench.store.session_extend(SessionId(99), 50, 200).await.unwrap();
    let asked = [SessionId(99), id];
    assert_eq!(bench.store.sessions_living(&asked, 150).await.unwrap(), [id]);
    assert_eq!(bench.store.sessions_living(&asked, 200).await.unwrap(), [], "expired");

    assert!(bench.store.session_end(id).await.unwrap());
    assert!(!bench.store.session_end(id).await.unwrap());
    assert_eq!(bench.store.session_by_token([1; 32], 10).await.unwrap(), None);
    let again = bench.store.session_create(new_session(ada.id, 1, 10, 100)).await.unwrap();
    assert_ne!(again, id, "an id is never given out twice");
    let nobodys = bench.store.session_create(new_session(UserId(99), 3, 10, 100)).await;
    assert!(matches!(nobodys, Err(StoreError::NotFound)), "{nobodys:?}");
}

pub(super) async fn a_session_replaces_the_one_presented(bench: Arc<Bench>) {
    let [ada, bob] = bench.users(["ada", "bob"]).await;
    let old = bench.store.session_create(new_session(ada.id, 1, 1, 100)).await.unwrap();
    let other = bench.store.session_create(new_session(ada.id, 2, 1, 100)).await.unwrap();
    assert_eq!(living(&bench, [1, 2]).await, [true, true]);
    // Another account signs in in the same browser.
    let new = NewSession { replaces: Some(old), ..new_session(bob.id, 3, 1, 100) };
    let new = bench.store.session_create(new).await.unwrap();
    for (session, alive) in [(old, false), (other, true), (new, true)] {
        assert_eq!(bench.store.session_by_id(session, 2).await.unwrap().is_some(), alive, "{session:?}");
    }
    assert_eq!(living(&bench, [1, 2, 3]).await, [false, true, true]);
    // A failed sign-in ends nothing.
    let failed = NewSession { replaces: Some(other), ..new_session(UserId(99), 4, 1, 100) };
    bench.store.session_create(failed).await.unwrap_err();
    assert!(bench.store.session_by_id(other, 2).await.unwrap().is_some());
}

pub(super) async fn expired_sessions_are_gone(bench: Arc<Bench>) {
    let ada = bench.user("ada").await;
    let mut sessions = Vec::new();
    for token in 0..40 {
        sessions.push(bench.store.session_create(new_session(ada.id, token, 1, 100)).await.unwrap());
    }
    for (now_ms, alive) in [(99, true), (100, false), (i64::MAX, false)] {
        assert_eq!(bench.store.session_by_id(sessions[0], now_ms).await.unwrap().is_some(), alive, "at {now_ms}");
        assert_eq!(bench.store.session_by_token([0; 32], now_ms).await.unwrap().is_some(), alive, "at {now_ms}");
    }
    // Each sign-in clears some of what has expired: two are enough here.
    for token in [100, 101] {
        bench.store.session_create(new_session(ada.id, token, 100, 200)).await.unwrap();
    }
    for session in sessions {
        assert!(!bench.store.session_end(session).await.unwrap(), "{session:?} was not cleared away");
    }
}
