//! Who may see which page, and what stands in it before any script runs.

use std::collections::BTreeMap;

use chatter::protocol::{ConversationId, UserId};
use chatter::server::store::NewRoom;
use chatter::ui::PageData;

use crate::support::app::TestApp;
use crate::support::membership::leave;
use crate::support::person::{Person, http, location, set_cookie};

#[tokio::test]
async fn guests_and_people_are_sent_where_they_belong() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let guest = async |path: &str| {
        let answer = http().get(app.url(path)).send().await.unwrap();
        (answer.status().as_u16(), location(&answer).map(str::to_owned))
    };
    let signed_in = async |path: &str| {
        let answer = ada.get(path).await;
        (answer.status().as_u16(), location(&answer).map(str::to_owned))
    };
    let to = |path: &str| (303, Some(path.to_owned()));
    assert_eq!(guest("/").await, (200, None));
    assert_eq!(guest("/sign-up").await, (200, None));
    assert_eq!(guest("/?ended").await, (200, None));
    for path in ["/c", "/c/x", "/c?to=bob", "/settings"] {
        assert_eq!(guest(path).await, to("/"), "{path}");
    }
    // What they wanted to read goes along, whether or not it is there.
    for (path, wanted) in [("/c/1", "conversation_id=1"), ("/c/1/30", "conversation_id=1&seq=30")] {
        assert_eq!(guest(path).await, to(&format!("/?{wanted}")), "{path}");
        assert_eq!(signed_in(&format!("/?{wanted}")).await, to(path));
    }
    assert_eq!(signed_in("/").await, to("/c"));
    assert_eq!(signed_in("/sign-up").await, to("/c"));
    assert_eq!(signed_in("/?ended").await, (200, None), "never bounces");
    for path in ["/c", "/c?to=bob", "/settings"] {
        assert_eq!(signed_in(path).await, (200, None), "{path}");
    }
    for path in ["/c/999", "/c/x", "/no-such-page", "/c/1/2/3"] {
        assert_eq!(signed_in(path).await.0, 404, "{path}");
    }
    assert_eq!(guest("/no-such-page").await.0, 404);
}

#[tokio::test]
async fn a_title_is_nothing_but_the_title() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let title = async |path: &str| {
        let page = ada.get(path).await.text().await.unwrap();
        page.split_once("<title>").unwrap().1.split_once("</title>").unwrap().0.replace(['\u{2068}', '\u{2069}'], "")
    };
    let (conversation, _) = ada.post_to("ada", "to myself").await;
    let conversation = format!("/c/{conversation}");
    // The second time it is put together from what was drawn.
    for (path, said) in [
        ("/settings", "Settings · Chatter"),
        ("/people/ada", "ada · Chatter"),
        ("/no-such-page", "There is nothing here. · Chatter"),
        (&conversation, "ada · Chatter"),
        (&conversation, "ada · Chatter"),
    ] {
        assert_eq!(title(path).await, said, "{path}");
    }
}

#[tokio::test]
async fn a_signed_in_page_sets_both_cookies_and_is_kept_by_no_cache() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let answer = ada.get("/c").await;
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(format!("session={}", set_cookie(&answer, "session").unwrap()), ada.session);
    assert_eq!(set_cookie(&answer, "authorization").unwrap().split('.').count(), 3, "a JWT");
    let guest = http().get(app.url("/")).send().await.unwrap();
    assert!(set_cookie(&guest, "session").is_none() && set_cookie(&guest, "authorization").is_none());
}

#[tokio::test]
async fn the_latest_fifty_messages_stand_in_the_served_page() {
    let app = TestApp::with(|config| config.limits.posts_burst = 1_000.try_into().unwrap()).await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    for n in 1..=55 {
        ada.post_to("bob", &format!("number-{n:03}")).await;
    }
    let (status, page) = bob.page("/c/1").await;
    assert_eq!(status, 200);
    for n in 6..=55 {
        assert!(page.contains(&format!("number-{n:03}")), "{n}");
    }
    assert!(!page.contains("number-005"), "older ones wait for being asked");
    let (_, older) = bob.page("/c/1?before=6").await;
    assert!(older.contains("number-001") && older.contains("number-005") && !older.contains("number-006"));
    let (_, list) = bob.page("/c").await;
    assert!(list.contains("ada") && list.contains("55"), "the list shows who wrote and how much is unread");
}

