//! The page without JavaScript: forms answered with redirects, or with the page, the sentence and the typed text.

use reqwest::header::{ACCEPT, CONTENT_TYPE, COOKIE};

use crate::support::app::TestApp;
use crate::support::person::{Person, http, location, set_cookie};

/// The fields of a form.
type Form<'a> = &'a [(&'a str, &'a str)];

/// The value of a hidden field of a page.
fn hidden(page: &str, name: &str) -> Option<String> {
    let input = page.split("<input").find(|i| i.contains(&format!("name=\"{name}\"")))?;
    Some(input.split("value=\"").nth(1)?.split('"').next()?.to_owned())
}

/// The text of a page's alert.
fn alert(page: &str) -> Option<&str> {
    let alert = page.split("role=\"alert\"").nth(1)?.split_once('>')?.1;
    Some(alert.split("</p>").next().unwrap_or_default())
}

#[tokio::test]
async fn a_post_leads_back_to_its_conversation() {
    let app = TestApp::start().await;
    let (ada, _bob) = (app.person("ada").await, app.person("bob").await);
    let answer = ada.form("message-post", &[("target_id", "bob"), ("content", "hi\r\nthere")]).await;
    assert_eq!((answer.status().as_u16(), location(&answer)), (303, Some("/c/1")));
    let (status, page) = ada.page("/c/1").await;
    assert_eq!(status, 200);
    assert!(page.contains("hi\nthere"), "the text stands in the served page");
    let nonce = hidden(&page, "nonce").expect("a nonce in the form");
    let form = [("conversation_id", "1"), ("content", "once"), ("nonce", nonce.as_str())];
    assert_eq!(ada.form("message-post", &form).await.status(), 303);
    assert_eq!(ada.form("message-post", &form).await.status(), 303, "the button pressed twice");
    let list = ada.ok("message-list", &[("conversation_id", "1")]).await;
    assert_eq!(list["messages"].as_array().unwrap().len(), 2);
    assert_ne!(hidden(&ada.page("/c/1").await.1, "nonce").unwrap(), nonce, "each page has its own nonce");
}

#[tokio::test]
async fn a_refused_post_keeps_the_text_and_says_why() {
    let app = TestApp::start().await;
    let (ada, _bob) = (app.person("ada").await, app.person("bob").await);
    ada.post_to("bob", "hi").await;
    let long = format!("precious {}", "x".repeat(4_000));
    let cases: &[(Form, u16, &str, &str)] = &[
        (&[("conversation_id", "1"), ("content", "   ")], 400, "Write something first.", ""),
        (&[("conversation_id", "1"), ("content", &long)], 400, "That is too long.", "precious"),
        (&[("conversation_id", "1"), ("content", "precious\u{7}")], 400, "control characters", "precious"),
        (&[("target_id", "nobody"), ("content", "precious")], 404, "nobody with that name", "precious"),
        (&[("conversation_id", "1"), ("content", "precious"), ("as_user", "999")], 409, "Reload", "precious"),
    ];
    for (form, status, sentence, kept) in cases {
        let answer = ada.form("message-post", form).await;
        assert_eq!(answer.status(), *status, "{form:.80?}");
        let page = answer.text().await.unwrap();
        let said = alert(&page).unwrap_or_else(|| panic!("nothing is said: {sentence}"));
        assert!(said.contains(sentence), "{said}");
        assert!(page.contains(kept), "{kept}");
    }
    let first = [("conversation_id", "1"), ("content", "one"), ("nonce", "same")];
    ada.form("message-post", &first).await;
    let second = ada.form("message-post", &[("conversation_id", "1"), ("content", "two"), ("nonce", "same")]).await;
    assert_eq!(second.status(), 409);
    let page = second.text().await.unwrap();
    assert_ne!(hidden(&page, "nonce").unwrap(), "same", "the page comes with a fresh nonce");
}

#[tokio::test]
async fn markup_is_text_everywhere() {
    let app = TestApp::start().await;
    let (ada, _bob) = (app.person("ada").await, app.person("bob").await);
    let evil = "</script><img src=x onerror=alert(1)>\"'><svg onload=alert(2)>";
    ada.post_to("bob", evil).await;
    for page in [
        ada.page("/c").await.1,
        ada.page("/c/1").await.1,
        ada.form("message-post", &[("target_id", evil), ("content", evil)]).await.text().await.unwrap(),
    ] {
        for markup in ["<img src=x", "<svg onload"] {
            let at = page.find(markup);
            assert!(
                at.is_none(),
                "markup came through: …{}",
                at.map_or("", |at| &page[at.saturating_sub(80)..at + 40])
            );
        }
        assert!(page.contains("img src=x"), "but the text is there");
    }
}

