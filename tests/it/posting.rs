//! message-post and the lists, as a program sees them.

use serde_json::Value;

use crate::support::app::TestApp;
use crate::support::person::Person;

/// The fields of a form.
type Form<'a> = &'a [(&'a str, &'a str)];

fn contents(list: &Value) -> Vec<&str> {
    list["messages"].as_array().unwrap().iter().map(|m| m["content"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_message_to_somebody_offline_is_there_later() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    let (conversation, seq) = ada.post_to("bob", "hello\r\nBob").await;
    assert_eq!(seq, 1);
    let id = conversation.to_string();
    let list = bob.ok("message-list", &[("conversation_id", &id)]).await;
    assert_eq!(contents(&list), ["hello\nBob"], "line ends are normalised");
    assert_eq!((&list["as_of"], &list["more"]), (&1.into(), &false.into()));
    let message = &list["messages"][0];
    assert_eq!(message["author"]["name"], "ada");
    assert_eq!((&message["seq"], &message["version"]), (&1.into(), &1.into()));
    assert!(message["created_ms"].as_i64().unwrap() > 1_600_000_000_000);

    let conversations = bob.ok("conversation-list", &[]).await;
    let entry = &conversations["conversations"][0];
    assert_eq!((&entry["unread"], &entry["preview"]["text"]), (&1.into(), &"hello Bob".into()));
    bob.ok("read-mark", &[("conversation_id", &id), ("seq", "1")]).await;
    let entry = bob.ok("conversation", &[("conversation_id", &id)]).await;
    assert_eq!((&entry["unread"], &entry["read_seq"]), (&0.into(), &1.into()));
}

#[tokio::test]
async fn a_target_is_a_name_or_an_id_and_both_lead_to_one_conversation() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.person("Ada").await, app.person("Bob").await);
    let by_name = ada.post_to("bob", "by name, whatever its case").await;
    let by_id = ada.post_to(&bob.id.to_string(), "by id").await;
    let back = bob.post_to("ADA", "back").await;
    assert_eq!((by_name.0, by_name.0), (by_id.0, back.0));
    assert_eq!((by_name.1, by_id.1, back.1), (1, 2, 3));
    let to_self = ada.post_to("Ada", "a note to myself").await;
    assert_ne!(to_self.0, by_name.0);
    assert_eq!(ada.post_to("Ada", "another").await, (to_self.0, 2));
}

#[tokio::test]
async fn what_cannot_be_posted_is_refused_with_a_code_and_a_sentence() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.person("ada").await, app.person("bob").await, app.person("eve").await);
    let (conversation, _) = ada.post_to("bob", "hi").await;
    let id = conversation.to_string();
    let long = "x".repeat(4_001);
    let marks = "a\u{301}".repeat(5_000);
    let nonce = "n".repeat(65);
    let cases: &[(Form, u16, &str)] = &[
        (&[("target_id", "nobody"), ("content", "x")], 404, "unknown_target"),
        (&[("target_id", "999999"), ("content", "x")], 404, "unknown_target"),
        (&[("target_id", "99999999999999999999"), ("content", "x")], 404, "unknown_target"),
        (&[("target_id", "' OR 1=1 --"), ("content", "x")], 404, "unknown_target"),
        (&[("target_id", "bob"), ("content", " \n\t")], 400, "content_blank"),
        (&[("target_id", "bob"), ("content", &long)], 400, "content_too_long"),
        (&[("target_id", "bob"), ("content", &marks)], 400, "content_too_long"),
        (&[("target_id", "bob"), ("content", "a\0b")], 400, "content_control"),
        (&[("target_id", "bob"), ("content", "x"), ("nonce", "a b")], 400, "nonce_invalid"),
        (&[("target_id", "bob"), ("content", "x"), ("nonce", &nonce)], 400, "nonce_invalid"),
        (&[("target_id", "bob"), ("content", "x"), ("nonce", "');DROP TABLE nonces;--")], 400, "nonce_invalid"),
        (&[("target_id", "bob"), ("conversation_id", &id), ("content", "x")], 400, "bad_request"),
        (&[("content", "x")], 400, "bad_request"),
        (&[("target_id", "bob")], 400, "bad_request"),
        (&[("conversation_id", "one"), ("content", "x")], 400, "bad_request"),
        (&[("conversation_id", &id), ("content", "x"), ("reply_to", "9")], 404, "not_found"),
        (&[("conversation_id", &id), ("content", "x"), ("as_user", "999")], 409, "wrong_session"),
    ];
    for (form, status, code) in cases {
        assert_eq!(ada.refused("message-post", form).await, (*status, (*code).to_owned()), "{form:.80?}");
    }
    let theirs = eve.refused("message-post", &[("conversation_id", &id), ("content", "x")]).await;
    let missing = eve.refused("message-post", &[("conversation_id", "999"), ("content", "x")]).await;
    assert_eq!(theirs, missing, "a conversation that is not one's own answers as one that does not exist");
    assert_eq!(theirs.0, 404);
    assert_eq!(eve.refused("message-list", &[("conversation_id", &id)]).await.0, 404);
    assert_eq!(eve.refused("event-list", &[("conversation_id", &id), ("after", "0")]).await.0, 404);
    assert_eq!(eve.refused("conversation", &[("conversation_id", &id)]).await.0, 404);
    assert_eq!(eve.refused("read-mark", &[("conversation_id", &id), ("seq", "1")]).await.0, 404);
    assert_eq!(contents(&bob.ok("message-list", &[("conversation_id", &id)]).await), ["hi"], "nothing else came");
}

