//! Hearing no more from somebody, over HTTP, the gateway and plain forms; and who is called by name.

use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::person::location;

#[tokio::test]
async fn who_blocks_somebody_hears_no_more_of_them_and_they_are_not_told() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    let (direct, _) = ada.post_to("bob", "hello").await;
    let room = bob.ok("conversation-create", &[("kind", "group"), ("members", "ada")]).await["id"].to_string();
    let at = direct.to_string();
    let (mut hers, mut his) = (ada.socket().await, bob.socket().await);
    let id = ada.id.to_string();
    assert_eq!(bob.ok("user-block", &[("user_id", &id)]).await, json!({"id": ada.id, "name": "ada"}));
    let gone = his.until("CONVERSATION_DELETE").await;
    assert_eq!((&gone["d"]["id"], gone.get("c")), (&json!(direct), None));
    ada.post_to("bob", "do you hear me?").await;
    ada.ok("message-edit", &[("conversation_id", &at), ("seq", "1"), ("content", "hello!")]).await;
    hers.send(&json!({"op": "TYPING_START", "d": {"conversation": direct}})).await;
    assert_eq!(hers.until("MESSAGE_CREATE").await["d"]["content"], "do you hear me?");
    his.assert_silent().await;
    let list = bob.ok("conversation-list", &[]).await;
    assert_eq!(list["conversations"].as_array().unwrap().len(), 1, "the group: {list}");
    for function in ["message-list", "conversation", "member-list", "reader-list"] {
        assert_eq!(bob.refused(function, &[("conversation_id", &at)]).await, (404, "not_found".into()), "{function}");
    }
    let events = [("conversation_id", at.as_str()), ("after", "0")];
    assert_eq!(bob.refused("event-list", &events).await, (404, "not_found".into()));
    assert_eq!(bob.page(&format!("/c/{at}")).await.0, 404);
    let to_her = [("target_id", "ada"), ("content", "hm")];
    assert_eq!(bob.refused("message-post", &to_her).await, (409, "blocked".into()));
    // What they share with others goes on.
    ada.ok("message-post", &[("conversation_id", &room), ("content", "and here?")]).await;
    assert_eq!(his.until("MESSAGE_CREATE").await["d"]["content"], "and here?");
    assert_eq!(bob.ok("block-list", &[]).await["users"], json!([{"id": ada.id, "name": "ada"}]));
    assert_eq!(ada.ok("block-list", &[]).await["users"], json!([]));
    let of_hers = ada.ok("conversation", &[("conversation_id", &at)]).await;
    assert_eq!(of_hers["conversation"]["members"].as_array().unwrap().len(), 2, "she sees it as before");

    bob.ok("user-unblock", &[("user_id", &id)]).await;
    let back = his.until("CONVERSATION_CREATE").await;
    assert_eq!((&back["d"]["id"], back["d"]["members"].as_array().unwrap().len()), (&json!(direct), 2));
    let page = bob.ok("message-list", &[("conversation_id", &at)]).await;
    let said: Vec<&Value> = page["messages"].as_array().unwrap().iter().map(|message| &message["content"]).collect();
    assert_eq!(said, ["hello!", "do you hear me?"]);
    assert_eq!(bob.ok("conversation", &[("conversation_id", &at)]).await["unread"], 0);
    ada.post_to("bob", "thank you").await;
    while his.until("MESSAGE_CREATE").await["d"]["content"] != "thank you" {}
}

#[tokio::test]
async fn a_new_chat_with_somebody_one_writes_to_is_the_one_that_there_is() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.person("ada").await, app.person("Bob").await);
    let leads = async |path: &str| {
        let answer = ada.get(path).await;
        (answer.status().as_u16(), location(&answer).map(str::to_owned))
    };
    assert_eq!(leads("/c?to=Bob").await, (200, None), "there is none");
    let (direct, _) = ada.post_to("bob", "hello").await;
    for path in ["/c?to=Bob", "/c?to=+bob+"] {
        assert_eq!(leads(path).await, (303, Some(format!("/c/{direct}"))), "{path}");
    }
    assert_eq!(leads("/c?to=").await, (200, None));
    assert_eq!(leads("/c?to=nobody").await, (200, None));
    // What is written to who is blocked is refused there, with its reason.
    ada.ok("user-block", &[("user_id", &bob.id.to_string())]).await;
    assert_eq!(leads("/c?to=Bob").await, (200, None));
    let refused = ada.form("message-post", &[("target_id", "bob"), ("content", "kept text")]).await;
    assert_eq!(refused.status().as_u16(), 409);
}