#[tokio::test]
async fn conversations_beyond_the_first_page_are_a_link_away() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    for n in 1..=103_i64 {
        let room = NewRoom { title: format!("room-{n:03}"), everyone: false, members: vec![UserId(ada.id)], now_ms: n };
        app.running().state.chat.store.room_create(room).await.unwrap();
    }
    let (_, first) = ada.page("/c").await;
    assert!(first.contains("room-103") && first.contains("room-004") && !first.contains("room-003"));
    let link = first.split("href=\"/c?after=").nth(1).expect("a link to the rest").split('"').next().unwrap();
    let (status, rest) = ada.page(&format!("/c?after={link}")).await;
    assert_eq!(status, 200);
    assert!(rest.contains("room-003") && rest.contains("room-001") && !rest.contains("room-004"));
    assert!(!rest.contains("href=\"/c?after="), "there is no more");
}

/// The list of messages as it stands in a page.
fn rows(page: &str) -> String {
    let rows = page.split("<ol class=\"rows\">").nth(1).expect("a list of messages");
    rows.split("</ol>").next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn rows_that_were_kept_are_those_that_would_be_drawn() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.person("ada").await, app.person("bob").await, app.person("eve").await);
    let members = [&ada, &bob, &eve].map(|person| UserId(person.id)).to_vec();
    let room = NewRoom { title: "room".into(), everyone: false, members, now_ms: 1 };
    let room = app.running().state.chat.store.room_create(room).await.unwrap();
    let path = format!("/c/{room}");
    let post = async |person: &Person, content: &str| {
        person.ok("message-post", &[("conversation_id", &room.to_string()), ("content", content)]).await;
    };
    post(&ada, "first </script><b>").await;
    post(&bob, "second").await;
    let mut drawn = Vec::new();
    for person in [&ada, &bob, &eve] {
        let first = rows(&person.page(&path).await.1);
        assert_eq!(rows(&person.page(&path).await.1), first, "as it was drawn");
        assert!(first.contains("first &lt;/script&gt;") && first.contains("second"), "{first}");
        drawn.push(first);
    }
    // One's own messages look like one's own, to oneself alone; and each has their own "New" line.
    assert_eq!(drawn.iter().map(|rows| rows.matches(" own").count()).collect::<Vec<_>>(), [1, 1, 0]);
    assert_eq!(drawn.iter().map(|rows| rows.matches("new-line").count()).collect::<Vec<_>>(), [1, 0, 1]);
    post(&eve, "third").await;
    for person in [&ada, &bob, &eve] {
        assert!(rows(&person.page(&path).await.1).contains("third"), "a new message is on the next page");
    }
    let seq = chatter::protocol::Seq(3);
    app.running().state.chat.store.read_mark(UserId(ada.id), room, seq).await.unwrap();
    assert!(!rows(&ada.page(&path).await.1).contains("new-line"), "what was read is new no more");
}

/// Two people who wrote nothing see a page of another's, of which one is called: nobody is shown what is drawn for another.
#[tokio::test]
async fn who_is_called_by_name_sees_it_and_nobody_else() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.person("ada").await, app.person("bob").await, app.person("eve").await);
    let members = [&ada, &bob, &eve].map(|person| UserId(person.id)).to_vec();
    let room = NewRoom { title: "room".into(), everyone: false, members, now_ms: 1 };
    let room = app.running().state.chat.store.room_create(room).await.unwrap();
    let path = format!("/c/{room}");
    let post = async |content: &str| {
        ada.ok("message-post", &[("conversation_id", &room.to_string()), ("content", content)]).await;
    };
    let called = async || {
        let mut called = Vec::new();
        // Each twice: as it was drawn, and as it was kept; and not always in the same order.
        for person in [&bob, &eve, &eve, &ada, &bob] {
            called.push(rows(&person.page(&path).await.1).matches("mention me").count());
        }
        called
    };
    post("hello **there**").await;
    assert_eq!(called().await, [0, 0, 0, 0, 0]);
    post("@Bob look").await;
    assert_eq!(called().await, [1, 0, 0, 0, 1]);
    post("`@eve` is code").await;
    assert_eq!(called().await, [1, 0, 0, 0, 1]);
    post("@all look").await;
    assert_eq!(called().await, [2, 1, 1, 1, 2]);
}

