//! The log: to standard error, as text or as a JSON object a line.

use std::io;

use anyhow::Context;
use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::server::config::{LogFormat, LogSettings};

/// Starts the server's log.
pub fn init(settings: &LogSettings) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&settings.filter)
        .with_context(|| format!("chatter.log.filter {:?} should look like info,chatter=debug", settings.filter))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match settings.format {
        LogFormat::Text => log.finish().with(filter_fn(fit_to_be_read)).init(),
        LogFormat::Json => log.json().finish().with(filter_fn(fit_to_be_read)).init(),
    }
    Ok(())
}

/// Below a warning, the WebSocket library writes out every frame: tokens and messages. No setting may ask for that.
fn fit_to_be_read(event: &Metadata<'_>) -> bool {
    let within = |name| event.target().strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
    *event.level() <= Level::WARN || !(within("tungstenite") || within("tokio_tungstenite"))
}

/// Warnings only, in short: a command's own words matter more.
pub(super) fn init_for_commands() {
    tracing_subscriber::fmt().with_env_filter(EnvFilter::new("warn")).with_writer(io::stderr).without_time().init();
}