#[tokio::test]
async fn text_is_stored_verbatim() {
    let app = TestApp::start().await;
    let (ada, _bob) = (app.person("ada").await, app.person("bob").await);
    let texts = ["'; DROP TABLE messages; --", "</script><img onerror=alert(1) src=x>", "\u{202e}abc", "مرحبا 👩‍👩‍👧"];
    for text in texts {
        ada.post_to("bob", text).await;
    }
    let list = ada.ok("message-list", &[("conversation_id", "1")]).await;
    assert_eq!(contents(&list), texts);
    let nonce = "');DELETE/**/FROM/**/messages;--";
    let form = [("target_id", "bob"), ("content", "once"), ("nonce", nonce)];
    let first = ada.ok("message-post", &form).await;
    assert_eq!((&first["nonce"], &first["seq"]), (&nonce.into(), &(texts.len() + 1).into()));
    assert_eq!(ada.ok("message-post", &form).await, first);
}

#[tokio::test]
async fn a_retry_is_the_same_message_and_another_text_is_a_conflict() {
    let app = TestApp::start().await;
    let (ada, _bob) = (app.person("ada").await, app.person("bob").await);
    let form = [("target_id", "bob"), ("content", "once"), ("nonce", "n-1")];
    let first = ada.ok("message-post", &form).await;
    assert_eq!(first["nonce"], "n-1");
    for _ in 0..3 {
        assert_eq!(ada.ok("message-post", &form).await, first);
    }
    let by_conversation = [("conversation_id", "1"), ("content", "once"), ("nonce", "n-1")];
    assert_eq!(ada.ok("message-post", &by_conversation).await, first, "the same conversation, named otherwise");
    let other = [("target_id", "bob"), ("content", "twice"), ("nonce", "n-1")];
    assert_eq!(ada.refused("message-post", &other).await, (409, "nonce_reused".to_owned()));
    assert_eq!(contents(&ada.ok("message-list", &[("conversation_id", "1")]).await), ["once"]);
}

#[tokio::test]
async fn pages_of_history_join_without_hole_or_overlap() {
    let app = TestApp::start().await;
    let (ada, _bob) = (app.person("ada").await, app.person("bob").await);
    for n in 1..=7 {
        ada.post_to("bob", &format!("m{n}")).await;
    }
    let page = async |extra: &[(&str, &str)]| {
        let form = [&[("conversation_id", "1"), ("limit", "3")][..], extra].concat();
        let list = ada.ok("message-list", &form).await;
        (contents(&list).join(" "), list["more"].as_bool().unwrap(), list["as_of"].as_i64().unwrap())
    };
    assert_eq!(page(&[]).await, ("m5 m6 m7".into(), true, 7));
    assert_eq!(page(&[("before", "5")]).await, ("m2 m3 m4".into(), true, 7));
    assert_eq!(page(&[("before", "4")]).await, ("m1 m2 m3".into(), false, 7));
    assert_eq!(page(&[("after", "4")]).await, ("m5 m6 m7".into(), false, 7));
    assert_eq!(page(&[("after", "3")]).await, ("m4 m5 m6".into(), true, 7));
    assert_eq!(page(&[("before", "-5")]).await, (String::new(), false, 7));
    assert_eq!(page(&[("after", "9223372036854775807")]).await, (String::new(), false, 7));
    let both = ada.refused("message-list", &[("conversation_id", "1"), ("before", "5"), ("after", "1")]).await;
    assert_eq!(both.1, "bad_request");
    let events = ada.ok("event-list", &[("conversation_id", "1"), ("after", "5")]).await;
    let events = events["events"].as_array().unwrap();
    assert_eq!(events.len(), 2);
    assert_eq!((&events[0]["op"], &events[0]["c"], &events[0]["s"]), (&"MESSAGE_CREATE".into(), &1.into(), &6.into()));
}

#[tokio::test]
async fn posts_are_limited_by_user_and_the_limit_says_when() {
    let app = TestApp::with(|config| {
        config.limits.posts_per_second = 1.try_into().unwrap();
        config.limits.posts_burst = 3.try_into().unwrap();
    })
    .await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    for n in 0..3 {
        ada.post_to("bob", &n.to_string()).await;
    }
    let refused = ada.refused("message-post", &[("target_id", "bob"), ("content", "x")]).await;
    assert_eq!(refused, (429, "rate_limited".to_owned()));
    bob.post_to("ada", "not my limit").await;
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let mut app = TestApp::start().await;
    let (mut ada, _bob) = (app.person("ada").await, app.person("bob").await);
    ada.post_to("bob", "before").await;
    app.restart().await;
    ada.address = app.address.to_string();
    assert_eq!(ada.post_to("bob", "after").await, (1, 2));
    let list = ada.ok("message-list", &[("conversation_id", "1")]).await;
    assert_eq!(contents(&list), ["before", "after"]);
    Person::sign_in(&ada.address, "ada").await;
    app.stop().await;
}
