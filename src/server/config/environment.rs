//! The settings that come as variables, and the keys that they stand for.

use std::collections::BTreeMap;

use toml::Value;

/// The variables that are read. Others that begin with `CHATTER_` are left alone: an orchestrator invents some for
/// a service of that name.
const VARIABLES: &[(&str, &[&str])] = &[
    ("LEPTOS_OUTPUT_NAME", &["package", "metadata", "leptos", "output-name"]),
    ("LEPTOS_SITE_ROOT", &["package", "metadata", "leptos", "site-root"]),
    ("LEPTOS_SITE_PKG_DIR", &["package", "metadata", "leptos", "site-pkg-dir"]),
    ("LEPTOS_SITE_ADDR", &["package", "metadata", "leptos", "site-addr"]),
    ("LEPTOS_RELOAD_PORT", &["package", "metadata", "leptos", "reload-port"]),
    ("LEPTOS_RELOAD_EXTERNAL_PORT", &["package", "metadata", "leptos", "reload-external-port"]),
    ("LEPTOS_RELOAD_WS_PROTOCOL", &["package", "metadata", "leptos", "reload-ws-protocol"]),
    ("LEPTOS_ENV", &["package", "metadata", "leptos", "env"]),
    ("CHATTER_DATA", &["chatter", "data"]),
    ("CHATTER_PUBLIC_URL", &["chatter", "public_url"]),
    ("CHATTER_TRUSTED_PROXIES", &["chatter", "trusted_proxies"]),
    ("CHATTER_SECRET_FILE", &["chatter", "secret_file"]),
    ("CHATTER_DATABASE", &["chatter", "database"]),
    ("CHATTER_DATABASE_REPLICAS", &["chatter", "database_replicas"]),
    ("CHATTER_BUS", &["chatter", "bus"]),
    ("CHATTER_DRAIN_SECONDS", &["chatter", "drain_seconds"]),
    ("CHATTER_SIGN_UP", &["chatter", "sign_up"]),
    ("CHATTER_SITE", &["chatter", "site"]),
    ("CHATTER_LIMITS_POSTS_PER_SECOND", &["chatter", "limits", "posts_per_second"]),
    ("CHATTER_LIMITS_POSTS_BURST", &["chatter", "limits", "posts_burst"]),
    ("CHATTER_LIMITS_SIGN_INS_PER_HOUR", &["chatter", "limits", "sign_ins_per_hour"]),
    ("CHATTER_LIMITS_SIGN_INS_BURST", &["chatter", "limits", "sign_ins_burst"]),
    ("CHATTER_LIMITS_ADDRESS_SIGN_INS_PER_MINUTE", &["chatter", "limits", "address_sign_ins_per_minute"]),
    ("CHATTER_LIMITS_ADDRESS_SIGN_INS_BURST", &["chatter", "limits", "address_sign_ins_burst"]),
    ("CHATTER_LIMITS_SIGN_UPS_PER_HOUR", &["chatter", "limits", "sign_ups_per_hour"]),
    ("CHATTER_LIMITS_SIGN_UPS_BURST", &["chatter", "limits", "sign_ups_burst"]),
    ("CHATTER_LIMITS_CONVERSATIONS_PER_HOUR", &["chatter", "limits", "conversations_per_hour"]),
    ("CHATTER_LIMITS_CONVERSATIONS_BURST", &["chatter", "limits", "conversations_burst"]),
    ("CHATTER_LIMITS_CHANGES_PER_MINUTE", &["chatter", "limits", "changes_per_minute"]),
    ("CHATTER_LIMITS_CHANGES_BURST", &["chatter", "limits", "changes_burst"]),
    ("CHATTER_LIMITS_LOOKUPS_PER_MINUTE", &["chatter", "limits", "lookups_per_minute"]),
    ("CHATTER_LIMITS_LOOKUPS_BURST", &["chatter", "limits", "lookups_burst"]),
    ("CHATTER_LIMITS_SETTINGS_PER_MINUTE", &["chatter", "limits", "settings_per_minute"]),
    ("CHATTER_LIMITS_SETTINGS_BURST", &["chatter", "limits", "settings_burst"]),
    ("CHATTER_LIMITS_RENAMES_PER_HOUR", &["chatter", "limits", "renames_per_hour"]),
    ("CHATTER_LIMITS_RENAMES_BURST", &["chatter", "limits", "renames_burst"]),
    ("CHATTER_LOG_FILTER", &["chatter", "log", "filter"]),
    ("CHATTER_LOG_FORMAT", &["chatter", "log", "format"]),
];

/// The variables of the process, or of a test.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Those of this process. An empty variable counts as one that is not set, as compose files produce them.
    #[must_use]
    pub fn of_process() -> Self {
        let set = VARIABLES.iter().filter_map(|(name, _)| Some(((*name).to_owned(), std::env::var(name).ok()?)));
        Self(set.filter(|(_, value)| !value.is_empty()).collect())
    }

    /// The data folder, needed before the rest: a settings file may lie in it.
    pub(super) fn data(&self) -> Option<&str> {
        self.0.get("CHATTER_DATA").map(String::as_str)
    }

    /// Each variable that is set, with the path of its key and its value there.
    pub(super) fn settings(&self) -> impl Iterator<Item = (&'static str, &'static [&'static str], Value)> {
        let set = VARIABLES.iter().filter_map(|(name, path)| Some((*name, *path, self.0.get(*name)?)));
        set.map(|(name, path, text)| (name, path, value(path, text)))
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Environment {
    fn from(pairs: [(&str, &str); N]) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

/// A variable's text in the type that its key wants.
fn value(path: &[&str], text: &str) -> Value {
    let is_number =
        path.contains(&"limits") || path.last().is_some_and(|key| key.ends_with("-port") || key.ends_with("_seconds"));
    match text.trim().parse::<i64>() {
        Ok(number) if is_number => Value::from(number),
        _ if path.ends_with(&["trusted_proxies"]) || path.ends_with(&["database_replicas"]) => {
            Value::Array(text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(Value::from).collect())
        }
        _ => Value::from(text),
    }
}
