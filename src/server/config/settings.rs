//! The form of `Leptos.toml`: every key with its type. A key that is not here is refused.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use ipnet::IpNet;
use leptos_config::{Env, LeptosOptions, ReloadWSProtocol};
use serde::{Deserialize, Deserializer, de};

use super::{BusUrl, DatabaseUrl, PublicUrl};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    pub(super) package: Package,
    pub(super) chatter: ChatterSettings,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Package {
    pub(super) metadata: Metadata,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Metadata {
    pub(super) leptos: LeptosSection,
}

/// What may stand in `[package.metadata.leptos]` of the running server. `hash-files` is not among it: Leptos's own
/// scripts would look for a `hash.txt` beside the program.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct LeptosSection {
    output_name: String,
    site_root: String,
    site_pkg_dir: String,
    #[serde(deserialize_with = "address")]
    site_addr: SocketAddr,
    reload_port: u16,
    reload_external_port: Option<u16>,
    #[serde(default, deserialize_with = "reload_protocol")]
    reload_ws_protocol: ReloadWSProtocol,
    env: Env,
}

impl LeptosSection {
    /// What Leptos reads. Its own reader would look into the environment once more, where what is empty counts as set.
    pub(super) fn options(self) -> LeptosOptions {
        LeptosOptions::builder()
            .output_name(self.output_name)
            .site_root(self.site_root)
            .site_pkg_dir(self.site_pkg_dir)
            .site_addr(self.site_addr)
            .reload_port(self.reload_port.into())
            .reload_external_port(self.reload_external_port.map(u32::from))
            .reload_ws_protocol(self.reload_ws_protocol)
            .env(self.env)
            .hash_files(false)
            .build()
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChatterSettings {
    pub(super) data: PathBuf,
    pub(super) public_url: Option<PublicUrl>,
    #[serde(deserialize_with = "networks")]
    pub(super) trusted_proxies: Vec<IpNet>,
    pub(super) secret_file: Option<PathBuf>,
    pub(super) database: Option<DatabaseUrl>,
    pub(super) database_replicas: Vec<DatabaseUrl>,
    pub(super) bus: Option<BusUrl>,
    pub(super) drain_seconds: u16,
    pub(super) sign_up: SignUp,
    pub(super) site: Option<PathBuf>,
    pub(super) limits: LimitSettings,
    pub(super) log: LogSettings,
}

/// Whether strangers may create accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignUp {
    Open,
    Closed,
}

/// `[chatter.limits]`: what one may do in a while, and at once.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitSettings {
    /// Messages of one user.
    pub posts_per_second: NonZeroU32,
    pub posts_burst: NonZeroU32,
    /// Attempts to sign in to one account from one address.
    pub sign_ins_per_hour: NonZeroU32,
    pub sign_ins_burst: NonZeroU32,
    /// Attempts to sign in to any account from one address.
    pub address_sign_ins_per_minute: NonZeroU32,
    pub address_sign_ins_burst: NonZeroU32,
    /// New accounts from one address.
    pub sign_ups_per_hour: NonZeroU32,
    pub sign_ups_burst: NonZeroU32,
    /// Looks of one user for people.
    pub lookups_per_minute: NonZeroU32,
    pub lookups_burst: NonZeroU32,
    /// Changes of one user to their settings, and to how they keep conversations.
    pub settings_per_minute: NonZeroU32,
    pub settings_burst: NonZeroU32,
    /// Display names of one user.
    pub renames_per_hour: NonZeroU32,
    pub renames_burst: NonZeroU32,
    /// New groups and rooms of one user.
    pub conversations_per_hour: NonZeroU32,
    pub conversations_burst: NonZeroU32,
    /// Changes of groups and rooms, and of who is in them, by one user.
    pub changes_per_minute: NonZeroU32,
    pub changes_burst: NonZeroU32,
}

/// `[chatter.log]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogSettings {
    /// In the form of tracing's `EnvFilter`.
    pub filter: String,
    pub format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| {
        de::Error::custom(format!("{text:?} is not an address with a port, such as 127.0.0.1:3000 or [::]:3000"))
    })
}

/// Its own `Deserialize` wants capitals, which nothing that sets it writes.
fn reload_protocol<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ReloadWSProtocol, D::Error> {
    let text = String::deserialize(deserializer)?;
    let wrong = de::Error::custom(format!("{text:?} is neither ws nor wss"));
    // Its `FromStr` takes anything.
    ReloadWSProtocol::try_from(text).map_err(|_| wrong)
}

/// CIDRs; a lone address is the network of just itself.
fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let network = |text: &String| {
        text.parse::<IpNet>().or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from)).map_err(|_| {
            de::Error::custom(format!("{text:?} is neither an address nor a CIDR such as 10.0.0.0/8 or fd00::/8"))
        })
    };
    Vec::<String>::deserialize(deserializer)?.iter().map(network).collect()
}