#[tokio::test]
async fn blocking_by_plain_forms() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    let id = ada.id.to_string();
    let page = bob.page("/people/ada").await.1;
    assert!(page.contains("/api/user-block") && page.contains("Block ada"), "{page}");
    let done = bob.form("user-block", &[("user_id", &id)]).await;
    assert_eq!((done.status().as_u16(), location(&done)), (303, Some("/people/ada")));
    let page = bob.page("/people/ada").await.1;
    assert!(
        page.contains("/api/user-unblock") && page.contains("You have blocked them") && !page.contains("/c?to=ada")
    );
    assert!(bob.page("/settings").await.1.contains("Unblock ada"));
    let refused = bob.form("message-post", &[("target_id", "ada"), ("content", "kept text")]).await;
    assert_eq!(refused.status().as_u16(), 409);
    let page = refused.text().await.unwrap();
    assert!(page.contains("You have blocked this person") && page.contains("kept text"));
    let done = bob.form("user-unblock", &[("user_id", &id), ("from", "settings")]).await;
    assert_eq!(location(&done), Some("/settings?saved=blocked"));
    assert!(bob.page("/settings?saved=blocked").await.1.contains("Unblocked."));
    assert!(!bob.page("/people/bob").await.1.contains("user-block"), "not oneself");
    assert_eq!(bob.refused("user-block", &[("user_id", &bob.id.to_string())]).await, (400, "bad_request".into()));
    assert_eq!(bob.refused("user-block", &[("user_id", "999")]).await, (404, "not_found".into()));
    for action in ["user-block", "user-unblock"] {
        let refused = bob.form(action, &[("user_id", "999")]).await;
        assert_eq!(refused.status().as_u16(), 404);
        let page = refused.text().await.unwrap();
        assert!(page.contains("<h1>People") && page.contains(r#"role="alert" id="form-error""#), "{page}");
    }
}

#[tokio::test]
async fn who_hides_while_connected_is_gone_at_once_and_seen_again() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    ada.post_to("bob", "hello").await;
    let (mut watcher, _hers) = (bob.socket().await, ada.socket().await);
    assert_eq!(watcher.presence().await, (ada.id, "online".to_owned()));
    for (hidden, status) in [("true", "offline"), ("false", "online")] {
        ada.ok("profile-update", &[("presence_hidden", hidden)]).await;
        assert_eq!(watcher.presence().await, (ada.id, status.to_owned()));
    }
}

#[tokio::test]
async fn who_hides_is_not_seen_typing() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    let (direct, _) = ada.post_to("bob", "hello").await;
    ada.ok("profile-update", &[("presence_hidden", "true")]).await;
    let (mut watcher, mut hers) = (bob.socket().await, ada.socket().await);
    let types = json!({"op": "TYPING_START", "d": {"conversation": direct}});
    hers.send(&types).await;
    hers.assert_silent().await;
    watcher.assert_silent().await;
    ada.ok("profile-update", &[("presence_hidden", "false")]).await;
    assert_eq!(watcher.presence().await, (ada.id, "online".to_owned()));
    hers.send(&types).await;
    watcher.until("TYPING_START").await;
}

#[tokio::test]
async fn who_is_called_by_name_finds_a_count() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    let group = bob.ok("conversation-create", &[("kind", "group"), ("members", "ada")]).await["id"].to_string();
    let say = async |content: &str| {
        bob.ok("message-post", &[("conversation_id", &group), ("content", content)]).await;
    };
    for content in ["@ADA, look", "`@ada` is code", "hello @all", "@bob @nobody"] {
        say(content).await;
    }
    let summary = ada.ok("conversation", &[("conversation_id", &group)]).await;
    assert_eq!((&summary["unread"], &summary["mentions"]), (&json!(4), &json!(2)));
    let page = ada.page("/c").await.1;
    assert!(page.contains("2 mention you") && page.contains("4 unread"), "{page}");
    ada.ok("conversation-keep", &[("conversation_id", &group), ("level", "mentions")]).await;
    let page = ada.page("/c").await.1;
    assert!(page.contains("2 mention you") && !page.contains("4 unread"));
    let mut socket = crate::support::socket::Socket::open(&ada.address).await;
    socket.expect("HELLO").await;
    socket.identify(&ada.token().await).await;
    let ready = socket.expect("READY").await;
    assert_eq!(ready["d"]["mentions"], json!([[group.parse::<i64>().unwrap(), 2]]));
    ada.ok("read-mark", &[("conversation_id", &group), ("seq", "4")]).await;
    assert_eq!(ada.ok("conversation", &[("conversation_id", &group)]).await.get("mentions"), None);
}
