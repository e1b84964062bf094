//! One person's connection for the few requests that a scenario makes beside the load.
//!
//! Values of forms must need no escaping: letters, digits, `.`, `-` and `_`.

use std::time::Duration;

use serde_json::Value;
use tokio::time::timeout;

use crate::faults::{Error, Result};
use crate::{Person, http};

/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Http {
    connection: http::Http,
    cookie: String,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// Null when the body is not JSON.
    pub body: Value,
    /// What a `gateway-token` sets as the `authorization` cookie.
    pub token: Option<String>,
}

impl Http {
    pub async fn connect(address: &str, person: &Person) -> Result<Self> {
        let stream = timeout(PATIENCE, http::connect(address, None, None)).await.map_err(|_| "nobody answers")??;
        Ok(Self { connection: http::Http::new(stream, address.to_owned()), cookie: person.cookie.clone() })
    }

    /// Calls a server function.
    pub async fn call(&mut self, function: &str, form: &str) -> Result<Answer> {
        let path = format!("/api/{function}");
        let answer = self.connection.post(&path, &self.cookie, form);
        let answer = timeout(PATIENCE, answer).await.map_err(|_| "no answer")??;
        let body = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        Ok(Answer { status: answer.status, body, token: answer.token() })
    }
}

impl Answer {
    /// The body of a 200; an error otherwise.
    pub fn ok(self) -> Result<Value> {
        if self.status == 200 {
            return Ok(self.body);
        }
        Err(Error::from(format!("answered {}: {}", self.status, self.body)))
    }
}
