//! `chatter doctor`: looks at everything that the server needs, and says what to do about what is wrong.
//!
//! A line for each thing: `ok` or `problem`. Makes nothing that is not there, and mends nothing; but opening a database
//! brings its schema up to date, and writes a log that a crash left behind once more.

mod checks;

use std::process::ExitCode;

use super::output;
use crate::server::config::{Config, ConfigError};

/// What was found: a remark, or what is wrong and what to do.
type Finding = Result<String, String>;

pub(super) async fn run(config: Result<Config, ConfigError>) -> anyhow::Result<ExitCode> {
    let mut good = true;
    for (what, finding) in examine(config).await {
        good &= finding.is_ok();
        match finding {
            Ok(remark) => output::line(&format!("ok       {what}: {remark}"))?,
            Err(problem) => output::line(&format!("problem  {what}: {problem}"))?,
        }
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn examine(config: Result<Config, ConfigError>) -> Vec<(&'static str, Finding)> {
    let config = match config {
        Ok(config) => config,
        Err(error) => return vec![("settings", Err(error.to_string()))],
    };
    let secrets = checks::secrets(&config);
    let database = checks::database(&config, secrets.as_ref().ok().and_then(|(_, secrets)| secrets.as_ref())).await;
    let mut findings = vec![
        ("settings", checks::settings(&config)),
        ("data folder", checks::data_folder(&config)),
        ("secrets", secrets.map(|(remark, _)| remark)),
        ("database", database),
        ("address", checks::address(&config)),
    ];
    if let Some(bus) = &config.bus {
        findings.push(("bus", checks::bus(bus).await));
    }
    findings.extend(checks::disk(&config).map(|finding| ("disk", finding)));
    findings
}

#[cfg(test)]
mod tests;
