//! Server functions as public endpoints: method, type, size, origin, session.

use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, COOKIE, HOST};

use crate::support::app::TestApp;
use crate::support::person::{http, set_cookie};

const FUNCTIONS: &[&str] = &[
    "sign-out",
    "password-change",
    "gateway-token",
    "message-post",
    "message-list",
    "event-list",
    "conversation-find",
    "conversation-list",
    "conversation",
    "read-mark",
];

#[tokio::test]
async fn a_guest_may_do_nothing() {
    let app = TestApp::start().await;
    for function in FUNCTIONS {
        let form = "conversation_id=1&content=x&seq=1&after=0&query=x&old=12345678&new=12345678";
        let request = http().post(app.url(&format!("/api/{function}"))).body(form);
        let answer = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").send().await.unwrap();
        assert_eq!(answer.status(), 401, "{function}");
        assert!(answer.text().await.unwrap().contains("unauthenticated"), "{function}");
    }
}

#[tokio::test]
async fn method_type_size_and_name_are_checked_first() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let post = || http().post(app.url("/api/message-post")).header(COOKIE, &ada.session);
    for function in FUNCTIONS {
        assert_eq!(http().get(app.url(&format!("/api/{function}"))).send().await.unwrap().status(), 405, "{function}");
    }
    assert_eq!(http().post(app.url("/api/no-such-thing")).send().await.unwrap().status(), 404);
    let json = post().header(CONTENT_TYPE, "application/json").body(r#"{"content":"x"}"#).send().await.unwrap();
    assert_eq!(json.status(), 415);
    assert!(json.text().await.unwrap().contains("unsupported_media_type"));
    let text = post().header(CONTENT_TYPE, "text/plain").body("target_id=ada&content=x").send().await.unwrap();
    assert_eq!(text.status(), 415, "what a cross-site form could send without asking");
    let form = "application/x-www-form-urlencoded";
    let large = post().header(CONTENT_TYPE, form).body(format!("content={}", "x".repeat(65_536))).send().await.unwrap();
    assert_eq!(large.status(), 413);
    assert!(large.text().await.unwrap().contains("too_large"));
}

#[tokio::test]
async fn a_foreign_page_can_post_nothing() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let post = |name: &'static str, value: String| {
        let request = http().post(app.url("/api/message-post")).header(COOKIE, &ada.session).header(name, value);
        request.form(&[("target_id", "ada"), ("content", "x")]).send()
    };
    let own = format!("http://{}", app.address);
    assert_eq!(post("origin", own.clone()).await.unwrap().status(), 200);
    assert_eq!(post("sec-fetch-site", "same-origin".into()).await.unwrap().status(), 200);
    for (name, value) in [
        ("sec-fetch-site", "cross-site".to_owned()),
        ("sec-fetch-site", "same-site".to_owned()),
        ("origin", "https://chat.example".to_owned()),
        ("origin", "null".to_owned()),
        ("origin", format!("{own}.evil")),
    ] {
        assert_eq!(post(name, value.clone()).await.unwrap().status(), 403, "{name}: {value}");
    }
}

#[tokio::test]
async fn the_gateway_token_is_no_session_and_the_session_no_token() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let token = ada.token().await;
    for cookie in [format!("session={token}"), format!("authorization={token}")] {
        let request = http().post(app.url("/api/conversation-list")).header(COOKIE, cookie);
        assert_eq!(request.send().await.unwrap().status(), 401);
    }
    let bearer = http().post(app.url("/api/conversation-list")).bearer_auth(&token).send().await.unwrap();
    assert_eq!(bearer.status(), 401);
}

#[tokio::test]
async fn every_response_carries_the_security_headers() {
    let app = TestApp::start().await;
    for path in ["/", "/sign-up", "/healthz", "/no-such-page", "/favicon.svg", "/api/sign-in"] {
        let answer = http().get(app.url(path)).header(ACCEPT, "text/html").send().await.unwrap();
        let header = |name: &str| answer.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "same-origin", "{path}");
        let csp = header("content-security-policy");
        assert!(csp.contains("frame-ancestors 'none'") && !csp.contains("unsafe-inline"), "{path}: {csp}");
        assert!(header("strict-transport-security").is_empty(), "only under HTTPS: {path}");
    }
    let nonce = async || {
        let answer = http().get(app.url("/")).send().await.unwrap();
        let csp = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        let nonce = csp.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
        let page = answer.text().await.unwrap();
        for script in page.split("<script").skip(1) {
            assert!(script.split('>').next().unwrap().contains(&nonce), "a script without the nonce: {script:.80}");
        }
        assert!(!page.contains(" style="), "no inline style");
        nonce
    };
    assert_ne!(nonce().await, nonce().await, "a nonce serves one response");
}

#[tokio::test]
async fn under_https_cookies_are_host_only_and_secure() {
    let app = TestApp::with(|config| {
        config.public_url = Some(chatter::server::config::PublicUrl::parse("https://chat.example").unwrap())
    })
    .await;
    let form = [("name", "ada"), ("password", "correct horse")];
    let answer = http().post(app.url("/api/sign-up")).form(&form).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(set_cookie(&answer, "__Host-session").is_some());
    let cookies: Vec<_> = answer.headers().get_all("set-cookie").iter().map(|v| v.to_str().unwrap()).collect();
    let session = cookies.iter().find(|c| c.starts_with("__Host-session=")).unwrap();
    for part in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(session.contains(part), "{part}: {session}");
    }
    let authorization = cookies.iter().find(|c| c.starts_with("authorization=")).unwrap();
    for part in ["Secure", "SameSite=Strict", "Path=/", "Max-Age=60"] {
        assert!(authorization.contains(part), "{part}: {authorization}");
    }
    assert!(!authorization.contains("HttpOnly"), "the page's script reads it");
    assert!(answer.headers().contains_key("strict-transport-security"));
}

