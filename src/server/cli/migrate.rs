//! `chatter migrate`: moves all data between the data folder and PostgreSQL, and says how far it is.

mod progress;

use std::fs::File;
use std::time::Instant;

use anyhow::{Context, bail};

use self::progress::{Printer, grouped, span};
use super::output;
use crate::server::config::{Config, DatabaseUrl};
use crate::server::secrets::Secrets;
use crate::server::store::moving::{self, Beginning, Ends, MoveError, Moved, Way};
use crate::server::{data_lock, folder};

/// `url`: PostgreSQL's; none: the settings'.
pub(super) async fn run(way: Way, config: &Config, url: Option<DatabaseUrl>) -> anyhow::Result<()> {
    let settings = || config.postgres.as_ref().map(|postgres| postgres.url.clone());
    let url = url.or_else(settings).context("which database? Name its address, or set CHATTER_DATABASE to it")?;
    let file = config.sqlite_file();
    if way == Way::IntoPostgres && !file.exists() {
        bail!("there is nothing to move: {} does not exist", file.display());
    }
    folder::create(&config.data).with_context(|| format!("cannot create {}", config.data.display()))?;
    let _locks = lock(config)?;
    let secrets = secrets(config)?;

    let began = Instant::now();
    let mut printer = Printer::new();
    let ends = Ends { file: &file, url: url.expose(), nonce_key: secrets.nonce_key };
    let moved = moving::run(way, ends, &mut |progress| printer.show(progress)).await;
    printer.end();
    let moved = moved.map_err(|error| explained(error, way, config, &url))?;
    tell(&moved, began);
    match way {
        Way::IntoPostgres => output::remark(&format!(
            "Next: set CHATTER_DATABASE to the address of {url}, and start Chatter, on every node with the secret file \
             {}. {} stays as it is now: a copy of this day, which nothing keeps up to date.",
            config.secret_file.display(),
            file.display()
        )),
        Way::OutOfPostgres => output::remark(&format!(
            "Next: unset CHATTER_DATABASE, CHATTER_DATABASE_REPLICAS and CHATTER_BUS, and start Chatter on {}. {url} stays \
             as it is now: a copy of this day, which nothing keeps up to date.",
            config.data.display()
        )),
    }
    Ok(())
}

/// Both locks of the data folder: neither server nor command works with it meanwhile.
fn lock(config: &Config) -> anyhow::Result<[File; 2]> {
    let take = |name| {
        let lock = data_lock::take(&config.data, name)
            .with_context(|| format!("cannot lock {}", config.data.join(name).display()))?;
        lock.with_context(|| {
            let data = config.data.display();
            format!("another chatter works with {data}: stop the server, let commands end, then run this again")
        })
    };
    Ok([take(data_lock::COMMANDS)?, take(data_lock::SERVER)?])
}

/// Never makes any: it is the data's own that go with it.
fn secrets(config: &Config) -> anyhow::Result<Secrets> {
    let path = &config.secret_file;
    if !path.exists() {
        bail!(
            "the secret file {} is missing: the one that the data was begun with goes with it. Copy it there, or name it in \
             CHATTER_SECRET_FILE",
            path.display()
        );
    }
    Ok(Secrets::load(path)?)
}

/// With the place in it.
fn explained(error: MoveError, way: Way, config: &Config, url: &DatabaseUrl) -> anyhow::Error {
    let (from, to) = (config.sqlite_file().display().to_string(), url.to_string());
    let (from, to) = if way == Way::IntoPostgres { (from, to) } else { (to, from) };
    // A failure of a store keeps its own exit code.
    let error = match error {
        MoveError::Store(error) => anyhow::Error::new(error),
        error => anyhow::Error::new(error),
    };
    error.context(format!("moving from {from} to {to} is not done"))
}

fn tell(moved: &Moved, began: Instant) {
    match moved.beginning {
        Beginning::New => {}
        Beginning::Done => output::remark("All was there already, from an earlier try."),
        Beginning::GoesOn => output::remark("An earlier try was continued."),
        Beginning::Over => {
            output::remark("The original had changed since an earlier try, so all was copied from the start.");
        }
    }
    for (table, rows) in &moved.rows {
        output::remark(&format!("{table:14} {:>13} rows", grouped(*rows)));
    }
    output::remark(&format!("Moved in {}; every row was compared with the original.", span(began.elapsed())));
}
