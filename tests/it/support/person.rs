//! Somebody who uses the server over HTTP, as a program does (JSON) or as a browser without JavaScript does (forms).

use std::time::Duration;

use reqwest::header::{ACCEPT, COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;

use super::socket::Socket;

pub const PASSWORD: &str = "correct horse";

pub struct Person {
    pub address: String,
    pub id: i64,
    /// `session=…`
    pub session: String,
    http: Client,
}

/// No answer takes this long; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client that follows no redirect, so that tests see them.
pub fn http() -> Client {
    Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// The value of a cookie that a response sets; `None` if it sets none or removes it.
pub fn set_cookie(response: &Response, name: &str) -> Option<String> {
    let cookies = response.headers().get_all(SET_COOKIE).iter().filter_map(|v| v.to_str().ok());
    let value = cookies.filter_map(|c| c.strip_prefix(name)?.strip_prefix('=')).next_back()?;
    Some(value.split(';').next().unwrap_or_default().to_owned()).filter(|value| !value.is_empty())
}

impl Person {
    pub async fn sign_up(address: &str, name: &str) -> Self {
        Self::enter(address, name, PASSWORD, "sign-up").await
    }

    /// A new session of somebody who is known: another device.
    pub async fn sign_in(address: &str, name: &str) -> Self {
        Self::sign_in_with(address, name, PASSWORD).await
    }

    /// The same with a password that others gave them.
    pub async fn sign_in_with(address: &str, name: &str, password: &str) -> Self {
        Self::enter(address, name, password, "sign-in").await
    }

    async fn enter(address: &str, name: &str, password: &str, function: &str) -> Self {
        let http = http();
        let form = [("name", name), ("password", password)];
        let answer = http.post(format!("http://{address}/api/{function}")).form(&form).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{function} of {name}");
        let session = format!("session={}", set_cookie(&answer, "session").unwrap());
        let user: Value = answer.json().await.unwrap();
        Self { address: address.to_owned(), id: user["id"].as_i64().unwrap(), session, http }
    }

    /// The same session, where the server is to be found after a restart.
    pub fn at(&self, address: &str) -> Self {
        Self { address: address.to_owned(), id: self.id, session: self.session.clone(), http: self.http.clone() }
    }

    /// Calls a server function as a program.
    pub async fn call(&self, function: &str, form: &[(&str, &str)]) -> Response {
        let url = format!("http://{}/api/{function}", self.address);
        self.http.post(url).header(COOKIE, &self.session).form(form).send().await.unwrap()
    }

    /// Calls a server function that must succeed.
    pub async fn ok(&self, function: &str, form: &[(&str, &str)]) -> Value {
        let answer = self.call(function, form).await;
        let (status, body) = (answer.status(), answer.text().await.unwrap());
        assert_eq!(status, StatusCode::OK, "{function}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Calls a server function that must be refused: its status and code.
    pub async fn refused(&self, function: &str, form: &[(&str, &str)]) -> (u16, String) {
        let answer = self.call(function, form).await;
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.unwrap();
        assert!(body["message"].as_str().is_some_and(|m| m.ends_with('.')), "a sentence for people: {body}");
        (status, body["code"].as_str().unwrap().to_owned())
    }

    /// Submits a plain form, as a browser without JavaScript.
    pub async fn form(&self, function: &str, form: &[(&str, &str)]) -> Response {
        let url = format!("http://{}/api/{function}", self.address);
        let request = self.http.post(url).header(COOKIE, &self.session).header(ACCEPT, "text/html,*/*;q=0.8");
        request.form(form).send().await.unwrap()
    }

    /// A page's status and text.
    pub async fn page(&self, path: &str) -> (u16, String) {
        let answer = self.get(path).await;
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    pub async fn get(&self, path: &str) -> Response {
        let url = format!("http://{}{path}", self.address);
        self.http.get(url).header(COOKIE, &self.session).header(ACCEPT, "text/html").send().await.unwrap()
    }

    /// Posts to `target` (id or name): the conversation and the seq.
    pub async fn post_to(&self, target: &str, content: &str) -> (i64, i64) {
        let posted = self.ok("message-post", &[("target_id", target), ("content", content)]).await;
        (posted["conversation_id"].as_i64().unwrap(), posted["seq"].as_i64().unwrap())
    }

    /// A fresh gateway token.
    pub async fn token(&self) -> String {
        set_cookie(&self.call("gateway-token", &[]).await, "authorization").unwrap()
    }

    /// An identified socket of a program.
    pub async fn socket(&self) -> Socket {
        let mut socket = Socket::open(&self.address).await;
        socket.expect("HELLO").await;
        socket.identify(&self.token().await).await;
        socket.expect("READY").await;
        socket
    }
}

/// Where a response redirects to.
pub fn location(response: &Response) -> Option<&str> {
    response.headers().get(LOCATION)?.to_str().ok()
}