#[tokio::test]
async fn without_a_public_url_only_this_machines_names_are_answered() {
    let app = TestApp::start().await;
    let ask = async |app: &TestApp, path: &str, host: &str| {
        http().get(app.url(path)).header(HOST, host).send().await.unwrap()
    };
    for host in ["localhost:3000", "127.0.0.1", "chatter.localhost", "[::1]:3000"] {
        assert_eq!(ask(&app, "/", host).await.status(), 200, "{host}");
    }
    for host in ["evil.example", "evil.example:3000", "localhost.evil.example", "10.0.0.5", "127.0.0.1.nip.io", ""] {
        for path in ["/", "/api/conversation-list", "/gateway", "/healthz"] {
            assert_eq!(ask(&app, path, host).await.status(), 421, "{host:?} {path}");
        }
    }
    let refused = ask(&app, "/", "evil.example").await;
    assert_eq!(refused.headers()["x-content-type-options"], "nosniff");
    assert!(refused.text().await.unwrap().contains("CHATTER_PUBLIC_URL"));
    // A page under such a name is of one origin with what it asks for, which is all that a CSRF check sees.
    let rebound = http().post(app.url("/api/sign-in")).header(HOST, "evil.example");
    let rebound = rebound.header("origin", "http://evil.example").form(&[("name", "ada"), ("password", "x")]);
    assert_eq!(rebound.send().await.unwrap().status(), 421);

    let public = TestApp::with(|config| {
        config.public_url = Some(chatter::server::config::PublicUrl::parse("https://chat.example").unwrap())
    })
    .await;
    assert_eq!(ask(&public, "/", "10.0.0.5").await.status(), 200, "behind a proxy, that is the proxy's to say");
}

#[tokio::test]
async fn server_functions_know_one_method() {
    let app = TestApp::start().await;
    for function in FUNCTIONS.iter().chain(&["sign-in", "sign-up"]) {
        for method in [Method::HEAD, Method::PUT, Method::DELETE, Method::PATCH] {
            let request = http().request(method.clone(), app.url(&format!("/api/{function}")));
            assert_eq!(request.send().await.unwrap().status(), 405, "{method} {function}");
        }
    }
}

#[tokio::test]
async fn a_foreign_form_is_refused_even_for_signing_in() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let account = [("name", "ada"), ("password", "correct horse")];
    let message = [("target_id", "ada"), ("content", "x")];
    for (function, form) in [("sign-in", &account), ("message-post", &message)] {
        for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://chat.example")] {
            let request = http().post(app.url(&format!("/api/{function}"))).header(ACCEPT, "text/html");
            let request = request.header(COOKIE, &ada.session).header(name, value).form(form);
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 403, "{function} {name}");
            assert!(set_cookie(&answer, "session").is_none(), "nobody is signed in by another site");
        }
    }
    assert_eq!(ada.ok("conversation-list", &[]).await["conversations"], serde_json::json!([]));
}

#[tokio::test]
async fn signed_in_pages_hold_no_inline_style_and_no_script_without_the_nonce() {
    let app = TestApp::start().await;
    let (ada, _bob) = (app.person("ada").await, app.person("bob").await);
    ada.post_to("bob", "hi").await;
    for path in ["/c", "/c/1", "/c?to=eve", "/settings", "/c/999", "/no-such-page"] {
        let answer = ada.get(path).await;
        let csp = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        let directive =
            |name: &str| csp.split("; ").find_map(|part| part.strip_prefix(name)).unwrap_or("missing").trim();
        assert_eq!(directive("connect-src"), "'self'", "{path}");
        assert_eq!(directive("style-src"), "'self'", "{path}");
        assert_eq!(directive("frame-ancestors"), "'none'", "{path}");
        let nonce = csp.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
        let page = answer.text().await.unwrap();
        assert!(!page.contains(" style=") && !page.contains("<style"), "{path}");
        for script in page.split("<script").skip(1) {
            assert!(script.split('>').next().unwrap().contains(&nonce), "{path}: {script:.80}");
        }
    }
}

#[tokio::test]
async fn a_reply_to_nothing_is_named() {
    let app = TestApp::start().await;
    let (ada, _bob) = (app.person("ada").await, app.person("bob").await);
    let target = [("target_id", "bob"), ("content", "x"), ("reply_to", "99")];
    ada.post_to("bob", "hi").await;
    let conversation = [("conversation_id", "1"), ("content", "x"), ("reply_to", "99")];
    for form in [target, conversation] {
        let answer = ada.call("message-post", &form).await;
        assert_eq!(answer.status(), 404);
        let body: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(
            (&body["code"], &body["message"]),
            (&"not_found".into(), &"The message that this answers does not exist.".into())
        );
    }
    let nobody = [("target_id", "99"), ("content", "x"), ("reply_to", "99")];
    assert_eq!(ada.refused("message-post", &nobody).await.1, "unknown_target");
    let elsewhere = [("conversation_id", "99"), ("content", "x"), ("reply_to", "99")];
    let answer = ada.call("message-post", &elsewhere).await.text().await.unwrap();
    assert!(answer.contains("That conversation does not exist"), "{answer}");
}
