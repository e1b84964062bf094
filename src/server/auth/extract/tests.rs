//! Who a request is taken for.

use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::middleware::Next;
use axum::routing::{get, post};
use axum::{Extension, Router, middleware};
use http::header::{ACCEPT, AUTHORIZATION, COOKIE};
use tower::ServiceExt;

use super::super::fake_store::FakeStore;
use super::*;
use crate::server::config::Overrides;
use crate::server::secrets::GatewayKeys;
use crate::server::store::{NewSession, NewUser};

struct House {
    store: Arc<FakeStore>,
    state: AuthState,
    router: Router,
    token: SessionToken,
    session: SessionId,
}

async fn who(viewer: Option<Extension<Viewer>>) -> String {
    viewer.map_or("nobody".into(), |Extension(viewer)| viewer.user.name)
}

async fn page(viewer: Option<Extension<Viewer>>) -> axum::response::Html<String> {
    axum::response::Html(who(viewer).await)
}

async fn house() -> House {
    let store = Arc::new(FakeStore::default());
    let user = NewUser { name: "Ada".into(), folded: "ada".into(), password_hash: None, now_ms: 0 };
    let user = store.user_create(user).await.unwrap().id;
    let token = SessionToken::generate();
    let (now_ms, expires_ms) = (now_ms(), now_ms() + SESSION_MS);
    let session = NewSession { user, token_hash: token.hash(), now_ms, expires_ms, client: None, replaces: None };
    let session = store.session_create(session).await.unwrap();
    let state = AuthState {
        store: store.clone(),
        tokens: Arc::new(GatewayTokens::new(&GatewayKeys::generate())),
        config: Arc::new(Config::load(&Overrides::default()).unwrap()),
    };
    let auth = state.clone();
    let authenticate = move |request, next: Next| {
        let auth = auth.clone();
        async move { auth.authenticated(request, |request| next.run(request)).await }
    };
    let router = Router::new()
        .route("/page", get(page).post(page))
        .route("/data", get(who).post(who))
        .route("/token", post([(SET_COOKIE, "authorization=fresh; Path=/")]))
        .route("/sign-out", post([(SET_COOKIE, "session=; Path=/; Max-Age=0")]))
        .layer(middleware::from_fn(authenticate));
    House { store, state, router, token, session }
}

impl House {
    async fn ask(&self, method: &str, path: &str, headers: &[(http::HeaderName, String)]) -> (Response, String) {
        let mut request = Request::builder().method(method).uri(path).header(ACCEPT, "text/html");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let response = self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (head, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 4_096).await.unwrap();
        (Response::from_parts(head, Body::empty()), String::from_utf8(body.to_vec()).unwrap())
    }

    fn cookie(&self) -> (http::HeaderName, String) {
        (COOKIE, format!("session={}", self.token.expose()))
    }
}

#[tokio::test]
async fn a_page_of_a_signed_in_user_takes_both_cookies_along() {
    let house = house().await;
    let (response, body) = house.ask("GET", "/page", &[house.cookie()]).await;
    assert_eq!(body, "Ada");
    assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
    let set: Vec<_> = response.headers().get_all(SET_COOKIE).iter().map(|v| v.to_str().unwrap()).collect();
    assert!(set[0].starts_with(&format!("session={};", house.token.expose())), "{set:?}");
    let gateway_token = set[1].strip_prefix("authorization=").unwrap().split(';').next().unwrap();
    let claims = house.state.tokens.verify(gateway_token, now_ms()).unwrap();
    assert_eq!(claims.session, house.session);

    let (response, body) = house.ask("GET", "/data", &[house.cookie()]).await;
    assert_eq!(body, "Ada");
    assert!(!response.headers().contains_key(SET_COOKIE));

    let (response, body) = house.ask("POST", "/page", &[house.cookie()]).await;
    assert_eq!(body, "Ada", "the page of a form that failed");
    assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
    assert_eq!(response.headers().get_all(SET_COOKIE).iter().count(), 2);
}

#[tokio::test]
async fn nothing_else_is_a_session() {
    let house = house().await;
    let gateway_token = house.state.tokens.issue(crate::protocol::UserId(1), house.session, now_ms());
    let cases = [
        vec![],
        vec![(COOKIE, format!("authorization={gateway_token}"))],
        vec![(COOKIE, format!("session={gateway_token}"))],
        vec![(AUTHORIZATION, format!("Bearer {gateway_token}"))],
        vec![(AUTHORIZATION, format!("Bearer {}", house.token.expose()))],
        vec![(COOKIE, format!("session={}", SessionToken::generate().expose()))],
        vec![(COOKIE, format!("__Host-session={}", house.token.expose()))],
    ];
    for headers in cases {
        let (response, body) = house.ask("GET", "/page", &headers).await;
        assert_eq!(body, "nobody", "{headers:?}");
        assert!(!response.headers().contains_key(SET_COOKIE));
    }
    house.store.session_end(house.session).await.unwrap();
    assert_eq!(house.ask("GET", "/page", &[house.cookie()]).await.1, "nobody", "ended");
}

#[tokio::test]
async fn use_moves_the_end_at_most_once_an_hour() {
    let house = house().await;
    house.ask("GET", "/data", &[house.cookie()]).await;
    assert_eq!(house.store.extensions.lock().unwrap().len(), 0, "fresh");
    house.store.age(house.session, now_ms() - SESSION_SLIDE_MS);
    house.ask("GET", "/data", &[house.cookie()]).await;
    house.ask("GET", "/data", &[house.cookie()]).await;
    assert_eq!(*house.store.extensions.lock().unwrap(), [(house.session, SESSION_MS)]);
}

#[tokio::test]
async fn the_cookie_lasts_as_long_as_the_session_without_a_page() {
    let house = house().await;
    let sets = |response: &Response| -> Vec<String> {
        let set = response.headers().get_all(SET_COOKIE).iter();
        set.map(|value| value.to_str().unwrap().split(['=', ';']).take(2).collect::<Vec<_>>().join("=")).collect()
    };
    let (ours, old) = (format!("session={}", house.token.expose()), now_ms() - SESSION_SLIDE_MS);
    let expected: &[(&str, &[&str])] =
        &[("/data", &[&ours]), ("/token", &["authorization=fresh", &ours]), ("/sign-out", &["session="])];
    for (path, cookies) in expected {
        house.store.age(house.session, old);
        let (response, _) = house.ask("POST", path, &[house.cookie()]).await;
        assert_eq!(sets(&response), *cookies, "{path}");
        let (response, _) = house.ask("GET", "/data", &[house.cookie()]).await;
        assert_eq!(sets(&response), [""; 0], "once an hour");
    }
}

#[tokio::test]
async fn a_store_that_fails_signs_nobody_out() {
    let house = house().await;
    house.store.broken.store(true, Ordering::Relaxed);
    let (response, body) = house.ask("GET", "/page", &[house.cookie()]).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(body.contains("\"unavailable\"") && !body.contains("as the test wants it"), "{body}");
}