#[tokio::test]
async fn accounts_by_forms() {
    let app = TestApp::start().await;
    let post = async |function: &str, form: &[(&str, &str)]| {
        let request = http().post(app.url(&format!("/api/{function}"))).header(ACCEPT, "text/html").form(form);
        request.send().await.unwrap()
    };
    let page = http().get(app.url("/sign-up")).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("passwordrules=\"minlength: 8; maxlength: 256;\""), "for programs that make them up");
    assert!(!page.contains("autofocus"), "nothing went wrong yet");
    let ada = [("name", "ada"), ("password", "correct horse")];
    let answer = post("sign-up", &ada).await;
    assert_eq!((answer.status().as_u16(), location(&answer)), (303, Some("/c")));
    assert!(set_cookie(&answer, "session").is_some());
    let taken = post("sign-up", &ada).await;
    assert_eq!(taken.status(), 409);
    let page = taken.text().await.unwrap();
    assert!(page.contains("That name is taken.") && page.contains("value=\"ada\""), "the name is kept");
    assert!(!page.contains("correct horse"));
    let wrong = post("sign-in", &[("name", "ada"), ("password", "wrong password")]).await;
    assert_eq!(wrong.status(), 401);
    let page = wrong.text().await.unwrap();
    let field = page.split("<input").find(|input| input.contains("name=\"password\"")).unwrap();
    let field = field.split('>').next().unwrap();
    assert!(field.contains("autofocus") && field.contains("aria-describedby=\"form-error\""), "{field}");
    let answer = post("sign-in", &[("name", "ada"), ("password", "correct horse"), ("next", "//evil")]).await;
    assert_eq!((answer.status().as_u16(), location(&answer)), (303, Some("/c")), "a fixed path");

    let wanted = [("conversation_id", "7"), ("seq", "30")];
    let wrong = [&[("name", "ada"), ("password", "wrong password")], &wanted[..]].concat();
    let page = post("sign-in", &wrong).await.text().await.unwrap();
    let hidden = |name: &str, value: &str| page.contains(&format!("name=\"{name}\" value=\"{value}\""));
    assert!(wanted.iter().all(|(name, value)| hidden(name, value)), "{page}");
    let right = [&ada[..], &wanted[..]].concat();
    let answer = post("sign-in", &right).await;
    assert_eq!((answer.status().as_u16(), location(&answer)), (303, Some("/c/7/30")), "what they wanted to read");

    let ada = Person::sign_in(&app.address.to_string(), "ada").await;
    let short = ada.form("password-change", &[("old", "correct horse"), ("new", "short")]).await;
    assert_eq!(short.status(), 400);
    assert!(short.text().await.unwrap().contains("8"), "it says how long a password must be");
    let changed = ada.form("password-change", &[("old", "correct horse"), ("new", "another horse")]).await;
    assert_eq!((changed.status().as_u16(), location(&changed)), (303, Some("/settings?changed")));
}

#[tokio::test]
async fn signing_out_by_form_leads_home() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let answer = ada.form("sign-out", &[]).await;
    assert_eq!((answer.status().as_u16(), location(&answer)), (303, Some("/")));
    let back = ada.get("/c").await;
    assert_eq!((back.status().as_u16(), location(&back)), (303, Some("/")), "Back shows nothing");
    let post = ada.form("message-post", &[("target_id", "ada"), ("content", "precious")]).await;
    assert_eq!(post.status(), 401);
    assert!(post.text().await.unwrap().contains("precious"), "what was typed is not lost with the session");
}

#[tokio::test]
async fn the_page_of_a_failed_form_is_a_page_like_any_other() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let answer = ada.form("message-post", &[("target_id", "nobody"), ("content", "precious")]).await;
    assert_eq!(answer.status(), 404);
    assert_eq!(answer.headers()["cache-control"], "no-store", "it shows what one person wrote");
    assert_eq!(format!("session={}", set_cookie(&answer, "session").unwrap()), ada.session);
    assert!(set_cookie(&answer, "authorization").is_some(), "its script opens the gateway");
    let csp = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    let nonce = csp.split("'nonce-").nth(1).expect("a nonce for its scripts").split('\'').next().unwrap().to_owned();
    let page = answer.text().await.unwrap();
    assert!(page.contains("<script") && !page.contains(" style="));
    for script in page.split("<script").skip(1) {
        assert!(script.split('>').next().unwrap().contains(&nonce), "{script:.80}");
    }
}

