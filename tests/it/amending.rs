//! Changing messages over HTTP: who may, what everybody is told, and what is left on pages.

use serde_json::{Value, json};

use crate::support::app::{self, TestApp};
use crate::support::person::{Person, location};

/// Ada, Bob and their conversation of two messages by Ada; and Eve, who is not in it.
async fn three(app: &TestApp) -> (Person, Person, Person, String) {
    let (ada, bob, eve) = (app.person("ada").await, app.person("bob").await, app.person("eve").await);
    let (conversation, _) = ada.post_to("bob", "one").await;
    ada.post_to("bob", "two").await;
    (ada, bob, eve, conversation.to_string())
}

#[tokio::test]
async fn everybody_is_told_of_each_change_and_a_replay_says_how_it_ended() {
    let app = TestApp::start().await;
    let (ada, bob, _, id) = three(&app).await;
    let mut sockets = [ada.socket().await, bob.socket().await];
    let of = |seq: &'static str| [("conversation_id", id.as_str()), ("seq", seq)];
    let edited = ada.ok("message-edit", &[of("1").as_slice(), &[("content", "one\r\nmore")]].concat()).await;
    assert_eq!((&edited["content"], &edited["version"]), (&json!("one\nmore"), &json!(3)));
    let reacted = bob.ok("reaction-add", &[of("1").as_slice(), &[("emoji", "👍")]].concat()).await;
    assert_eq!(reacted["reactions"], json!([{"emoji": "👍", "users": [bob.id]}]));
    bob.ok("message-pin", &[of("1").as_slice(), &[("pinned", "true")]].concat()).await;
    ada.ok("message-delete", &of("2")).await;
    for socket in &mut sockets {
        let update = socket.until("MESSAGE_UPDATE").await;
        assert_eq!((&update["s"], &update["d"]), (&json!(3), &edited));
        let reaction = socket.expect("REACTION_ADD").await;
        let by = json!({"id": bob.id, "name": "bob"});
        assert_eq!((&reaction["s"], &reaction["d"]), (&json!(4), &json!({"seq": 1, "emoji": "👍", "user": by})));
        assert_eq!(socket.expect("MESSAGE_UPDATE").await["d"]["pinned"], json!(true));
        let gone = socket.expect("MESSAGE_DELETE").await;
        assert_eq!(
            (&gone["d"]["seq"], &gone["d"]["content"], &gone["d"]["deleted"]),
            (&json!(2), &json!(""), &json!(true))
        );
    }
    let log = bob.ok("event-list", &[("conversation_id", &id), ("after", "0")]).await;
    let ops: Vec<&str> = log["events"].as_array().unwrap().iter().map(|event| event["op"].as_str().unwrap()).collect();
    let update = "MESSAGE_UPDATE";
    assert_eq!(ops, ["MESSAGE_CREATE", "MESSAGE_DELETE", update, update, update, "MESSAGE_DELETE"]);
    let pins = bob.ok("pin-list", &[("conversation_id", &id)]).await;
    assert_eq!(pins["messages"].as_array().unwrap().len(), 1);
    let history = bob.ok("message-history", &of("1")).await;
    let said: Vec<&Value> = history["edits"].as_array().unwrap().iter().map(|edit| &edit["content"]).collect();
    assert_eq!(said, ["one", "one\nmore"]);
    let who = ada.ok("reaction-list", &of("1")).await;
    assert_eq!(who["reactions"][0]["users"][0]["name"], json!("bob"));
    assert_eq!(who["reactions"][0]["count"], json!(1));
}

