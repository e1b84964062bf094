//! What the use cases of accounts promise, over a store in memory.

use std::net::Ipv4Addr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::super::fake_store::FakeStore;
use super::*;
use crate::api::ApiError;
use crate::protocol::UserId;
use crate::server::bus::local::LocalBus;
use crate::server::bus::{BusBody, BusMessage, Inbound, Received, Topic};
use crate::server::config::{Config, Overrides};

const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));

fn house() -> (Auth, Inbound) {
    house_on(Arc::new(FakeStore::default()))
}

fn house_on(store: Arc<FakeStore>) -> (Auth, Inbound) {
    let config = Config::load(&Overrides::default()).unwrap();
    let (bus, inbound) = LocalBus::open();
    let auth = Auth {
        store,
        bus: Arc::new(bus),
        passwords: Passwords::with_cost(8, 1),
        limits: Arc::new(Limits::new(&config.limits)),
        sign_up: SignUp::Open,
    };
    (auth, inbound)
}

impl Auth {
    async fn lives(&self, signed_in: &SignedIn) -> bool {
        self.store.session_by_token(signed_in.token.hash(), now_ms()).await.unwrap().is_some()
    }
}

/// The sessions that the bus was told of, with their user.
fn told(inbound: &mut Inbound) -> Vec<(UserId, SessionId)> {
    let mut all = Vec::new();
    while let Ok(received) = inbound.try_recv() {
        let Received::Message(BusMessage { topic: Topic::User(user), body: BusBody::SessionsEnded(sessions) }) =
            received
        else {
            panic!("something else on the bus")
        };
        all.extend(sessions.into_iter().map(|session| (user, session)));
    }
    all
}

fn code<T: std::fmt::Debug>(result: Result<T, ServerError>) -> ErrorCode {
    ApiError::from(result.unwrap_err()).code
}

#[tokio::test]
async fn one_signs_up_and_in_and_out() {
    let (auth, mut inbound) = house();
    let first = auth.sign_up(HOME, "Ada", "correct horse".into(), None).await.unwrap();
    let second = auth.sign_in(HOME, " aDA ", "correct horse".into(), None).await.unwrap();
    assert_eq!(second.user, first.user);
    assert!(auth.lives(&first).await && auth.lives(&second).await, "several devices");
    auth.sign_out(&first.viewer()).await.unwrap();
    assert!(!auth.lives(&first).await && auth.lives(&second).await);
    assert_eq!(told(&mut inbound), [(first.user.id, first.session)]);
}

#[tokio::test]
async fn what_cannot_sign_up() {
    let (mut auth, _inbound) = house();
    auth.sign_up(HOME, "Ada", "correct horse".into(), None).await.unwrap();
    let cases = [
        ("ADA", "correct horse", ErrorCode::NameTaken),
        ("007", "correct horse", ErrorCode::NameInvalid),
        ("a b", "correct horse", ErrorCode::NameInvalid),
        ("bob", "short", ErrorCode::PasswordInvalid),
    ];
    let computations = auth.passwords.computations();
    for (name, password, expected) in cases {
        assert_eq!(code(auth.sign_up(HOME, name, password.into(), None).await), expected, "{name}");
    }
    assert_eq!(auth.passwords.computations(), computations, "refused before hashing");
    auth.sign_up = SignUp::Closed;
    assert_eq!(code(auth.sign_up(HOME, "bob", "correct horse".into(), None).await), ErrorCode::SignUpClosed);
}

