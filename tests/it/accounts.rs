//! Sign-up, sign-in, sign-out, password change, over HTTP.

use reqwest::header::COOKIE;

use crate::support::app::TestApp;
use crate::support::person::{PASSWORD, Person, http, set_cookie};

async fn guest(app: &TestApp, function: &str, name: &str, password: &str) -> (u16, String) {
    let form = [("name", name), ("password", password)];
    let answer = http().post(app.url(&format!("/api/{function}"))).form(&form).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn names_and_passwords_have_a_form() {
    let app = TestApp::start().await;
    app.person("Straße").await;
    let long = "x".repeat(257);
    for (name, password, status, code) in [
        ("STRASSE", PASSWORD, 409, "name_taken"),
        ("", PASSWORD, 400, "name_invalid"),
        ("12345", PASSWORD, 400, "name_invalid"),
        ("a b", PASSWORD, 400, "name_invalid"),
        ("a\u{202e}b", PASSWORD, 400, "name_invalid"),
        ("bob", "1234567", 400, "password_invalid"),
        ("bob", &long, 400, "password_invalid"),
    ] {
        let (got, body) = guest(&app, "sign-up", name, password).await;
        assert_eq!(got, status, "{name:?}: {body}");
        assert!(body.contains(code), "{name:?}: {body}");
        assert!(!body.contains(password), "a password is never repeated");
    }
    assert_eq!(guest(&app, "sign-up", "bob", "12345678").await.0, 200);
}

#[tokio::test]
async fn a_closed_server_takes_no_strangers() {
    let app = TestApp::with(|config| config.sign_up = chatter::server::config::SignUp::Closed).await;
    let (status, body) = guest(&app, "sign-up", "ada", PASSWORD).await;
    assert_eq!(status, 403, "{body}");
    assert!(body.contains("sign_up_closed"));
}

#[tokio::test]
async fn a_known_and_an_unknown_name_answer_alike() {
    let app = TestApp::start().await;
    app.person("ada").await;
    let hashes = || app.running().state.auth.passwords.computations();
    let before = hashes();
    let known = guest(&app, "sign-in", "ada", "wrong password").await;
    let between = hashes();
    let unknown = guest(&app, "sign-in", "nobody", "wrong password").await;
    let after = hashes();
    assert_eq!(known, unknown);
    assert_eq!(known.0, 401);
    assert_eq!(between - before, after - between, "the same number of hash computations");
}

#[tokio::test]
async fn guessing_is_throttled_and_the_owner_still_gets_in_from_elsewhere() {
    let app = TestApp::start().await;
    app.person("ada").await;
    let from = |address: [u8; 4]| reqwest::Client::builder().local_address(std::net::IpAddr::from(address)).build();
    let guess = from([127, 0, 0, 9]).unwrap();
    let sign_in = async |client: &reqwest::Client, password: &str, forwarded: &str| {
        let form = [("name", "ada"), ("password", password)];
        let request = client.post(app.url("/api/sign-in")).header("x-forwarded-for", forwarded).form(&form);
        request.send().await.unwrap().status().as_u16()
    };
    let mut statuses = Vec::new();
    for n in 0..40 {
        statuses.push(sign_in(&guess, "wrong password", &format!("10.0.0.{n}")).await);
    }
    assert_eq!(statuses[0], 401);
    assert_eq!(statuses[39], 429, "a forged X-Forwarded-For does not help: {statuses:?}");
    assert_eq!(sign_in(&guess, PASSWORD, "").await, 429);
    assert_eq!(sign_in(&from([127, 0, 0, 10]).unwrap(), PASSWORD, "").await, 200);
}

#[tokio::test]
async fn signing_in_rotates_the_session_and_signing_out_ends_it() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let mut socket = ada.socket().await;
    let form = [("name", "ada"), ("password", PASSWORD)];
    let request = http().post(app.url("/api/sign-in")).header(COOKIE, &ada.session).form(&form);
    let answer = request.send().await.unwrap();
    let fresh = set_cookie(&answer, "session").unwrap();
    assert_ne!(format!("session={fresh}"), ada.session);
    assert_eq!(ada.refused("conversation-list", &[]).await.0, 401, "the presented session ended");
    assert_eq!(socket.until_closed().await, 4011, "and so did its sockets");

    let ada = Person::sign_in(&ada.address, "ada").await;
    let answer = ada.call("sign-out", &[]).await;
    assert_eq!(answer.status(), 200);
    let removed: Vec<_> = answer.headers().get_all("set-cookie").iter().map(|v| v.to_str().unwrap()).collect();
    assert!(removed.iter().any(|c| c.starts_with("session=;")), "{removed:?}");
    assert!(removed.iter().any(|c| c.starts_with("authorization=;")), "{removed:?}");
    assert_eq!(ada.refused("conversation-list", &[]).await.0, 401);
    let planted = http().post(app.url("/api/sign-in")).header(COOKIE, "session=planted").form(&form).send().await;
    assert_ne!(set_cookie(&planted.unwrap(), "session").unwrap(), "planted");
}

#[tokio::test]
async fn a_new_password_ends_every_other_session() {
    let app = TestApp::start().await;
    let here = app.person("ada").await;
    let there = Person::sign_in(&here.address, "ada").await;
    let mut socket = there.socket().await;
    let wrong = here.refused("password-change", &[("old", "not my password"), ("new", "another horse")]).await;
    assert_eq!(wrong, (401, "wrong_credentials".to_owned()));
    let short = here.refused("password-change", &[("old", PASSWORD), ("new", "short")]).await;
    assert_eq!(short, (400, "password_invalid".to_owned()));
    let answer = here.call("password-change", &[("old", PASSWORD), ("new", "another horse")]).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(socket.until_closed().await, 4011);
    assert_eq!(there.refused("conversation-list", &[]).await.0, 401);
    assert_eq!(here.refused("conversation-list", &[]).await.0, 401, "rotated here too");
    let session = format!("session={}", set_cookie(&answer, "session").unwrap());
    let mine = http().post(app.url("/api/conversation-list")).header(COOKIE, session).send().await.unwrap();
    assert_eq!(mine.status(), 200, "and the one who changed it goes on");
    assert_eq!(guest(&app, "sign-in", "ada", PASSWORD).await.0, 401);
    assert_eq!(guest(&app, "sign-in", "ada", "another horse").await.0, 200);
}

#[tokio::test]
async fn a_megabyte_of_password_is_refused_before_hashing() {
    let app = TestApp::start().await;
    let before = app.running().state.auth.passwords.computations();
    assert_eq!(guest(&app, "sign-in", "ada", &"x".repeat(1 << 20)).await.0, 413);
    assert_eq!(app.running().state.auth.passwords.computations(), before);
}
