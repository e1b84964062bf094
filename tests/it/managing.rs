//! Groups and rooms over HTTP and on the socket: making them, changing them, coming and going, as programs and plain forms.

use serde_json::Value;

use crate::support::app::TestApp;
use crate::support::device::Device;
use crate::support::person::{Person, location};

/// The fields of a form.
type Form<'a> = &'a [(&'a str, &'a str)];

async fn make(who: &Person, form: Form<'_>) -> String {
    who.ok("conversation-create", form).await["id"].to_string()
}

fn names(members: &Value) -> Vec<&str> {
    members.as_array().unwrap().iter().map(|member| member["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_group_lives_on_everybodys_devices() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.person("ada").await, app.person("bob").await, app.person("eve").await);
    let (mut on_ada, mut on_bob, mut on_eve) = (Device::new(ada).await, Device::new(bob).await, Device::new(eve).await);
    let group = make(&on_ada.person, &[("kind", "group"), ("title", " Tea "), ("members", "@bob")]).await;
    for device in [&mut on_ada, &mut on_bob] {
        let created = device.event().await.unwrap();
        assert_eq!((&created["op"], &created["d"]["title"]), (&"CONVERSATION_CREATE".into(), &"Tea".into()));
        assert_eq!((&created["d"]["manager"], names(&created["d"]["members"])), (&1.into(), vec!["ada", "bob"]));
    }

    // Anybody renames a group.
    on_bob
        .person
        .ok("conversation-update", &[("conversation_id", &group), ("title", "Coffee"), ("topic", "beans")])
        .await;
    for device in [&mut on_ada, &mut on_bob] {
        let changed = device.event().await.unwrap();
        assert_eq!((&changed["op"], &changed["d"]["title"]), (&"CONVERSATION_UPDATE".into(), &"Coffee".into()));
        assert_eq!(changed["d"]["topic"], "beans");
    }
    let cleared = on_bob.person.ok("conversation-update", &[("conversation_id", &group), ("topic", "")]).await;
    assert_eq!((cleared.get("topic"), &cleared["title"]), (None, &"Coffee".into()), "empty takes it away");
    on_bob.person.ok("conversation-update", &[("conversation_id", &group), ("topic", "")]).await;
    on_ada.until(&group, 2).await;

    // Who is added has all from there on, and nothing of before.
    on_ada.person.ok("message-post", &[("conversation_id", &group), ("content", "before")]).await;
    let grown = on_bob.person.ok("member-add", &[("conversation_id", &group), ("members", "eve, ada")]).await;
    assert_eq!(names(&grown["members"]), ["ada", "bob", "eve"]);
    assert_eq!(on_eve.event().await.unwrap()["d"]["member_count"], 3);
    on_eve.cursors.insert(group.clone(), 3);
    let joined = on_eve.event().await.unwrap();
    assert_eq!((&joined["op"], &joined["d"]["user"]["name"]), (&"MEMBER_ADD".into(), &"eve".into()));
    on_ada.person.ok("message-post", &[("conversation_id", &group), ("content", "after")]).await;
    on_eve.until(&group, 5).await;
    let page = on_eve.person.ok("message-list", &[("conversation_id", &group)]).await;
    assert_eq!(page["messages"].as_array().unwrap().len(), 1);

    // Who is removed hears of it, and of nothing later.
    let remove = [("conversation_id", group.as_str()), ("user_id", "3")];
    assert_eq!(on_bob.person.refused("member-remove", &remove).await, (403, "forbidden".into()));
    on_ada.person.ok("member-remove", &remove).await;
    on_eve.until("inbox", 2).await;
    on_ada.person.ok("message-post", &[("conversation_id", &group), ("content", "without eve")]).await;
    on_bob.until(&group, 7).await;
    on_eve.assert_silent().await;
    let told: Vec<_> = on_eve.outline().into_iter().skip(2).collect();
    let (created, removed) = (format!("MESSAGE_CREATE {group} 5"), format!("MEMBER_REMOVE {group} 6"));
    assert_eq!(told, [created, removed, "CONVERSATION_DELETE inbox 2".into()]);
    let missing = on_eve.person.refused("message-list", &[("conversation_id", &group)]).await;
    assert_eq!(missing, (404, "not_found".into()));

    // The manager leaves: whoever was there longest follows, and may do what they could.
    on_ada.person.ok("member-remove", &[("conversation_id", &group), ("user_id", "1")]).await;
    on_bob.until(&group, 9).await;
    let last = on_bob.events.last().unwrap();
    assert_eq!((&last["op"], &last["d"]["manager"]), (&"CONVERSATION_UPDATE".into(), &2.into()));
    on_bob.person.ok("conversation-update", &[("conversation_id", &group), ("archived", "true")]).await;
    let post = [("conversation_id", group.as_str()), ("content", "too late")];
    assert_eq!(on_bob.person.call("message-post", &post).await.status(), 409);
}

/// What changes about a message of before they came tells nobody what it says: live, in a replay, in the log, and after
/// everybody has connected anew.
#[tokio::test]
async fn who_is_added_to_a_group_is_not_told_what_was_said_before_by_its_changes() {
    let app = TestApp::start().await;
    let (ada, eve, _bob) = (app.person("ada").await, app.person("eve").await, app.person("bob").await);
    let (mut on_ada, mut on_eve) = (Device::new(ada).await, Device::new(eve).await);
    let group = make(&on_ada.person, &[("kind", "group"), ("members", "bob")]).await;
    on_ada.person.ok("message-post", &[("conversation_id", &group), ("content", "secret of before")]).await;
    on_ada.person.ok("member-add", &[("conversation_id", &group), ("members", "eve")]).await;
    on_eve.until("inbox", 1).await;
    on_eve.cursors.insert(group.clone(), 1);
    on_eve.until(&group, 2).await;
    let of_it = [("conversation_id", group.as_str()), ("seq", "1")];
    let pin = [of_it.as_slice(), &[("pinned", "true")]].concat();
    on_ada.person.ok("message-pin", &pin).await;
    on_ada.until(&group, 3).await;
    assert_eq!(on_ada.events.last().unwrap()["d"]["content"], "secret of before");
    on_eve.until(&group, 3).await;

    // By a snapshot this time, and with what she missed.
    on_eve.drop_socket();
    let edit = [of_it.as_slice(), &[("content", "secret, in other words")]].concat();
    on_ada.person.ok("message-edit", &edit).await;
    on_eve.connect().await;
    on_eve.until(&group, 4).await;
    let edit = [of_it.as_slice(), &[("content", "secret, once more")]].concat();
    on_ada.person.ok("message-edit", &edit).await;
    on_ada.person.ok("reaction-add", &[of_it.as_slice(), &[("emoji", "👍")]].concat()).await;
    on_ada.person.ok("message-post", &[("conversation_id", &group), ("content", "for all")]).await;
    on_eve.until(&group, 7).await;
    let log = on_eve.person.ok("event-list", &[("conversation_id", &group), ("after", "0")]).await;
    let events = on_eve.events.iter().chain(log["events"].as_array().unwrap());
    for event in events.clone() {
        assert!(!event.to_string().contains("secret"), "{event}");
    }
    let gone = events.filter(|event| event["op"] == "MESSAGE_DELETE" && event["d"]["seq"] == 1).count();
    // Three changes live and replayed, and all four in the log; the reaction was told as what it is.
    assert_eq!(gone, 3 + 4);
    assert_eq!(on_eve.events.last().unwrap()["d"]["content"], "for all");
}

#[tokio::test]
async fn an_open_room_is_found_and_joined_and_a_closed_one_is_not_there() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    let form = [("kind", "room"), ("title", "Tea room"), ("topic", "green"), ("open", "true")];
    let open = make(&ada, &form).await;
    let closed = make(&ada, &[("kind", "room"), ("title", "Closed tea")]).await;
    ada.ok("message-post", &[("conversation_id", &open), ("content", "from the beginning")]).await;

    let found = bob.ok("room-list", &[("query", "TEA")]).await;
    let rooms = found["rooms"].as_array().unwrap();
    assert_eq!((rooms.len(), &rooms[0]["title"], &rooms[0]["joined"]), (1, &"Tea room".into(), &false.into()));
    assert_eq!((&rooms[0]["topic"], &rooms[0]["member_count"]), (&"green".into(), &1.into()));
    for id in [&closed, "99"] {
        assert_eq!(bob.refused("room-join", &[("conversation_id", id)]).await, (404, "not_found".into()));
    }
    // What one finds, one sees: and may not change.
    let rename = [("conversation_id", open.as_str()), ("title", "mine")];
    assert_eq!(bob.refused("conversation-update", &rename).await, (403, "forbidden".into()));
    assert_eq!(bob.refused("member-list", &[("conversation_id", &open)]).await, (404, "not_found".into()));

    let mut device = Device::new(bob).await;
    device.person.ok("room-join", &[("conversation_id", &open)]).await;
    device.person.ok("room-join", &[("conversation_id", &open)]).await;
    assert_eq!(device.event().await.unwrap()["d"]["member_count"], 2);
    let page = device.person.ok("message-list", &[("conversation_id", &open)]).await;
    assert_eq!(page["messages"][0]["content"], "from the beginning", "a room shows all of its history");
    let members = ada.ok("member-list", &[("conversation_id", &open), ("limit", "1")]).await;
    assert_eq!((names(&members["members"]), &members["more"]), (vec!["ada"], &true.into()));
    let rest = ada.ok("member-list", &[("conversation_id", &open), ("after", "1")]).await;
    assert_eq!((names(&rest["members"]), &rest["more"]), (vec!["bob"], &false.into()));
    assert_eq!(device.person.refused("conversation-update", &rename).await, (403, "forbidden".into()));
    ada.ok("conversation-update", &[("conversation_id", &open), ("open", "false")]).await;
    assert!(device.person.ok("room-list", &[]).await["rooms"].as_array().unwrap().is_empty());

    // Pins are the manager's where a room has one.
    let pin = [("conversation_id", open.as_str()), ("seq", "1"), ("pinned", "true")];
    assert_eq!(device.person.refused("message-pin", &pin).await, (403, "forbidden".into()));
    ada.ok("message-pin", &pin).await;
}

#[tokio::test]
async fn what_cannot_be_made_is_refused_with_a_code_and_a_sentence() {
    let app = TestApp::start().await;
    let (ada, _bob) = (app.person("ada").await, app.person("bob").await);
    let (long, wordy) = ("x".repeat(81), "x".repeat(251));
    let crowd = vec!["bob"; 101].join(" ");
    let cases: &[(Form<'_>, u16, &str)] = &[
        (&[("kind", "room"), ("title", " ")], 400, "title_invalid"),
        (&[("kind", "room"), ("title", &long)], 400, "title_invalid"),
        (&[("kind", "room"), ("title", "a\nb")], 400, "title_invalid"),
        (&[("kind", "room"), ("title", "\u{200b}")], 400, "title_invalid"),
        (&[("kind", "room"), ("title", "tea"), ("topic", &wordy)], 400, "topic_invalid"),
        (&[("kind", "group"), ("members", "")], 400, "bad_request"),
        (&[("kind", "group"), ("members", "ada")], 400, "bad_request"),
        (&[("kind", "group"), ("members", "bob nobody")], 404, "unknown_target"),
        (&[("kind", "group"), ("members", "99")], 404, "unknown_target"),
        (&[("kind", "group"), ("members", &crowd)], 409, "limit_reached"),
        (&[("kind", "direct"), ("members", "bob")], 400, "bad_request"),
        (&[("kind", "club"), ("members", "bob")], 400, "bad_request"),
        (&[("members", "bob")], 400, "bad_request"),
        (&[("kind", "group"), ("members", "bob"), ("as_user", "2")], 409, "wrong_session"),
    ];
    for (form, status, code) in cases {
        assert_eq!(ada.refused("conversation-create", form).await, (*status, (*code).to_owned()), "{form:.90?}");
    }
    let (direct, _) = ada.post_to("bob", "hi").await;
    let direct = direct.to_string();
    let changes: &[(&str, Form<'_>)] = &[
        ("conversation-update", &[("title", "ours")]),
        ("member-add", &[("members", "bob")]),
        ("member-remove", &[("user_id", "2")]),
        ("member-remove", &[("user_id", "1")]),
        ("room-join", &[]),
    ];
    for (function, form) in changes {
        let form: Vec<_> = form.iter().copied().chain([("conversation_id", direct.as_str())]).collect();
        assert_eq!(ada.refused(function, &form).await, (403, "forbidden".into()), "{function}");
    }
    assert_eq!(ada.refused("conversation-update", &[("conversation_id", &direct)]).await.1, "bad_request");
    let room = make(&ada, &[("kind", "room"), ("title", "tea")]).await;
    let nameless = ada.refused("conversation-update", &[("conversation_id", &room), ("title", "")]).await;
    assert_eq!(nameless, (400, "title_invalid".into()));
}

#[tokio::test]
async fn it_all_works_by_plain_forms() {
    let app = TestApp::start().await;
    let (ada, bob, _eve) = (app.person("ada").await, app.person("bob").await, app.person("eve").await);
    let (status, page) = ada.page("/c/new").await;
    assert!(status == 200 && page.contains("action=\"/api/conversation-create\""), "{status}");
    let wrong = ada.form("conversation-create", &[("kind", "room"), ("title", ""), ("topic", "green")]).await;
    assert_eq!(wrong.status(), 400);
    let page = wrong.text().await.unwrap();
    assert!(page.contains("A room has a name") && page.contains("value=\"green\""), "what was typed is kept");

    let form = [("kind", "room"), ("title", "Tea"), ("open", "true"), ("members", "")];
    let made = ada.form("conversation-create", &form).await;
    assert_eq!((made.status().as_u16(), location(&made)), (303, Some("/c/1")));
    let (_, page) = bob.page("/c/rooms?q=te").await;
    assert!(page.contains("action=\"/api/room-join\"") && page.contains("Tea"));
    let joined = bob.form("room-join", &[("conversation_id", "1")]).await;
    assert_eq!((joined.status().as_u16(), location(&joined)), (303, Some("/c/1")));
    assert!(!bob.page("/c/rooms?q=te").await.1.contains("room-join"), "it is opened from there by now");

    let (status, page) = ada.page("/c/1/details").await;
    assert_eq!(status, 200);
    for part in ["conversation-update", "member-add", "member-remove", "name=\"archived\"", "2 members", ">bob<"] {
        assert!(page.contains(part), "{part}");
    }
    let (_, seen) = bob.page("/c/1/details").await;
    assert!(!seen.contains("conversation-update") && seen.contains("member-remove"), "who manages nothing may leave");
    let added = ada.form("member-add", &[("conversation_id", "1"), ("members", "eve")]).await;
    assert_eq!((added.status().as_u16(), location(&added)), (303, Some("/c/1/details")));
    let unknown = ada.form("member-add", &[("conversation_id", "1"), ("members", "evelyn")]).await;
    let page = unknown.text().await.unwrap();
    assert!(page.contains("nobody with the name evelyn") && page.contains("value=\"evelyn\""));
    let removed = ada.form("member-remove", &[("conversation_id", "1"), ("user_id", "3")]).await;
    assert_eq!(location(&removed), Some("/c/1/details"));
    let renamed =
        ada.form("conversation-update", &[("conversation_id", "1"), ("title", "Coffee"), ("topic", "b")]).await;
    assert_eq!(location(&renamed), Some("/c/1/details"));
    assert!(bob.page("/c/1").await.1.contains("Coffee"));
    let archived = ada.form("conversation-update", &[("conversation_id", "1"), ("archived", "true")]).await;
    assert_eq!(archived.status(), 303);
    let (_, page) = bob.page("/c/1").await;
    assert!(page.contains("is archived") && !page.contains("id=\"composer\""), "a line in place of the composer");
    let left = bob.form("member-remove", &[("conversation_id", "1"), ("user_id", "2")]).await;
    assert_eq!((left.status().as_u16(), location(&left)), (303, Some("/c")));
    assert_eq!(bob.page("/c/1/details").await.0, 404);
    assert_eq!(bob.page("/c/7/details").await.0, 404);
}
