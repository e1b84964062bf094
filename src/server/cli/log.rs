//! The log: to standard error, as text or as a JSON object a line.

use std::io;

use anyhow::Context;
use tracing_subscriber::EnvFilter;

use crate::server::config::{LogFormat, LogSettings};

/// Starts the server's log.
pub fn init(settings: &LogSettings) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&settings.filter)
        .with_context(|| format!("chatter.log.filter {:?} should look like info,chatter=debug", settings.filter))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match settings.format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}

/// Warnings only, in short: a command's own words matter more.
pub(super) fn init_for_commands() {
    tracing_subscriber::fmt().with_env_filter(EnvFilter::new("warn")).with_writer(io::stderr).without_time().init();
}