#[tokio::test]
async fn what_is_far_too_long_is_given_back() {
    let app = TestApp::start().await;
    let (ada, _bob) = (app.person("ada").await, app.person("bob").await);
    ada.post_to("bob", "hi").await;
    let pasted = format!("precious {}", "x".repeat(200_000));
    let answer = ada.form("message-post", &[("conversation_id", "1"), ("content", &pasted)]).await;
    assert_eq!(answer.status(), 400);
    let page = answer.text().await.unwrap();
    assert!(alert(&page).unwrap().contains("That is too long."));
    assert!(page.contains(&pasted));
    let beyond = "x".repeat(300_000);
    let answer = ada.form("message-post", &[("conversation_id", "1"), ("content", &beyond)]).await;
    assert_eq!(answer.status(), 413);
    assert!(alert(&answer.text().await.unwrap()).unwrap().contains("256 KiB"));
}

#[tokio::test]
async fn a_guest_whose_form_cannot_be_read_gets_a_page() {
    let app = TestApp::start().await;
    let form = "application/x-www-form-urlencoded";
    let cases = [
        ("text/plain", "target_id=ada&content=precious".to_owned(), 415),
        (form, format!("content={}", "x".repeat(300_000)), 413),
        (form, "content=precious%ED%A0%80".to_owned(), 400),
    ];
    for (kind, body, status) in cases {
        let request = http().post(app.url("/api/message-post")).header(ACCEPT, "text/html").header(CONTENT_TYPE, kind);
        let answer = request.body(body).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), location(&answer)), (status, None));
        let page = answer.text().await.unwrap();
        assert!(alert(&page).is_some() && page.contains("name=\"password\""), "{status}: the sign-in page, and why");
    }
}

#[tokio::test]
async fn what_is_not_utf8_is_refused_and_not_replaced() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    for accept in ["application/json", "text/html"] {
        let request = http().post(app.url("/api/message-post")).header(COOKIE, &ada.session).header(ACCEPT, accept);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = request.body("target_id=ada&content=precious%ED%A0%80").send().await.unwrap();
        assert_eq!(answer.status(), 400, "{accept}");
        let said = answer.text().await.unwrap();
        assert!(said.contains("UTF-8"), "{accept}: {said}");
        assert_eq!(said.contains("precious"), accept == "text/html", "what can be read of it is kept");
    }
    assert_eq!(ada.ok("conversation-list", &[]).await["conversations"], serde_json::json!([]));
}

#[tokio::test]
async fn a_store_that_does_not_answer_costs_no_text() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    app.running().state.chat.store.close().await;
    let answer = ada.form("message-post", &[("target_id", "ada"), ("content", "precious")]).await;
    assert_eq!(answer.status(), 503);
    let page = answer.text().await.unwrap();
    assert!(alert(&page).unwrap().contains("Try again in a moment."));
    assert!(page.contains("precious"));
    assert_eq!(ada.refused("message-post", &[("target_id", "ada"), ("content", "x")]).await.1, "unavailable");
    assert_eq!(ada.get("/c").await.status(), 503, "nobody is sent to sign in");
}

#[tokio::test]
async fn what_was_typed_for_a_conversation_that_is_gone_is_not_lost() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    let eve = app.person("eve").await;
    ada.post_to("bob", "hi").await;
    let (eve_id, bob_id) = (eve.id.to_string(), bob.id.to_string());
    let form = [("conversation_id", "1"), ("content", "precious"), ("as_user", eve_id.as_str())];
    let answer = eve.form("message-post", &form).await;
    assert_eq!(answer.status(), 404);
    let page = answer.text().await.unwrap();
    assert!(page.contains("does not exist, or you are not in it.") && page.contains("readonly"));
    assert!(page.contains("precious</textarea>"), "it can be copied");

    let form = [("conversation_id", "1"), ("content", "precious"), ("as_user", bob_id.as_str())];
    let answer = eve.form("message-post", &form).await;
    assert_eq!(answer.status(), 409);
    let page = answer.text().await.unwrap();
    assert!(page.contains("as somebody else"), "it says why");
    assert!(!page.contains("precious</textarea>"), "somebody else's words are not shown");
}