#[tokio::test]
async fn what_is_not_theirs_is_refused_and_what_they_do_not_see_is_missing() {
    let app = TestApp::start().await;
    let (ada, bob, eve, id) = three(&app).await;
    let (long, id) = ("x".repeat(4_001), id.as_str());
    // (who, function, the message, more fields, the answer)
    type Case<'a> = (&'a Person, &'a str, &'a str, &'a [(&'a str, &'a str)], (u16, &'a str));
    let cases: &[Case] = &[
        (&bob, "message-edit", "1", &[("content", "mine")], (403, "forbidden")),
        (&bob, "message-delete", "1", &[], (403, "forbidden")),
        (&eve, "message-edit", "1", &[("content", "mine")], (404, "not_found")),
        (&eve, "message-delete", "1", &[], (404, "not_found")),
        (&eve, "reaction-add", "1", &[("emoji", "👍")], (404, "not_found")),
        (&eve, "message-pin", "1", &[("pinned", "true")], (404, "not_found")),
        (&eve, "message-history", "1", &[], (404, "not_found")),
        (&eve, "reaction-list", "1", &[], (404, "not_found")),
        (&eve, "pin-list", "1", &[], (404, "not_found")),
        (&ada, "message-edit", "9", &[("content", "x")], (404, "not_found")),
        (&ada, "message-edit", "1", &[("content", " \n")], (400, "content_blank")),
        (&ada, "message-edit", "1", &[("content", &long)], (400, "content_too_long")),
        (&ada, "reaction-add", "1", &[("emoji", "<b>")], (400, "emoji_invalid")),
        (&ada, "reaction-add", "1", &[("emoji", "👍👍")], (400, "emoji_invalid")),
        (&ada, "reaction-add", "1", &[("emoji", "")], (400, "emoji_invalid")),
        (&ada, "message-edit", "1", &[("content", "x"), ("as_user", "999")], (409, "wrong_session")),
    ];
    for (who, function, seq, more, (status, code)) in cases {
        let form = [&[("conversation_id", id), ("seq", seq)], *more].concat();
        assert_eq!(who.refused(function, &form).await, (*status, (*code).to_owned()), "{function} {more:?}");
    }
    let list = ada.ok("message-list", &[("conversation_id", id)]).await;
    assert_eq!(list["as_of"], json!(2), "nothing was changed");
}

#[tokio::test]
async fn a_messages_page_shows_it_in_its_place_and_has_forms_for_it() {
    let app = TestApp::with(|config| config.limits.posts_burst = 1_000.try_into().unwrap()).await;
    let (ada, bob, eve, id) = three(&app).await;
    for n in 3..=120 {
        ada.ok("message-post", &[("conversation_id", &id), ("content", &format!("line {n}."))]).await;
    }
    let path = format!("/c/{id}/30");
    let (status, page) = bob.page(&path).await;
    assert_eq!(status, 200);
    assert!(page.contains("line 30.") && page.contains("line 10.") && !page.contains("line 119."), "around it");
    assert!(
        page.contains("action=\"/api/reaction-add\"") && !page.contains("action=\"/api/message-edit\""),
        "not hers"
    );
    assert!(page.contains(&format!("href=\"/c/{id}\"")), "and the way to the latest");
    let (_, page) = ada.page(&path).await;
    assert!(page.contains("action=\"/api/message-edit\"") && page.contains("action=\"/api/message-delete\""));
    assert_eq!(eve.page(&path).await.0, 404);
    assert_eq!(ada.page(&format!("/c/{id}/x")).await.0, 404);

    let form = [("conversation_id", id.as_str()), ("seq", "30"), ("content", "<img onerror=x>")];
    let answer = ada.form("message-edit", &form).await;
    assert_eq!((answer.status().as_u16(), location(&answer)), (303, Some(path.as_str())));
    let (_, page) = bob.page(&path).await;
    assert!(!page.contains("line 30."), "what it was is gone");
    assert!(!page.contains("<img onerror"), "it is text");
    let refused = ada.form("message-edit", &[("conversation_id", &id), ("seq", "30"), ("content", " ")]).await;
    assert_eq!(refused.status().as_u16(), 400);
    let answer = ada.form("message-delete", &[("conversation_id", &id), ("seq", "30")]).await;
    assert_eq!(location(&answer), Some(path.as_str()));
    let (_, page) = bob.page(&path).await;
    assert!(page.contains("This message was deleted.") && !page.contains("onerror"));
}

#[tokio::test]
async fn what_was_deleted_is_overwritten_in_the_file() {
    let app = TestApp::start().await;
    if app::on_postgres() {
        return;
    }
    let (ada, _, _, id) = three(&app).await;
    let has = |file: &[u8], word: &str| file.windows(word.len()).any(|bytes| bytes == word.as_bytes());
    // Long enough to lie in pages of its own, and short enough not to.
    for (word, times) in [("hush-long", 400), ("hush-short", 20)] {
        let (_, seq) = ada.post_to("bob", &word.repeat(times)).await;
        assert!(has(&app.file(), word), "{word}");
        let of = [("conversation_id", id.as_str()), ("seq", &seq.to_string())];
        ada.ok("message-edit", &[&of[..], &[("content", &"hush-other".repeat(times))]].concat()).await;
        ada.ok("message-delete", &of).await;
        let file = app.file();
        assert!(!has(&file, word) && !has(&file, "hush-other"), "{word}");
    }
}
