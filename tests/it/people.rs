//! People over HTTP and the gateway: what one says of oneself, finding others, one's devices, and how one keeps a
//! conversation.

use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::person::{Person, location};

fn names(list: &Value) -> Vec<&str> {
    list["users"].as_array().unwrap().iter().map(|user| user["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_new_name_is_told_to_those_who_see_it_and_shows_on_every_page() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.person("ada").await, app.person("bob").await, app.person("eve").await);
    ada.post_to("bob", "hello").await;
    let (mut own, mut other, mut stranger) = (ada.socket().await, bob.socket().await, eve.socket().await);
    // Twice, so that what is kept of pages has the old name.
    for _ in 0..2 {
        assert!(!bob.page("/c/1").await.1.contains("Countess"));
    }
    let account = ada.ok("profile-update", &[("display_name", " Countess "), ("about", "I count.")]).await;
    assert_eq!(account["profile"]["display"], "Countess");
    let user = json!({"id": ada.id, "name": "ada", "display": "Countess"});
    for socket in [&mut own, &mut other] {
        let update = socket.until("USER_UPDATE").await;
        assert_eq!((&update["d"]["user"], update.get("s")), (&user, None));
    }
    stranger.assert_silent().await;
    let page = bob.page("/c/1").await.1;
    assert!(page.contains("<bdi>Countess</bdi>") || page.contains(">Countess<"), "at once");
    assert!(bob.page("/c").await.1.contains("Countess"));
    assert!(ada.page("/c").await.1.contains("Countess"), "her own, too");
    let messages = bob.ok("message-list", &[("conversation_id", "1")]).await;
    assert_eq!(messages["messages"][0]["author"], user);
    // What is left out stays; what is empty is taken away.
    let account = ada.ok("profile-update", &[("about", "Machines.")]).await;
    assert_eq!(
        (&account["profile"]["display"], &account["profile"]["about"]),
        (&json!("Countess"), &json!("Machines."))
    );
    let account = ada.ok("profile-update", &[("display_name", "")]).await;
    assert_eq!(account["profile"].get("display"), None);
    let update = other.until("USER_UPDATE").await;
    assert_eq!(update["d"]["user"], json!({"id": ada.id, "name": "ada"}));
}

#[tokio::test]
async fn people_are_found_and_read_of() {
    let app = TestApp::start().await;
    let (ada, bob, zoe) = (app.person("ada").await, app.person("bob").await, app.person("Zoë").await);
    zoe.ok("profile-update", &[("display_name", "Adele"), ("time_zone", "Europe/Paris")]).await;
    let list = bob.ok("user-list", &[("query", "@AD")]).await;
    assert_eq!((names(&list), &list["more"]), (vec!["ada", "Zoë"], &json!(false)));
    let list = bob.ok("user-list", &[("limit", "1")]).await;
    assert_eq!((names(&list), &list["more"]), (vec!["ada"], &json!(true)));
    let list = bob.ok("user-list", &[("after", &ada.id.to_string())]).await;
    assert_eq!(names(&list), ["bob", "Zoë"]);
    let profile = bob.ok("user-profile", &[("user_id", &zoe.id.to_string())]).await;
    assert_eq!((&profile["display"], &profile["time_zone"]), (&json!("Adele"), &json!("Europe/Paris")));
    assert_eq!((profile.get("presence_hidden"), profile.get("preferences")), (None, None), "hers alone");
    assert_eq!(bob.refused("user-profile", &[("user_id", "999")]).await.0, 404);
    let refusals = [
        ("display_name", "x\u{202e}", "name_invalid"),
        ("about", &"x".repeat(281), "bad_request"),
        ("time_zone", "over there", "bad_request"),
        ("time_zone", "Mars/Olympus", "bad_request"),
        ("theme", "neon", "bad_request"),
    ];
    for (field, value, code) in refusals {
        assert_eq!(bob.refused("profile-update", &[(field, value)]).await, (400, code.to_owned()), "{field}");
    }
    let (status, page) = bob.page("/people?q=ad").await;
    assert_eq!(status, 200);
    assert!(page.contains("href=\"/people/Zo%C3%AB\"") && page.contains("/c?to=ada"), "{page}");
    let (status, page) = bob.page("/people/Zo%C3%AB").await;
    assert_eq!(status, 200);
    assert!(page.contains("Adele") && page.contains("@Zoë") && page.contains("Europe/Paris"));
    assert_eq!(bob.page("/people/nobody").await.0, 404);
    let mut guest = bob.at(&bob.address);
    guest.session = "session=none".into();
    assert_eq!(location(&guest.get("/people").await), Some("/"));
    assert_eq!(guest.refused("user-list", &[]).await.0, 401);
}

#[tokio::test]
async fn looking_for_people_has_its_measure() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let mut answers = Vec::new();
    for _ in 0..70 {
        answers.push(ada.call("user-list", &[]).await.status().as_u16());
    }
    assert!(answers[..50].iter().all(|status| *status == 200) && answers.contains(&429), "{answers:?}");
}

#[tokio::test]
async fn a_device_that_is_revoked_is_out_within_a_second() {
    let app = TestApp::start().await;
    let (laptop, bob) = (app.person("ada").await, app.person("bob").await);
    let (phone, tablet) =
        (Person::sign_in(&laptop.address, "ada").await, Person::sign_in(&laptop.address, "ada").await);
    let (mut there, mut third, mut here) = (phone.socket().await, tablet.socket().await, laptop.socket().await);
    let listed = laptop.ok("session-list", &[]).await;
    let sessions = listed["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 3);
    assert_eq!(sessions.iter().filter(|session| session["current"] == true).count(), 1);
    let of_phone = phone.ok("session-list", &[]).await;
    let current = of_phone["sessions"].as_array().unwrap().iter().find(|session| session["current"] == true).unwrap();
    let id = current["id"].to_string();
    assert_eq!(bob.refused("session-revoke", &[("session_id", &id)]).await.0, 404, "not his");
    phone.ok("session-list", &[]).await;
    laptop.ok("session-revoke", &[("session_id", &id)]).await;
    assert_eq!(there.until_closed().await, 4011);
    assert_eq!(phone.refused("session-list", &[]).await.0, 401);
    assert_eq!(laptop.refused("session-revoke", &[("session_id", &id)]).await.0, 404, "once");
    third.assert_silent().await;
    laptop.ok("sessions-revoke-others", &[]).await;
    assert_eq!(third.until_closed().await, 4011);
    assert_eq!(tablet.refused("session-list", &[]).await.0, 401);
    here.assert_silent().await;
    assert_eq!(laptop.ok("session-list", &[]).await["sessions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn how_one_keeps_a_conversation_follows_to_the_other_devices() {
    let app = TestApp::start().await;
    let (laptop, bob) = (app.person("ada").await, app.person("bob").await);
    let phone = Person::sign_in(&laptop.address, "ada").await;
    bob.post_to("ada", "one").await;
    bob.post_to("bob", "mine").await;
    laptop.post_to("ada", "later").await;
    let (mut there, mut other) = (phone.socket().await, bob.socket().await);
    let kept = laptop.ok("conversation-keep", &[("conversation_id", "1"), ("pinned", "true")]).await;
    assert_eq!(kept, json!({"level": "all", "pinned": true}));
    let update = there.expect("CONVERSATION_UPDATE").await;
    assert_eq!((&update["d"]["id"], &update["d"]["mine"]), (&json!(1), &kept));
    laptop.ok("conversation-keep", &[("conversation_id", "1"), ("pinned", "true")]).await;
    there.assert_silent().await;
    other.assert_silent().await;
    let list = laptop.ok("conversation-list", &[]).await;
    assert_eq!(list["conversations"][0]["conversation"]["id"], 1, "pinned before what came later");
    laptop.ok("conversation-keep", &[("conversation_id", "1"), ("marked", "true"), ("level", "mentions")]).await;
    let update = there.expect("CONVERSATION_UPDATE").await;
    assert_eq!(update["d"]["mine"], json!({"level": "mentions", "pinned": true, "marked": true}));
    phone.ok("read-mark", &[("conversation_id", "1"), ("seq", "1")]).await;
    let update = there.until("CONVERSATION_UPDATE").await;
    assert_eq!(update["d"]["mine"], json!({"level": "mentions", "pinned": true}));
    assert_eq!(bob.refused("conversation-keep", &[("conversation_id", "3"), ("pinned", "true")]).await.0, 404);
    let answer = laptop.form("conversation-keep", &[("conversation_id", "1"), ("pinned", "false")]).await;
    assert_eq!((answer.status().as_u16(), location(&answer)), (303, Some("/c/1")), "without scripts, too");
    let readers = bob.ok("reader-list", &[("conversation_id", "1")]).await;
    assert_eq!(readers["readers"], json!([[laptop.id, 1], [bob.id, 1]]));
    assert_eq!(laptop.refused("reader-list", &[("conversation_id", "2")]).await.0, 404);
}

#[tokio::test]
async fn a_page_looks_as_its_reader_chose() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    bob.post_to("ada", "one").await;
    let head = |page: &str| page.split("<head>").next().unwrap().to_owned();
    for _ in 0..3 {
        assert!(!head(&ada.page("/c/1").await.1).contains("data-theme"));
    }
    let form = [("theme", "dark"), ("density", "compact")];
    let answer = ada.form("profile-update", &form).await;
    assert_eq!((answer.status().as_u16(), location(&answer)), (303, Some("/settings?saved=appearance")));
    for path in ["/c/1", "/c/1", "/c/1", "/c", "/settings?saved=appearance", "/people"] {
        let page = ada.page(path).await.1;
        let head = head(&page);
        assert!(head.contains("data-theme=\"dark\"") && head.contains("data-density=\"compact\""), "{path}: {head}");
        assert!(!page.contains("style="), "no inline styles");
        assert!(!is_styled(&bob.page("/c/1").await.1), "{path}: nobody else's");
    }
    let page = ada.page("/settings?saved=appearance").await.1;
    assert!(page.contains("role=\"status\""), "it says that it is saved");
    let answer = ada.form("profile-update", &[("display_name", &"x".repeat(51)), ("about", "kept")]).await;
    assert_eq!(answer.status(), 400);
    let page = answer.text().await.unwrap();
    assert!(page.contains("at most 50 characters") && page.contains(">\nkept</textarea>"), "the typed text stays");
}

fn is_styled(page: &str) -> bool {
    page.contains("data-theme") || page.contains("data-density")
}