#[tokio::test]
async fn without_scripts_one_says_that_one_read() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    ada.post_to("bob", "hi").await;
    let (_, page) = bob.page("/c/1").await;
    let form = page.split("<form").find(|form| form.contains("/api/read-mark")).expect("a form to say so");
    let fields = ["as_user", "conversation_id", "seq"].map(|name| (name, hidden(form, name).unwrap()));
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let answer = bob.form("read-mark", &fields).await;
    assert_eq!((answer.status().as_u16(), location(&answer)), (303, Some("/c")));
    assert!(!bob.page("/c").await.1.contains("1 unread"));
    assert!(!bob.page("/c/1").await.1.contains("/api/read-mark"), "nothing is left to be read");
    assert!(!ada.page("/c/1").await.1.contains("/api/read-mark"), "one's own are read");
}

#[tokio::test]
async fn a_message_is_answered_from_its_own_page() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    ada.post_to("bob", "lunch?").await;
    let ticked = |page: &str| {
        let (_, tick) = page.split_once(r#"name="reply_to" value="1""#)?;
        Some(tick.split('>').next().unwrap_or_default().contains("checked"))
    };
    // Drawn, and put together from pieces.
    for _ in 0..3 {
        let page = bob.page("/c/1").await.1;
        assert_eq!(ticked(&page), None, "only on the page of a message");
        assert!(page.contains("The time of a message leads to its own page"), "and how one comes there");
    }
    assert_eq!(ticked(&bob.page("/c/1/1").await.1), Some(false));

    let long = "x".repeat(4_001);
    let refused = bob.form("message-post", &[("conversation_id", "1"), ("reply_to", "1"), ("content", &long)]).await;
    assert_eq!(refused.status(), 400);
    let page = refused.text().await.unwrap();
    assert!(page.contains(&long) && ticked(&page) == Some(true), "both are kept");
    let answer = bob.form("message-post", &[("conversation_id", "1"), ("reply_to", "1"), ("content", "gladly")]).await;
    assert_eq!((answer.status().as_u16(), location(&answer)), (303, Some("/c/1")));
    let list = ada.ok("message-list", &[("conversation_id", "1")]).await;
    assert_eq!((&list["messages"][1]["content"], &list["messages"][1]["reply_to"]), (&"gladly".into(), &1.into()));

    ada.form("message-delete", &[("conversation_id", "1"), ("seq", "1")]).await;
    assert_eq!(ticked(&bob.page("/c/1/1").await.1), None, "nobody answers what is gone");
}