#[tokio::test]
async fn an_unknown_name_looks_and_costs_like_a_wrong_password() {
    let (auth, _inbound) = house();
    auth.sign_up(HOME, "Ada", "correct horse".into(), None).await.unwrap();
    let elsewhere = NewUser { name: "sso".into(), folded: "sso".into(), password_hash: None, now_ms: 0 };
    auth.store.user_create(elsewhere).await.unwrap();
    let mut seen = Vec::new();
    for name in ["ada", "nobody", "sso"] {
        let before = auth.passwords.computations();
        let error = auth.sign_in(HOME, name, "wrong horse".into(), None).await.unwrap_err();
        seen.push((ApiError::from(error), auth.passwords.computations() - before));
    }
    assert_eq!(seen[0].1, 1);
    assert!(seen.iter().all(|one| *one == seen[0]), "{seen:?}");

    let before = auth.passwords.computations();
    for name in ["ada", "nobody", "a b"] {
        let long = "x".repeat(1 << 20);
        assert_eq!(code(auth.sign_in(ELSEWHERE, name, long, None).await), ErrorCode::WrongCredentials);
    }
    assert_eq!(auth.passwords.computations(), before, "too long to be hashed");
}

#[tokio::test]
async fn a_hundred_wrong_passwords_are_throttled_and_the_owner_gets_in_from_elsewhere() {
    let (auth, _inbound) = house();
    auth.sign_up(HOME, "Ada", "correct horse".into(), None).await.unwrap();
    let before = auth.passwords.computations();
    let mut last = None;
    for _ in 0..100 {
        last = Some(code(auth.sign_in(HOME, "ada", "wrong horse".into(), None).await));
    }
    assert_eq!(last, Some(ErrorCode::RateLimited));
    assert!(auth.passwords.computations() - before < 40, "throttled before hashing");
    auth.sign_in(ELSEWHERE, "ada", "correct horse".into(), None).await.unwrap();
}

#[tokio::test]
async fn a_planted_session_is_replaced() {
    let (auth, mut inbound) = house();
    auth.sign_up(HOME, "Ada", "correct horse".into(), None).await.unwrap();
    let planted = auth.sign_up(HOME, "mallory", "battery staple".into(), None).await.unwrap();
    let presented = Some(planted.viewer());
    let ada = auth.sign_in(HOME, "Ada", "correct horse".into(), presented).await.unwrap();
    assert_ne!(ada.token, planted.token);
    assert!(auth.lives(&ada).await && !auth.lives(&planted).await);
    assert_eq!(told(&mut inbound), [(planted.user.id, planted.session)]);
}

#[tokio::test]
async fn a_password_change_ends_every_session_and_opens_one() {
    let (auth, mut inbound) = house();
    let here = auth.sign_up(HOME, "Ada", "correct horse".into(), None).await.unwrap();
    let there = auth.sign_in(HOME, "Ada", "correct horse".into(), None).await.unwrap();
    let bob = auth.sign_up(HOME, "bob", "battery staple".into(), None).await.unwrap();
    let viewer = here.viewer();
    let wrong = auth.password_change(HOME, &viewer, "wrong horse".into(), "new password".into()).await;
    assert_eq!(code(wrong), ErrorCode::WrongCredentials);
    let short = auth.password_change(HOME, &viewer, "correct horse".into(), "new".into()).await;
    assert_eq!(code(short), ErrorCode::PasswordInvalid);
    assert!(auth.lives(&here).await, "nothing happened yet");

    let next = auth.password_change(HOME, &viewer, "correct horse".into(), "new password".into()).await.unwrap();
    assert!(auth.lives(&next).await && auth.lives(&bob).await);
    assert!(!auth.lives(&here).await && !auth.lives(&there).await);
    assert_eq!(told(&mut inbound), [(here.user.id, here.session), (here.user.id, there.session)]);
    assert_eq!(code(auth.sign_in(HOME, "Ada", "correct horse".into(), None).await), ErrorCode::WrongCredentials);
    auth.sign_in(HOME, "Ada", "new password".into(), None).await.unwrap();
}

