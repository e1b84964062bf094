//! One person's way to the server functions: a connection that is opened when it is needed.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use tokio::time::timeout;

use crate::frames::{Conversation, ConversationList, EventPage, Full, MemberPage, MessagePage, Posted, ReaderList};
use crate::http::{Answer, Http, connect, field};
use crate::{Error, Person, Site};

/// A connection that was idle for so long is not used again: the server may be about to end it, and what is then
/// written into it is neither done nor surely not done.
const IDLE: Duration = Duration::from_secs(8);

/// A client.
#[derive(Debug)]
pub struct Client {
    site: Site,
    cookie: String,
    source: Option<Ipv4Addr>,
    answer_timeout: Duration,
    turn: usize,
    open: Option<(Http, Instant)>,
}

/// How a try ended.
#[derive(Debug)]
pub enum Outcome {
    /// An answer below 500.
    Answered(Answer),
    /// No answer, or a 5xx, of a request that may have arrived.
    Unknown(Error),
    /// Nobody was reached: nothing was asked.
    Away(Error),
}

impl Client {
    #[must_use]
    pub fn new(site: &Site, person: &Person, source: Option<Ipv4Addr>, answer_timeout: Duration) -> Self {
        let turn = fastrand::usize(..1 << 16);
        Self { site: site.clone(), cookie: person.cookie.clone(), source, answer_timeout, turn, open: None }
    }

    /// Asks once.
    pub async fn ask(&mut self, function: &str, form: &str) -> Outcome {
        let open = self.open.take().filter(|(http, used)| used.elapsed() < IDLE && !http.has_ended());
        let mut http = match open {
            Some((http, _)) => http,
            None => {
                self.turn = self.turn.wrapping_add(1);
                let address = self.site.address(self.turn);
                match timeout(self.answer_timeout, connect(&address, self.source, None)).await {
                    Ok(Ok(stream)) => Http::new(stream, address),
                    Ok(Err(error)) => return Outcome::Away(error),
                    Err(_) => return Outcome::Away(Error::Silent(self.answer_timeout)),
                }
            }
        };
        let answer = timeout(self.answer_timeout, http.post(&format!("/api/{function}"), &self.cookie, form)).await;
        match answer {
            Err(_) => Outcome::Unknown(Error::Silent(self.answer_timeout)),
            Ok(Err(error)) => Outcome::Unknown(error),
            Ok(Ok(answer)) => {
                if !answer.closes() {
                    self.open = Some((http, Instant::now()));
                }
                // 408: the server gave up on reading; 3xx: whoever answers is not Chatter.
                if answer.status >= 500 || answer.status == 408 || (300..400).contains(&answer.status) {
                    return Outcome::Unknown(refused(&answer));
                }
                Outcome::Answered(answer)
            }
        }
    }

    /// Asks once, for what changes nothing.
    async fn read(&mut self, function: &str, form: &str) -> Result<Answer, Error> {
        match self.ask(function, form).await {
            Outcome::Answered(answer) if answer.status == 200 => Ok(answer),
            Outcome::Answered(answer) => Err(refused(&answer)),
            Outcome::Unknown(error) | Outcome::Away(error) => Err(error),
        }
    }

    /// A page of `event-list` after `after`.
    ///
    /// # Errors
    ///
    /// When there is no answer, or another than 200.
    pub async fn events(&mut self, conversation: i64, after: u32) -> Result<EventPage, Error> {
        let form = format!("conversation_id={conversation}&after={after}&limit=100");
        decoded(&self.read("event-list", &form).await?)
    }

    /// A page of `message-list` after `after`.
    ///
    /// # Errors
    ///
    /// As of [`Client::events`].
    pub async fn messages(&mut self, conversation: i64, after: u32) -> Result<MessagePage, Error> {
        let form = format!("conversation_id={conversation}&after={after}&limit=100");
        decoded(&self.read("message-list", &form).await?)
    }

    /// A page of `conversation-list`.
    ///
    /// # Errors
    ///
    /// As of [`Client::events`].
    pub async fn conversations(&mut self, after: Option<i64>) -> Result<ConversationList, Error> {
        let form = after.map_or_else(|| "limit=100".to_owned(), |after| format!("limit=100&after={after}"));
        decoded(&self.read("conversation-list", &form).await?)
    }

    /// One conversation.
    ///
    /// # Errors
    ///
    /// As of [`Client::events`].
    pub async fn conversation(&mut self, id: i64) -> Result<Conversation, Error> {
        decoded(&self.read("conversation", &format!("conversation_id={id}")).await?)
    }

    /// A page of `member-list` after the person with this id.
    ///
    /// # Errors
    ///
    /// As of [`Client::events`].
    pub async fn members(&mut self, conversation: i64, after: i64) -> Result<MemberPage, Error> {
        let form = format!("conversation_id={conversation}&after={after}&limit=100");
        decoded(&self.read("member-list", &form).await?)
    }

    /// How far the members of a conversation have read.
    ///
    /// # Errors
    ///
    /// As of [`Client::events`].
    pub async fn readers(&mut self, conversation: i64) -> Result<ReaderList, Error> {
        decoded(&self.read("reader-list", &format!("conversation_id={conversation}")).await?)
    }

    /// Makes a group of the client's person and these; not twice, as far as answers tell.
    ///
    /// # Errors
    ///
    /// As of [`Client::events`].
    pub async fn make_group(&mut self, title: &str, members: &[&str]) -> Result<Full, Error> {
        let mut form = "kind=group".to_owned();
        field(&mut form, "title", title);
        field(&mut form, "members", &members.join(" "));
        decoded(&self.read("conversation-create", &form).await?)
    }

    /// Moves the read mark.
    ///
    /// # Errors
    ///
    /// As of [`Client::events`].
    pub async fn read_mark(&mut self, conversation: i64, seq: u32) -> Result<(), Error> {
        self.read("read-mark", &format!("conversation_id={conversation}&seq={seq}")).await.map(drop)
    }

    /// Opens the direct conversation with `name` by a message; the same nonce opens it once.
    ///
    /// # Errors
    ///
    /// As of [`Client::events`].
    pub async fn open_with(&mut self, name: &str, nonce: &str) -> Result<Posted, Error> {
        let mut form = String::new();
        field(&mut form, "target_id", name);
        field(&mut form, "content", "This conversation is for tests.");
        field(&mut form, "nonce", nonce);
        decoded(&self.read("message-post", &form).await?)
    }

    /// A fresh gateway token, from the `authorization` cookie that `gateway-token` sets.
    ///
    /// # Errors
    ///
    /// As of [`Client::events`].
    pub async fn gateway_token(&mut self) -> Result<String, Error> {
        let token = self.read("gateway-token", "").await?.token();
        token.ok_or_else(|| Error::Protocol("gateway-token sets no cookie".into()))
    }
}

/// An answer's JSON.
///
/// # Errors
///
/// When it is none, or not of this form.
pub fn decoded<T: serde::de::DeserializeOwned>(answer: &Answer) -> Result<T, Error> {
    serde_json::from_slice(&answer.body)
        .map_err(|error| Error::Protocol(format!("an answer is not of its form: {error}")))
}

fn refused(answer: &Answer) -> Error {
    let body: String = String::from_utf8_lossy(&answer.body).chars().take(200).collect();
    Error::Refused { status: answer.status, body }
}
