//! The page without JavaScript: forms answered with redirects, or with the page, the sentence and the typed text.

use reqwest::header::ACCEPT;

use crate::support::app::TestApp;
use crate::support::person::{Person, http, location, set_cookie};

/// The fields of a form.
type Form<'a> = &'a [(&'a str, &'a str)];

/// The value of a hidden field of a page.
fn hidden(page: &str, name: &str) -> Option<String> {
    let input = page.split("<input").find(|i| i.contains(&format!("name=\"{name}\"")))?;
    Some(input.split("value=\"").nth(1)?.split('"').next()?.to_owned())
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
        (&[("conversation_id", "1"), ("content", "   ")], 400, "Write something first.", "composer"),
        (&[("conversation_id", "1"), ("content", &long)], 400, "That is too long.", "precious"),
        (&[("conversation_id", "1"), ("content", "precious\u{7}")], 400, "control characters", "precious"),
        (&[("target_id", "nobody"), ("content", "precious")], 404, "nobody with that name", "precious"),
        (&[("conversation_id", "1"), ("content", "precious"), ("as_user", "999")], 409, "Reload", "precious"),
    ];
    for (form, status, sentence, kept) in cases {
        let answer = ada.form("message-post", form).await;
        assert_eq!(answer.status(), *status, "{form:.80?}");
        let page = answer.text().await.unwrap();
        assert!(page.contains(sentence), "{sentence}");
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
