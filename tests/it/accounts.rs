//! Sign-up, sign-in, sign-out, password change, over HTTP.

use reqwest::header::COOKIE;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

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
    assert_eq!((between - before, after - between), (1, 1), "one hash computation each");
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
async fn behind_a_trusted_proxy_what_the_client_forged_does_not_count() {
    let app = TestApp::with(|config| config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()]).await;
    app.person("ada").await;
    let sign_in = async |password: &str, forwarded: String| {
        let form = [("name", "ada"), ("password", password)];
        let request = http().post(app.url("/api/sign-in")).header("x-forwarded-for", forwarded).form(&form);
        request.send().await.unwrap().status().as_u16()
    };
    let mut last = 0;
    for n in 0..40 {
        last = sign_in("wrong password", format!("10.0.0.{n}, 198.51.100.1")).await;
    }
    assert_eq!(last, 429, "the proxy's own entry is the last one");
    assert_eq!(sign_in(PASSWORD, "198.51.100.1".into()).await, 429);
    assert_eq!(sign_in(PASSWORD, "198.51.100.1, 198.51.100.2".into()).await, 200, "another client of that proxy");
}

#[tokio::test]
async fn signing_up_ends_the_session_that_the_browser_came_with() {
    let app = TestApp::start().await;
    let mallory = app.person("mallory").await;
    let mut socket = mallory.socket().await;
    let form = [("name", "ada"), ("password", PASSWORD)];
    let request = http().post(app.url("/api/sign-up")).header(COOKIE, &mallory.session).form(&form);
    let fresh = set_cookie(&request.send().await.unwrap(), "session").unwrap();
    assert_ne!(format!("session={fresh}"), mallory.session);
    assert_eq!(mallory.refused("conversation-list", &[]).await.0, 401);
    assert_eq!(socket.until_closed().await, 4011);
}

#[tokio::test]
async fn a_page_of_another_account_changes_nothing() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    let (conversation, _) = bob.post_to("ada", "hi").await;
    let (conversation, bobs) = (conversation.to_string(), bob.id.to_string());
    let cases: &[(&str, &[(&str, &str)])] = &[
        ("sign-out", &[]),
        ("password-change", &[("old", PASSWORD), ("new", "another horse")]),
        ("read-mark", &[("conversation_id", &conversation), ("seq", "1")]),
    ];
    for (function, form) in cases {
        let form = [form, &[("as_user", bobs.as_str())][..]].concat();
        assert_eq!(ada.refused(function, &form).await, (409, "wrong_session".to_owned()), "{function}");
    }
    let entry = ada.ok("conversation", &[("conversation_id", &conversation)]).await;
    assert_eq!((&entry["unread"], &entry["read_seq"]), (&1.into(), &0.into()), "still signed in, and nothing read");
    Person::sign_in(&ada.address, "ada").await;
}

#[tokio::test]
async fn sql_is_text() {
    let app = TestApp::start().await;
    let sql = "'; DROP TABLE users; --";
    assert_eq!(guest(&app, "sign-up", sql, PASSWORD).await.0, 400);
    assert_eq!(guest(&app, "sign-in", sql, PASSWORD).await.0, 401);
    assert_eq!(guest(&app, "sign-up", "ada", sql).await.0, 200);
    assert_eq!(guest(&app, "sign-in", "ada", sql).await.0, 200);
    for other in ["' OR '1'='1' --", "'; DROP TABLE users;", "%"] {
        assert_eq!(guest(&app, "sign-in", "ada", other).await.0, 401, "{other}");
    }
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
    let ada = app.person("ada").await;
    let before = app.running().state.auth.passwords.computations();
    let long = "x".repeat(1 << 20);
    for function in ["sign-in", "sign-up"] {
        assert_eq!(guest(&app, function, "bob", &long).await.0, 413, "{function}");
        assert_eq!(chunked(&app, function, "", &format!("name=bob&password={long}")).await, 413, "{function}");
    }
    assert_eq!(ada.refused("password-change", &[("old", &long), ("new", PASSWORD)]).await.0, 413);
    assert_eq!(ada.refused("password-change", &[("old", PASSWORD), ("new", &long)]).await.0, 413);
    let cookie = format!("Cookie: {}\r\n", ada.session);
    assert_eq!(chunked(&app, "password-change", &cookie, &format!("old={PASSWORD}&new={long}")).await, 413);
    assert_eq!(app.running().state.auth.passwords.computations(), before);
}

#[tokio::test]
async fn whoever_sends_too_much_still_sees_why() {
    let app = TestApp::start().await;
    let mut stream = tokio::net::TcpStream::connect(app.address).await.unwrap();
    let body = "x".repeat(1 << 20);
    let form = format!("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}", body.len());
    let head = format!("POST /api/sign-in HTTP/1.1\r\nHost: {}\r\n{form}\r\n\r\n", app.address);
    stream.write_all(head.as_bytes()).await.unwrap();
    // Refused long before the rest is sent.
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    for piece in body.as_bytes().chunks(64 * 1024) {
        stream.write_all(piece).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    let mut line = [0; 12];
    stream.read_exact(&mut line).await.unwrap();
    assert_eq!(&line, b"HTTP/1.1 413");
}

/// Posts a form whose length is not said before: the answer's status.
async fn chunked(app: &TestApp, function: &str, headers: &str, form: &str) -> u16 {
    let (mut from, mut to) = tokio::net::TcpStream::connect(app.address).await.unwrap().into_split();
    let form_type = "Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked";
    let head = format!("POST /api/{function} HTTP/1.1\r\nHost: {}\r\n{headers}{form_type}\r\n\r\n", app.address);
    let body = format!("{:x}\r\n{form}\r\n0\r\n\r\n", form.len());
    // It may be refused before all of it is sent. A half that is dropped would say that the client is gone.
    let sending = tokio::spawn(async move {
        let _sent_or_refused = to.write_all((head + &body).as_bytes()).await;
        to
    });
    let mut line = [0; 12];
    from.read_exact(&mut line).await.unwrap();
    drop(sending);
    std::str::from_utf8(&line).unwrap().strip_prefix("HTTP/1.1 ").unwrap().parse().unwrap()
}
