//! Who may see which page, and what stands in it before any script runs.

use chatter::protocol::UserId;
use chatter::server::store::NewRoom;

use crate::support::app::TestApp;
use crate::support::person::{http, location, set_cookie};

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