#[tokio::test]
async fn a_messages_own_page_tells_what_it_said_and_who_reacted() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    ada.post_to("bob", "six <b>o'clock").await;
    ada.form("message-edit", &[("conversation_id", "1"), ("seq", "1"), ("content", "seven")]).await;
    bob.form("reaction-add", &[("conversation_id", "1"), ("seq", "1"), ("emoji", "🎉")]).await;
    let told = |page: &str| {
        let (_, told) = page.split_once(r#"<div class="plain-told">"#)?;
        told.split_once("</noscript>").map(|(told, _)| told.to_owned())
    };
    let page = bob.page("/c/1/1").await.1;
    assert!(page.contains(r#"href="/c/1/1?told""#) && !page.contains("six"), "the way there, and nothing else");
    let page = bob.page("/c/1/1?told").await.1;
    let (reacted, edited) = {
        let told = told(&page).expect("both are told");
        told.split_once("Edit history").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap()
    };
    assert!(reacted.contains("Who reacted") && reacted.contains("🎉") && reacted.contains("bob"), "{reacted}");
    let (now, before) = edited.split_once("seven").expect("what it says now");
    assert!(!now.contains("six") && before.contains("six &lt;b&gt;o"), "{edited}");
    let data = page.split_once(r#"id="page-data""#).unwrap().1;
    assert!(!data.contains("six"), "a script asks for it when it is wanted");
    assert_eq!(told(&bob.page("/c/1?told").await.1), None);
    ada.form("message-delete", &[("conversation_id", "1"), ("seq", "1")]).await;
    assert_eq!(told(&bob.page("/c/1/1?told").await.1), None);
}

#[tokio::test]
async fn what_may_not_be_done_has_no_form() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    let made = ada.ok("conversation-create", &[("kind", "group"), ("title", "Old"), ("members", "bob")]).await;
    let id = made["id"].to_string();
    ada.ok("message-post", &[("conversation_id", &id), ("content", "hi")]).await;
    let seq = ada.ok("message-list", &[("conversation_id", &id)]).await["messages"][0]["seq"].to_string();
    let path = format!("/c/{id}/{seq}");
    let has = |page: &str, action: &str| page.contains(&format!(r#"action="/api/{action}""#));
    assert!(has(&ada.page(&path).await.1, "message-pin") && has(&ada.page(&path).await.1, "reaction-add"));
    let theirs = bob.page(&path).await.1;
    assert!(has(&theirs, "reaction-add") && !has(&theirs, "message-edit"));
    ada.ok("conversation-update", &[("conversation_id", &id), ("archived", "true")]).await;
    let (status, closed) = ada.page(&path).await;
    assert!(status == 200 && closed.contains("This conversation is archived"), "{status}");
    for action in ["message-pin", "reaction-add", "message-edit", "message-delete", "message-post"] {
        assert!(!has(&closed, action), "{action}");
    }

    let room = ada.ok("conversation-create", &[("kind", "room"), ("title", "Hall"), ("open", "true")]).await;
    let id = room["id"].to_string();
    ada.ok("message-post", &[("conversation_id", &id), ("content", "welcome")]).await;
    bob.ok("room-join", &[("conversation_id", &id)]).await;
    let seq = bob.ok("message-list", &[("conversation_id", &id)]).await["messages"][0]["seq"].to_string();
    let path = format!("/c/{id}/{seq}");
    let theirs = bob.page(&path).await.1;
    assert!(has(&theirs, "reaction-add") && !has(&theirs, "message-pin"), "the one who manages it pins");
    assert!(has(&ada.page(&path).await.1, "message-pin"));
}

#[tokio::test]
async fn emoji_are_written_out_by_name_without_scripts_too() {
    let app = TestApp::start().await;
    let (ada, _bob) = (app.person("ada").await, app.person("bob").await);
    ada.form("message-post", &[("target_id", "bob"), ("content", "done :tada: at 10:30, `:tada:`")]).await;
    let content = async || ada.ok("message-list", &[("conversation_id", "1")]).await["messages"][0]["content"].clone();
    assert_eq!(content().await, "done 🎉 at 10:30, `:tada:`");
    ada.form("message-edit", &[("conversation_id", "1"), ("seq", "1"), ("content", ":+1:")]).await;
    assert_eq!(content().await, "👍");
    ada.ok("message-edit", &[("conversation_id", "1"), ("seq", "1"), ("content", ":+1:")]).await;
    assert_eq!(content().await, ":+1:", "a program means what it says");
}

#[tokio::test]
async fn a_profile_comes_back_as_it_was_typed_and_says_which_field_it_is() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let about = "\n</textarea><b>&amp; I count.";
    let inside = |page: &str, name: &str| {
        let (_, field) = page.split_once(&format!("id=\"{name}\"")).unwrap();
        field.split_once('>').map(|(tag, rest)| (tag.to_owned(), rest.to_owned())).unwrap()
    };
    let form = [("display_name", ""), ("about", about), ("time_zone", "Mars/Olympus")];
    let refused = ada.form("profile-update", &form).await;
    assert_eq!(refused.status(), 400);
    let page = refused.text().await.unwrap();
    let (zone, _) = inside(&page, "time_zone");
    assert!(zone.contains("aria-invalid") && zone.contains("form-error"), "{zone}");
    let (tag, rest) = inside(&page, "about");
    assert!(!tag.contains("aria-invalid"), "{tag}");
    assert!(rest.starts_with("\n\n&lt;/textarea&gt;&lt;b&gt;&amp;amp; I count.</textarea>"), "{rest:.80}");

    let long = "x".repeat(281);
    let page = ada.form("profile-update", &[("display_name", ""), ("about", &long)]).await.text().await.unwrap();
    let ((about, _), (zone, _)) = (inside(&page, "about"), inside(&page, "time_zone"));
    assert!(about.contains("aria-invalid") && about.contains("form-error about-hint"), "{about}");
    assert!(!zone.contains("aria-invalid"), "{zone}");
}
