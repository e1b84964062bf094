//! Where people reach Chatter: scheme, host and port, and nothing else.

use std::fmt;

use serde::{Deserialize, Deserializer, de};

/// An origin in the form in which browsers send it: lower case, without the scheme's own port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
    https: bool,
}

impl PublicUrl {
    /// Reads `https://chat.example`, with or without a port and a trailing slash.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong =
            |why: &str| format!("{text:?} {why}; it should look like https://chat.example or http://10.0.0.5:3000");
        let uri: http::Uri = text.trim().parse().map_err(|_| wrong("is not a URL"))?;
        let https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(wrong("has neither http:// nor https:// in front")),
        };
        let authority = uri.authority().ok_or_else(|| wrong("names no host"))?;
        if authority.as_str().contains('@') {
            return Err(wrong("carries a user name"));
        }
        if uri.path() != "/" || uri.query().is_some() || text.contains('#') {
            return Err(wrong("has more than scheme, host and port: Chatter lives at the root of its host"));
        }
        let host = authority.host().to_ascii_lowercase();
        if host.is_empty() {
            return Err(wrong("names no host"));
        }
        let own_port = if https { 443 } else { 80 };
        let scheme = if https { "https" } else { "http" };
        let origin = match authority.port_u16() {
            Some(port) if port != own_port => format!("{scheme}://{host}:{port}"),
            Some(_) => format!("{scheme}://{host}"),
            None if authority.as_str().len() == host.len() => format!("{scheme}://{host}"),
            None => return Err(wrong("has a port that is not a number up to 65535")),
        };
        Ok(Self { origin, https })
    }

    #[must_use]
    pub fn https(&self) -> bool {
        self.https
    }

    /// What browsers send as `Origin`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin)
    }
}

impl<'de> Deserialize<'de> for PublicUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let good = [
            ("https://chat.example", "https://chat.example"),
            ("https://Chat.Example:443/", "https://chat.example"),
            ("http://10.0.0.5:3000", "http://10.0.0.5:3000"),
            ("http://[::1]:80", "http://[::1]"),
        ];
        for (text, origin) in good {
            assert_eq!(PublicUrl::parse(text).unwrap().origin(), origin, "{text}");
        }
        let bad = [
            "",
            "chat.example",
            "ftp://chat.example",
            "https://",
            "https://a@chat.example",
            "https://chat.example/chat",
            "https://chat.example/?a",
            "https://chat.example/#a",
            "https://chat.example:99999",
            "https://chat.example:",
        ];
        for text in bad {
            assert!(PublicUrl::parse(text).is_err(), "{text}");
        }
    }
}
