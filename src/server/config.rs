//! The settings of the running server, read once at start.
//!
//! From lowest to highest: the `Leptos.toml` that the program carries, a `Leptos.toml` in the data folder or the
//! one named by `--config`, `CHATTER_*` and `LEPTOS_*` variables, flags. Refuses a key that it does not know and a
//! value that is not of its form, and says where it stands.

mod environment;
mod layers;
mod public_url;
mod services;
mod settings;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use leptos_config::LeptosOptions;
use thiserror::Error;

use crate::server::serve::Patience;

pub use environment::Environment;
pub use public_url::PublicUrl;
pub use services::{BusUrl, DatabaseUrl};
pub use settings::{LimitSettings, LogFormat, LogSettings, SignUp};

/// What can be wrong with the settings. Each sentence names the place, the key and what would be right.
#[derive(Debug, Error)]
pub enum ConfigError {
    #[error("{path} cannot be read: {reason}")]
    Unreadable { path: String, reason: std::io::Error },
    #[error("{place}: {reason}")]
    Wrong { place: String, reason: String },
    #[error(
        "the data folder's own Leptos.toml sets chatter.data: a folder cannot say where it is; set CHATTER_DATA or --data instead"
    )]
    DataInsideData,
    #[error(
        "{0} is not a loopback address, and CHATTER_PUBLIC_URL is not set: set it to where people reach Chatter, for instance https://chat.example, or listen on 127.0.0.1"
    )]
    PublicUrlMissing(SocketAddr),
    #[error(
        "a bus or replicas are set, but no database that nodes can share: set CHATTER_DATABASE, for instance to postgres://chatter:password@db.example/chatter"
    )]
    DatabaseMissing,
}

/// What overrides the files. The default overrides nothing and sees no environment: tests start from it.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// `--config`: read instead of the data folder's `Leptos.toml`.
    pub config: Option<PathBuf>,
    /// `--data`.
    pub data: Option<PathBuf>,
    /// `--addr`.
    pub addr: Option<SocketAddr>,
    /// `--public-url`.
    pub public_url: Option<String>,
    pub environment: Environment,
}

#[derive(Debug, Clone)]
pub struct Config {
    /// What Leptos reads. `site_addr` equals [`Config::bind`].
    pub leptos: LeptosOptions,
    /// Where the server listens.
    pub bind: SocketAddr,
    /// The data folder.
    pub data: PathBuf,
    /// Where people reach Chatter; none: this machine only.
    pub public_url: Option<PublicUrl>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The file of secret keys.
    pub secret_file: PathBuf,
    /// The database of several nodes; none: SQLite, in the data folder.
    pub postgres: Option<Postgres>,
    /// What joins several nodes; none: this is the only one.
    pub bus: Option<BusUrl>,
    /// How long a node that goes down still serves, so that proxies find others.
    pub drain: Duration,
    /// Whether strangers may create accounts.
    pub sign_up: SignUp,
    /// A folder whose files stand in for the embedded ones.
    pub site: Option<PathBuf>,
    pub limits: LimitSettings,
    pub log: LogSettings,
    pub patience: Patience,
}

/// A PostgreSQL database, and those that follow it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Postgres {
    pub url: DatabaseUrl,
    /// Read for history where they are level with it.
    pub replicas: Vec<DatabaseUrl>,
}

impl Config {
    /// Reads all layers. Does not judge [`Config::bind`]: see [`Config::check_bind`].
    pub fn load(overrides: &Overrides) -> Result<Self, ConfigError> {
        layers::load(overrides)
    }

    /// Refuses to listen beyond this machine as long as nobody said where people reach it: without that, neither
    /// the Origin check nor the cookies can be right.
    pub fn check_bind(&self) -> Result<(), ConfigError> {
        if self.public_url.is_none() && !self.bind.ip().to_canonical().is_loopback() {
            return Err(ConfigError::PublicUrlMissing(self.bind));
        }
        Ok(())
    }

    /// Whether people reach Chatter over HTTPS.
    #[must_use]
    pub fn https(&self) -> bool {
        self.public_url.as_ref().is_some_and(PublicUrl::https)
    }

    /// The session cookie's name. `__Host-` makes browsers refuse it from a sibling domain or without TLS.
    #[must_use]
    pub fn session_cookie_name(&self) -> &'static str {
        if self.https() { "__Host-session" } else { "session" }
    }

    /// Whether a browser page of this `Origin` may change things here. Compared whole: no prefix or suffix of an
    /// origin is the origin, and `null` is none. Without a public URL the request's own `Host` stands in for it, as
    /// long as that names this machine: a foreign name that was made to resolve to it does not count.
    #[must_use]
    pub fn origin_allowed(&self, origin: &str, host: Option<&str>) -> bool {
        match (&self.public_url, host) {
            (Some(public_url), _) => origin == public_url.origin(),
            (None, Some(host)) => is_loopback_host(host) && origin.strip_prefix("http://") == Some(host),
            (None, None) => false,
        }
    }

    /// Whether a request may name this host (with or without a port). With a public URL, that is for the proxy to
    /// say; without one, only this machine's own names count.
    #[must_use]
    pub fn host_allowed(&self, host: &str) -> bool {
        self.public_url.is_some() || is_loopback_host(host)
    }

    /// Whether HTTPS comes from a proxy that is not trusted: to the limits, everybody has the proxy's address.
    #[must_use]
    pub fn proxy_untrusted(&self) -> bool {
        self.https() && self.trusted_proxies.is_empty()
    }

    /// SQLite's file.
    #[must_use]
    pub fn sqlite_file(&self) -> PathBuf {
        self.data.join("chatter.db")
    }
}

/// Whether a `Host` (with or without a port) names this machine.
fn is_loopback_host(host: &str) -> bool {
    if let Ok(addr) = host.parse::<SocketAddr>() {
        return addr.ip().is_loopback();
    }
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() => name,
        _ => host,
    };
    let bare = name.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(name);
    bare == "localhost" || bare.ends_with(".localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests;