#[tokio::test]
async fn a_password_change_overwrites_no_other_that_came_first() {
    let store = Arc::new(FakeStore::default());
    let (auth, _inbound) = house_on(store.clone());
    let viewer = auth.sign_up(HOME, "Ada", "correct horse".into(), None).await.unwrap().viewer();
    let mut change = Box::pin(auth.password_change(HOME, &viewer, "correct horse".into(), "a thief's".into()));
    let before = auth.passwords.computations();
    loop {
        assert!(futures_util::poll!(&mut change).is_pending());
        if auth.passwords.computations() == before + 2 {
            break;
        }
        tokio::task::yield_now().await;
    }
    // The old password was found right, and the new one is being hashed: now its owner's operator resets it.
    store.password_set(viewer.user.id, None, "reset".into(), None).await.unwrap();
    assert_eq!(code(change.await), ErrorCode::WrongCredentials);
    assert_eq!(store.credentials("ada").await.unwrap().unwrap().password_hash.as_deref(), Some("reset"));
}

#[tokio::test]
async fn a_password_change_overtakes_a_sign_in_with_the_old_one() {
    let store = Arc::new(FakeStore::default());
    let (auth, mut inbound) = house_on(store.clone());
    auth.sign_up(HOME, "Ada", "correct horse".into(), None).await.unwrap();
    store.overtaken.store(true, Ordering::Relaxed);
    let result = auth.sign_in(HOME, "Ada", "correct horse".into(), None).await;
    assert_eq!(code(result), ErrorCode::WrongCredentials);
    let session = SessionId(2);
    assert_eq!(store.session_by_id(session, now_ms()).await.unwrap(), None, "the session that was opened is gone");
    assert_eq!(told(&mut inbound), [(UserId(1), session)]);
}

/// Gives the request up in the moment in which the store has committed and not yet answered, as a client does that goes
/// away; then waits until the bus is told of one session that ended.
async fn told_though_given_up<T>(
    store: &FakeStore,
    inbound: &mut Inbound,
    request: impl Future<Output = T>,
) -> (UserId, SessionId) {
    store.late.store(true, Ordering::Relaxed);
    tokio::select! {
        biased;
        () = store.committed.notified() => {}
        _ = request => panic!("the store answers late"),
    }
    store.late.store(false, Ordering::Relaxed);
    let received = tokio::time::timeout(Duration::from_secs(5), inbound.recv()).await.expect("nodes are told").unwrap();
    let Received::Message(BusMessage { topic: Topic::User(user), body: BusBody::SessionsEnded(sessions) }) = received
    else {
        panic!("something else on the bus")
    };
    assert_eq!(sessions.len(), 1);
    (user, sessions[0])
}

#[tokio::test]
async fn a_request_that_is_given_up_is_told_all_the_same() {
    let store = Arc::new(FakeStore::default());
    let (auth, mut inbound) = house_on(store.clone());
    let password = || "correct horse".to_owned();
    let ada = auth.sign_up(HOME, "Ada", password(), None).await.unwrap();
    let (viewer, session) = (ada.viewer(), ada.session);
    let told = told_though_given_up(&store, &mut inbound, auth.sign_out(&viewer)).await;
    assert_eq!(told, (ada.user.id, session));

    let ada = auth.sign_in(HOME, "Ada", password(), None).await.unwrap();
    let again = auth.sign_in(HOME, "Ada", password(), Some(ada.viewer()));
    assert_eq!(told_though_given_up(&store, &mut inbound, again).await, (ada.user.id, ada.session));

    let ada = auth.sign_in(HOME, "Ada", password(), None).await.unwrap();
    let bob = auth.sign_up(HOME, "bob", password(), Some(ada.viewer()));
    assert_eq!(told_though_given_up(&store, &mut inbound, bob).await, (ada.user.id, ada.session));

    let cleo = auth.sign_up(HOME, "cleo", password(), None).await.unwrap();
    let viewer = cleo.viewer();
    let change = auth.password_change(HOME, &viewer, password(), "battery staple".into());
    assert_eq!(told_though_given_up(&store, &mut inbound, change).await, (cleo.user.id, cleo.session));
}
