//! The two cookies, as `Set-Cookie` values.
//!
//! `session` (`__Host-session` under HTTPS) is for the server alone; `authorization` is for the page's script, which
//! sends it in IDENTIFY.

use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use http::header::{COOKIE, HeaderMap, HeaderValue};

use super::SESSION_MS;
use super::token::{GATEWAY_TOKEN_SECONDS, SessionToken};
use crate::server::config::Config;

/// The gateway token's cookie.
pub const AUTHORIZATION: &str = "authorization";

/// Signs the browser in.
#[must_use]
pub fn session(config: &Config, token: &SessionToken) -> HeaderValue {
    let cookie = session_cookie(config, token.expose());
    header(&Cookie::build(cookie).max_age(Duration::milliseconds(SESSION_MS)).build())
}

/// Hands the page's script a gateway token.
#[must_use]
pub fn authorization(config: &Config, gateway_token: String) -> HeaderValue {
    let cookie = authorization_cookie(config, gateway_token);
    header(&Cookie::build(cookie).max_age(Duration::seconds(GATEWAY_TOKEN_SECONDS)).build())
}

/// Takes both away.
#[must_use]
pub fn removals(config: &Config) -> [HeaderValue; 2] {
    [session_cookie(config, String::new()), authorization_cookie(config, String::new())].map(|mut cookie| {
        cookie.make_removal();
        header(&cookie)
    })
}

/// The session token that a request presents. Where several cookies bear the name, the first counts: browsers send
/// the one with the longest path first, and ours has the only path that `__Host-` allows.
#[must_use]
pub fn presented(config: &Config, headers: &HeaderMap) -> Option<SessionToken> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut cookies = lines.flat_map(|line| Cookie::split_parse(line.to_owned())).filter_map(Result::ok);
    let cookie = cookies.find(|cookie| cookie.name() == config.session_cookie_name())?;
    SessionToken::parse(cookie.value())
}

/// `Lax`: a link from elsewhere arrives signed in; a form from elsewhere does not.
fn session_cookie(config: &Config, value: String) -> Cookie<'static> {
    let cookie = Cookie::build((config.session_cookie_name(), value)).path("/").same_site(SameSite::Lax);
    cookie.http_only(true).secure(config.https()).build()
}

fn authorization_cookie(config: &Config, value: String) -> Cookie<'static> {
    let cookie = Cookie::build((AUTHORIZATION, value)).path("/").same_site(SameSite::Strict);
    cookie.secure(config.https()).build()
}

fn header(cookie: &Cookie<'_>) -> HeaderValue {
    HeaderValue::try_from(cookie.to_string()).expect("names, base64url and dots are a header's value")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::config::Overrides;

    fn config(public_url: Option<&str>) -> Config {
        Config::load(&Overrides { public_url: public_url.map(str::to_owned), ..Overrides::default() }).unwrap()
    }

    #[test]
    fn set() {
        let token = SessionToken::generate();
        let text = token.expose();
        let plain = config(None);
        assert_eq!(
            session(&plain, &token),
            format!("session={text}; HttpOnly; SameSite=Lax; Path=/; Max-Age=2592000").as_str()
        );
        assert_eq!(authorization(&plain, "a.b.c".into()), "authorization=a.b.c; SameSite=Strict; Path=/; Max-Age=60");
        let https = config(Some("https://chat.example"));
        assert_eq!(
            session(&https, &token),
            format!("__Host-session={text}; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=2592000").as_str()
        );
        assert_eq!(
            authorization(&https, "a.b.c".into()),
            "authorization=a.b.c; SameSite=Strict; Secure; Path=/; Max-Age=60"
        );
    }

    #[test]
    fn removed() {
        let removals = removals(&config(Some("https://chat.example")));
        for (removal, name) in removals.iter().zip(["__Host-session=;", "authorization=;"]) {
            let text = removal.to_str().unwrap();
            assert!(text.starts_with(name) && text.contains("Max-Age=0") && text.contains("Secure"), "{text}");
            assert!(text.contains("Path=/"), "{text}");
        }
    }

    #[test]
    fn read() {
        let token = SessionToken::generate();
        let text = token.expose();
        let plain = config(None);
        let https = config(Some("https://chat.example"));
        let cases: &[(&Config, &[String], bool)] = &[
            (&plain, &[format!("session={text}")], true),
            (&plain, &[format!("a=b; session={text}; c=d")], true),
            (&plain, &["a=b".into(), format!("session={text}")], true),
            (&plain, &[format!("__Host-session={text}")], false),
            (&plain, &[format!("authorization={text}")], false),
            (&plain, &[format!("session={text}x")], false),
            (&plain, &[], false),
            (&https, &[format!("__Host-session={text}")], true),
            (&https, &[format!("session={text}")], false),
        ];
        for (config, lines, found) in cases {
            let mut headers = HeaderMap::new();
            for line in *lines {
                headers.append(COOKIE, line.parse().unwrap());
            }
            assert_eq!(presented(config, &headers).is_some(), *found, "{lines:?}");
        }
    }
}
