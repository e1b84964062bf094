//! The layers of the settings and their merging. Each layer is laid over the ones below and checked at once, so
//! that a mistake is reported with the name of the layer that holds it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use toml::{Table, Value};

use super::settings::Settings;
use super::{Config, ConfigError, Overrides, Postgres};
use crate::server::serve::Patience;

/// The file that the program carries.
const CARRIED: &str = include_str!("../../../Leptos.toml");

/// The settings merged so far, always complete and of the right form.
struct Layers {
    table: Table,
    settings: Settings,
}

impl Layers {
    fn carried() -> Result<Self, ConfigError> {
        let place = "the Leptos.toml that this program carries";
        let table = parse(place, CARRIED)?;
        Ok(Self { settings: check(place, &table)?, table })
    }

    fn add(&mut self, place: &str, layer: Table) -> Result<(), ConfigError> {
        let mut table = self.table.clone();
        merge(&mut table, layer);
        self.settings = check(place, &table)?;
        self.table = table;
        Ok(())
    }

    fn set(&mut self, place: &str, path: &[&str], value: Value) -> Result<(), ConfigError> {
        let mut layer = Table::new();
        let (last, parents) = path.split_last().expect("a setting's path has at least one part");
        layer.insert((*last).to_owned(), value);
        for parent in parents.iter().rev() {
            layer = Table::from_iter([((*parent).to_owned(), Value::Table(layer))]);
        }
        self.add(place, layer)
    }
}

pub(super) fn load(overrides: &Overrides) -> Result<Config, ConfigError> {
    let mut layers = Layers::carried()?;
    if let Some(path) = &overrides.config {
        let text = std::fs::read_to_string(path)
            .map_err(|reason| ConfigError::Unreadable { path: path.display().to_string(), reason })?;
        layers.add(&path.display().to_string(), parse(&path.display().to_string(), &text)?)?;
    } else if let Some((path, layer)) = in_data_folder(&data_folder(overrides, &layers))? {
        if layer.get("chatter").and_then(|chatter| chatter.get("data")).is_some() {
            return Err(ConfigError::DataInsideData);
        }
        layers.add(&path, layer)?;
    }
    for (name, path, value) in overrides.environment.settings() {
        layers.set(name, path, value)?;
    }
    if let Some(url) = &overrides.public_url {
        layers.set("--public-url", &["chatter", "public_url"], Value::from(url.as_str()))?;
    }
    if let Some(addr) = overrides.addr {
        layers.set("--addr", &["package", "metadata", "leptos", "site-addr"], Value::from(addr.to_string()))?;
    }
    let data = data_folder(overrides, &layers);
    let chatter = &layers.settings.chatter;
    if chatter.database.is_none() && (chatter.bus.is_some() || !chatter.database_replicas.is_empty()) {
        return Err(ConfigError::DatabaseMissing);
    }
    Ok(finish(layers.settings, data))
}

fn data_folder(overrides: &Overrides, layers: &Layers) -> PathBuf {
    let variable = || overrides.environment.data().map(PathBuf::from);
    overrides.data.clone().or_else(variable).unwrap_or_else(|| layers.settings.chatter.data.clone())
}

fn in_data_folder(data: &Path) -> Result<Option<(String, Table)>, ConfigError> {
    let path = data.join("Leptos.toml");
    let place = path.display().to_string();
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some((place.clone(), parse(&place, &text)?))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(reason) => Err(ConfigError::Unreadable { path: place, reason }),
    }
}

fn finish(settings: Settings, data: PathBuf) -> Config {
    let leptos = settings.package.metadata.leptos.options();
    let chatter = settings.chatter;
    Config {
        bind: leptos.site_addr,
        leptos,
        public_url: chatter.public_url,
        trusted_proxies: chatter.trusted_proxies,
        secret_file: chatter.secret_file.unwrap_or_else(|| data.join("secrets.toml")),
        data,
        postgres: chatter.database.map(|url| Postgres { url, replicas: chatter.database_replicas }),
        bus: chatter.bus,
        drain: Duration::from_secs(chatter.drain_seconds.into()),
        sign_up: chatter.sign_up,
        site: chatter.site,
        limits: chatter.limits,
        log: chatter.log,
        patience: Patience::default(),
    }
}

fn parse(place: &str, text: &str) -> Result<Table, ConfigError> {
    text.parse::<Table>().map_err(|error| wrong(place, &error))
}

fn check(place: &str, table: &Table) -> Result<Settings, ConfigError> {
    Settings::deserialize(table.clone()).map_err(|error| wrong(place, &error))
}

fn wrong(place: &str, error: &toml::de::Error) -> ConfigError {
    ConfigError::Wrong { place: place.to_owned(), reason: error.to_string().trim().replace("\nin `", ", in `") }
}

fn merge(below: &mut Table, above: Table) {
    for (key, value) in above {
        match (below.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => merge(below, above),
            (_, value) => {
                below.insert(key, value);
            }
        }
    }
}
