//! Where the services are that several nodes share: the database and the bus. Their passwords are never shown.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

/// A PostgreSQL database: `postgres://user:password@host:port/database?sslmode=require`.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// As it was given, with its password: for connecting.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for DatabaseUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        // Not the text itself in the sentence: it may hold a password.
        let wrong = |why: &str| {
            format!("the database's address {why}; it should look like postgres://chatter:password@db.example/chatter")
        };
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err(wrong("does not begin with postgres://"));
        }
        let parsed = tokio_postgres::Config::from_str(&text).map_err(|_| wrong("is not of its form"))?;
        if parsed.get_hosts().is_empty() && parsed.get_hostaddrs().is_empty() {
            return Err(wrong("names no host"));
        }
        Ok(Self(text))
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&without_credentials(&self.0))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

/// NATS servers of one cluster: `nats://host:4222` or `tls://host:4222`, several with commas between.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct BusUrl(String);

impl BusUrl {
    /// As it was given, with its password: for connecting.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for BusUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let good = |url: &str| {
            let rest = url.strip_prefix("nats://").or_else(|| url.strip_prefix("tls://"));
            rest.is_some_and(|rest| !rest.is_empty() && rest.parse::<http::uri::Authority>().is_ok())
        };
        if text.split(',').all(|url| good(url.trim())) {
            return Ok(Self(text));
        }
        Err("the bus's address is not of its form; it should look like nats://nats.example:4222 or \
            tls://name:password@nats.example:4222, several with commas between"
            .into())
    }
}

impl fmt::Display for BusUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let urls: Vec<String> = self.0.split(',').map(|url| without_credentials(url.trim())).collect();
        f.write_str(&urls.join(","))
    }
}

impl fmt::Debug for BusUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BusUrl({self})")
    }
}

/// The URL without what stands before its last `@`, and without parameters, which may hold a password, too.
fn without_credentials(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let rest = rest.split_once('?').map_or(rest, |(path, _)| path);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    format!("{scheme}://{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_what_is_shown_of_them() {
        let cases: &[(&str, Option<&str>)] = &[
            ("postgres://chatter:s3cret@db.example/chatter", Some("postgres://db.example/chatter")),
            (
                "postgresql://chatter@db.example:5433/c?sslmode=require&password=s3cret",
                Some("postgresql://db.example:5433/c"),
            ),
            ("postgres:///chatter?host=/run/postgresql", Some("postgres:///chatter")),
            ("postgres://a:s3c@ret@db.example/chatter", Some("postgres://db.example/chatter")),
            ("mysql://db.example/chatter", None),
            ("chatter.db", None),
            ("postgres://", None),
            ("postgres://db.example/chatter?sslmode=s3cret", None),
            ("postgres://a:s3cret@db.example:port/chatter", None),
        ];
        for (text, shown) in cases {
            let url = DatabaseUrl::try_from((*text).to_owned());
            assert!(!format!("{url:?}").contains("s3c"), "{text}: {url:?}");
            assert_eq!(url.ok().map(|url| url.to_string()).as_deref(), *shown, "{text}");
        }
        let cases: &[(&str, Option<&str>)] = &[
            ("nats://127.0.0.1:4222", Some("nats://127.0.0.1:4222")),
            ("nats://a:s3cret@one:4222, tls://two", Some("nats://one:4222,tls://two")),
            ("http://nats.example", None),
            ("nats://", None),
            ("nats://one:4222,", None),
            ("nats://s3 cret", None),
        ];
        for (text, shown) in cases {
            let url = BusUrl::try_from((*text).to_owned());
            assert!(!format!("{url:?}").contains("s3"), "{text}: {url:?}");
            assert_eq!(url.ok().map(|url| url.to_string()).as_deref(), *shown, "{text}");
        }
    }
}
