//! The servers that an address names, and how a node connects to them.

use std::time::Duration;

use async_nats::{ConnectOptions, ServerAddr};
use percent_encoding::percent_decode_str;

use crate::server::bus::BusError;

/// Silence after which the server is asked whether it is there. At the third time without an answer the connection is
/// given up, so a server that hangs is noticed within 1.5 seconds.
const SILENCE: Duration = Duration::from_millis(500);
/// Time for one try to connect, handshakes included.
const CONNECT: Duration = Duration::from_secs(2);
/// Longest wait between two tries.
const PAUSE: Duration = Duration::from_secs(1);
/// What may wait to be sent, in messages. It is what comes late after an outage, at most.
const OUTBOX: usize = 4_096;
/// What may wait to be taken in, in messages of one subscription.
const INBOX: usize = 4_096;
/// Bytes that are read at once. Frames are cut out of them and keep them alive, so they are few; see `wire`.
const READ_BUFFER: u16 = 4_096;

/// The servers, and the options for them but for what concerns the caller.
pub(super) fn servers(url: &str) -> Result<(Vec<ServerAddr>, ConnectOptions), BusError> {
    let (mut servers, mut credentials, mut encrypted) = (Vec::new(), None, false);
    for url in url.split(',') {
        let (server, its) = server(url.trim())?;
        encrypted |= server.tls_required();
        servers.push(server);
        match (&credentials, its) {
            (Some(known), Some(its)) if *known != its => {
                return Err(wrong("names two passwords: one must be good for all of its servers"));
            }
            (_, None) => {}
            (_, its) => credentials = its,
        }
    }
    let options = ConnectOptions::new()
        .name("chatter")
        .no_echo()
        .retry_on_initial_connect()
        // Also for servers that the first one names.
        .require_tls(encrypted)
        .ping_interval(SILENCE)
        .connection_timeout(CONNECT)
        .reconnect_delay_callback(pause)
        .client_capacity(OUTBOX)
        .subscription_capacity(INBOX)
        .read_buffer_capacity(READ_BUFFER)
        // Subjects are made by `subject` alone.
        .skip_subject_validation(true);
    let options = match credentials {
        Some(Credentials::Password(user, password)) => options.user_and_password(user, password),
        Some(Credentials::Token(token)) => options.token(token),
        None => options,
    };
    Ok((servers, options))
}

#[derive(Debug, PartialEq, Eq)]
enum Credentials {
    Password(String, String),
    Token(String),
}

fn wrong(why: &str) -> BusError {
    // Not the address itself in the sentence: it may hold a password.
    BusError::Address(format!(
        "{why}; it should look like nats://nats.example:4222 or tls://name:password@nats.example:4222, several with \
         commas between"
    ))
}

/// One server, and what stands before the `@` in its address, which the library would print in its logs.
fn server(url: &str) -> Result<(ServerAddr, Option<Credentials>), BusError> {
    if !url.starts_with("nats://") && !url.starts_with("tls://") {
        return Err(wrong("does not begin with nats:// or tls://"));
    }
    let server: ServerAddr = url.parse().map_err(|_| wrong("is not of its form"))?;
    let mut url = server.into_inner();
    if url.host_str().is_none_or(str::is_empty) {
        return Err(wrong("names no host"));
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("goes on after the host and the port"));
    }
    let plain = |text: &str| percent_decode_str(text).decode_utf8().map(|text| text.into_owned());
    let user = plain(url.username()).map_err(|_| wrong("has a name that is not UTF-8"))?;
    let password = url.password().map(plain).transpose().map_err(|_| wrong("has a password that is not UTF-8"))?;
    let credentials = match (user.is_empty(), password) {
        (false, Some(password)) => Some(Credentials::Password(user, password)),
        (false, None) => Some(Credentials::Token(user)),
        (true, None) => None,
        (true, Some(_)) => return Err(wrong("has a password without a name")),
    };
    // These fail for URLs without a host alone.
    let _ = (url.set_username(""), url.set_password(None));
    let server = ServerAddr::from_url(url).map_err(|_| wrong("is not of its form"))?;
    Ok((server, credentials))
}

/// The wait before a try: none before the first, then twice as long each time.
fn pause(tries: usize) -> Duration {
    let doubled = u32::try_from(tries.saturating_sub(2)).ok().and_then(|times| 2_u32.checked_pow(times));
    match tries {
        0 | 1 => Duration::ZERO,
        _ => doubled.map_or(PAUSE, |times| Duration::from_millis(20).saturating_mul(times).min(PAUSE)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_what_is_wrong_is_said_without_the_password() {
        let password = |user: &str, password: &str| Some(Credentials::Password(user.into(), password.into()));
        let cases = [
            ("nats://127.0.0.1:4222", "nats://127.0.0.1:4222", None),
            ("nats://nats.example", "nats://nats.example", None),
            ("tls://[::1]:4223/", "tls://[::1]:4223/", None),
            ("nats://ada:s3cret@one:4222", "nats://one:4222", password("ada", "s3cret")),
            ("tls://ada:s3%40cret@one", "tls://one", password("ada", "s3@cret")),
            ("nats://t0ken@one", "nats://one", Some(Credentials::Token("t0ken".into()))),
        ];
        for (url, kept, credentials) in cases {
            let (server, its) = server(url).unwrap();
            assert_eq!((server.as_url_str(), its), (kept, credentials), "{url}");
        }
        let cases = [
            ("", "begin"),
            ("http://one", "begin"),
            ("one:4222", "begin"),
            ("nats://", "host"),
            ("nats://ada:s3cret@", "address"),
            ("nats://one:port", "form"),
            ("nats://:s3cret@one", "without a name"),
            ("nats://ada:s3cret@one/path", "goes on"),
            ("nats://one,", "begin"),
            ("nats://a:s3cret@one,nats://b:s3cret@two", "two passwords"),
        ];
        for (url, why) in cases {
            let said = servers(url).unwrap_err().to_string();
            assert!(said.contains(why) && said.contains("nats.example:4222") && !said.contains("s3"), "{url}: {said}");
        }
        assert_eq!(servers("nats://a:b@one, tls://two").unwrap().0.len(), 2);
    }

    #[test]
    fn tries_come_slower_and_never_slower_than_the_longest_wait() {
        let waits = [0, 1, 2, 3, 7, 8, 100, usize::MAX].map(|tries| pause(tries).as_millis());
        assert_eq!(waits, [0, 0, 20, 40, 640, 1_000, 1_000, 1_000]);
    }
}
