//! Who may see which page, and what stands in it before any script runs.

use chatter::protocol::UserId;
use chatter::server::store::NewRoom;
use chatter::ui::PageData;

use crate::support::app::TestApp;
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
    for path in ["/c", "/c/1", "/c?to=bob", "/settings"] {
        assert_eq!(guest(path).await, to("/"), "{path}");
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