/// A conversation's page with its nonces and its moment taken out: what is the same as long as nothing has changed.
async fn still(person: &Person, path: &str) -> String {
    let answer = person.get(path).await;
    assert_eq!(answer.status(), 200, "{path}");
    let mut headers = answer.headers().clone();
    let policy = headers.remove("content-security-policy").expect("a policy").to_str().unwrap().to_owned();
    for volatile in ["date", "set-cookie"] {
        headers.remove(volatile);
    }
    let page = answer.text().await.unwrap();
    let between = |begins: &str, ends: char| page.split(begins).nth(1).unwrap().split(ends).next().unwrap().to_owned();
    let (script, form) = (between("nonce=\"", '"'), between("name=\"nonce\" value=\"", '"'));
    assert_eq!(policy.matches(&format!("'nonce-{script}'")).count(), 1, "the page's own policy");
    assert_eq!((page.matches(&script).count(), page.matches(&form).count()), (4, 2), "each where it belongs");
    let now = format!("\"now_ms\":{}", between("\"now_ms\":", ','));
    let headers: BTreeMap<_, _> = headers.iter().map(|(name, value)| (name.as_str(), value)).collect();
    format!("{headers:?}\n{}", page.replace(&script, "SCRIPT").replace(&form, "FORM").replace(&now, "NOW"))
}

#[tokio::test]
async fn pages_from_pieces_are_those_that_would_be_drawn() {
    let mut app = TestApp::start().await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    let room = async |app: &TestApp, title: &str, people: &[&Person]| {
        let members = people.iter().map(|person| UserId(person.id)).collect();
        app.store().room_create(NewRoom { title: title.into(), everyone: false, members, now_ms: 1 }).await.unwrap()
    };
    let title = "</title><div class=\"sidebar\"> & \"hers\"";
    let (hers, both) = (room(&app, title, &[&ada]).await, room(&app, "both", &[&ada, &bob]).await);
    bob.post_to("ada", "<ol class=\"rows\"></form>").await;
    for (id, content) in [(hers, "to herself"), (both, "<script nonce=\"\">")] {
        ada.ok("message-post", &[("conversation_id", &id.to_string()), ("content", content)]).await;
    }
    let asked = [(&ada, hers), (&ada, both), (&bob, both), (&ada, ConversationId(3)), (&bob, ConversationId(3))];
    let draw = async || {
        // Old enough for the list to say the same all the while.
        app.execute("UPDATE conversations SET active_ms = id; UPDATE messages SET created_ms = seq");
        app.store().changed_elsewhere().await.unwrap();
        let mut drawn = Vec::new();
        for (person, id) in asked {
            let first = still(person, &format!("/c/{id}")).await;
            for turn in 0..3 {
                assert_eq!(still(person, &format!("/c/{id}")).await, first, "{id}, {turn}");
            }
            assert_eq!(first.matches("<div class=\"sidebar\">").count(), 1, "a title is a text");
            assert_eq!(first.contains("hers"), person.id == ada.id, "nobody sees what is another's");
            drawn.push(first);
        }
        drawn
    };
    draw().await;
    // Its rows are drawn for one message more.
    bob.ok("message-post", &[("conversation_id", &both.to_string()), ("content", "and bob")]).await;
    let drawn = draw().await;
    assert!(drawn[1].contains("and bob") && drawn[2].contains("and bob"));
    app.restart().await;
    for ((person, id), before) in asked.into_iter().zip(drawn) {
        let person = person.at(&app.address.to_string());
        assert_eq!(still(&person, &format!("/c/{id}")).await, before, "{id}, drawn by a program that has kept nothing");
    }
}

#[tokio::test]
async fn a_page_after_something_happened_is_the_one_that_would_be_drawn() {
    let mut app = TestApp::with(|config| config.limits.posts_burst = 1_000.try_into().unwrap()).await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    let members = vec![UserId(ada.id), UserId(bob.id)];
    let title = "</title><ul><li> & <ol class=\"rows\"> \"theirs\"";
    let room = NewRoom { title: title.into(), everyone: false, members, now_ms: 1 };
    let room = app.store().room_create(room).await.unwrap().to_string();
    let path = format!("/c/{room}");
    let form = |content: &'static str| {
        ("message-post", vec![("conversation_id", room.clone()), ("content", content.to_owned())])
    };
    let direct = |content: &'static str| {
        ("message-post", vec![("target_id", "ada".to_owned()), ("content", content.to_owned())])
    };
    let read = ("read-mark", vec![("conversation_id", room.clone()), ("seq", "53".to_owned())]);
    for number in 1..=51 {
        let content = format!("number {number} <a href=\"/c/{room}?before=2\"");
        bob.ok("message-post", &[("conversation_id", &room), ("content", &content)]).await;
    }
    // Each beside a page that was drawn, and so is cut, just before; some show more or less around the rows than it.
    let happens = [
        (false, form("one more, <input type=\"hidden\" name=\"seq\" value=\"52\">")),
        (false, form("and one")),
        (true, read),
        (false, form("new again")),
        (true, form("hers")),
        (false, direct("elsewhere, <li></li></ul>")),
        (false, direct("once more")),
    ];
    for (turn, (by_ada, (function, fields))) in happens.into_iter().enumerate() {
        let at = app.address.to_string();
        let (ada, bob) = (ada.at(&at), bob.at(&at));
        ada.page(&path).await;
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        (if by_ada { &ada } else { &bob }).ok(function, &fields).await;
        app.execute("UPDATE conversations SET active_ms = id; UPDATE messages SET created_ms = seq");
        app.store().changed_elsewhere().await.unwrap();
        let pages = [still(&ada, &path).await, still(&ada, &path).await, still(&bob, &path).await];
        app.restart().await;
        let at = app.address.to_string();
        let drawn = [still(&ada.at(&at), &path).await, still(&bob.at(&at), &path).await];
        assert_eq!(pages, [drawn[0].clone(), drawn[0].clone(), drawn[1].clone()], "{turn}");
    }
}

#[tokio::test]
async fn a_page_from_pieces_is_never_older_than_an_answer() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    let members = vec![UserId(ada.id), UserId(bob.id)];
    let room = NewRoom { title: "room".into(), everyone: false, members, now_ms: 1 };
    let room = app.store().room_create(room).await.unwrap().to_string();
    let path = format!("/c/{room}");
    for n in 1..=5 {
        bob.ok("message-post", &[("conversation_id", &room), ("content", &format!("number-{n}"))]).await;
        for turn in 0..3 {
            let page = ada.page(&path).await.1;
            assert_eq!(page.matches(&format!("number-{n}")).count(), 5, "{turn}: list, row and data");
            assert!(page.contains(&format!("({n}) ")), "{turn}: unread, in the title");
        }
    }
    ada.ok("read-mark", &[("conversation_id", &room), ("seq", "5")]).await;
    assert!(!ada.page(&path).await.1.contains("class=\"badge\""), "all is read");
    bob.post_to("ada", "elsewhere").await;
    assert!(ada.page(&path).await.1.contains("elsewhere"), "in the list beside it");
    // Whoever leaves has no page of it any more; here another process takes her out.
    app.execute(&leave(ada.id, room.parse().unwrap()));
    app.store().changed_elsewhere().await.unwrap();
    let (status, page) = ada.page(&path).await;
    assert_eq!(status, 404);
    assert!(!page.contains("number-"));
    ada.ok("sign-out", &[]).await;
    assert_eq!(ada.get("/c/2").await.status(), 303, "and who signed out has no page at all");
}

#[tokio::test]
async fn what_the_browser_takes_over_stands_in_the_page() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    ada.post_to("bob", "</script><script>alert(1)</script> & \"quoted\"").await;
    let (_, page) = bob.page("/c/1").await;
    let script = page.split("id=\"page-data\"").nth(1).and_then(|rest| rest.split_once('>')).expect("the data").1;
    let data: PageData = serde_json::from_str(script.split("</script>").next().unwrap()).unwrap();
    assert_eq!(data.context.viewer.map(|me| me.name).as_deref(), Some("bob"));
    let chat = data.chat.expect("the chat page's");
    assert_eq!(chat.list.unwrap().conversations[0].unread, 1);
    let opened = chat.opened.unwrap().expect("a conversation");
    assert_eq!(opened.page.messages[0].content, "</script><script>alert(1)</script> & \"quoted\"");
    assert_eq!(page.matches("alert(1)</script>").count(), 0, "no text ends a script");
    for (path, has_chat) in [("/c", true), ("/c?to=ada", true), ("/c/999", true), ("/settings", false)] {
        let (_, page) = bob.page(path).await;
        assert_eq!(!page.contains("\"chat\":null"), has_chat, "{path}");
    }
}
