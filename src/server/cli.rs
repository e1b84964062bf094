//! The program's commands. `serve` is the server; the others are for operators, and work beside a running one.
//!
//! Results go to standard output, one a line; everything else goes to standard error.

mod demo;
mod doctor;
mod import;
pub mod log;
mod migrate;
pub mod output;
mod password;
mod room;
mod session;
mod store;
#[cfg(test)]
mod tests;
mod user;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgGroup, Args, Parser, Subcommand};

use crate::server::boot;
use crate::server::config::{Config, DatabaseUrl, Environment, Overrides};
use crate::server::secrets::Secrets;
use crate::server::store::StoreError;
use crate::server::store::moving::Way;

/// A self-hosted, real-time chat.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Args)]
struct Options {
    /// A settings file to read instead of the data folder's Leptos.toml
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The data folder [CHATTER_DATA; default: chatter-data]
    #[arg(long, global = true, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Where to listen [LEPTOS_SITE_ADDR; default: 127.0.0.1:3000]
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    addr: Option<SocketAddr>,
    /// Where people reach Chatter, such as https://chat.example [CHATTER_PUBLIC_URL]
    #[arg(long, global = true, value_name = "URL")]
    public_url: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server (the default)
    Serve,
    /// Accounts
    #[command(subcommand)]
    User(UserCommand),
    /// Rooms
    #[command(subcommand)]
    Room(RoomCommand),
    /// Fill an empty place with people, conversations and messages to look at
    ///
    /// Everybody in it has the same password, which it prints: it is not for a server that others reach.
    Demo {
        /// In all conversations together; what is beyond 100,000 goes to the largest room
        #[arg(long, default_value_t = 100_000, value_name = "COUNT")]
        messages: u64,
    },
    /// Check settings, data, secrets, database, disk and port
    Doctor,
    /// Make a secret file for the nodes of a cluster, who share it
    SecretFile { file: PathBuf },
    /// Move all data from the data folder to PostgreSQL, or back
    ///
    /// No server may run meanwhile. Broken off, it goes on where it was when it is run again. What it moves from stays as
    /// it is. Without an address it is the one of CHATTER_DATABASE.
    #[command(group(ArgGroup::new("way").required(true)))]
    Migrate {
        /// Into this PostgreSQL database, which must be empty
        #[arg(long, group = "way", value_name = "URL", value_parser = database_url)]
        to: Option<Option<DatabaseUrl>>,
        /// Out of this PostgreSQL database, into a data folder without a chatter.db
        #[arg(long, group = "way", value_name = "URL", value_parser = database_url)]
        from: Option<Option<DatabaseUrl>>,
    },
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Add an account; its password is read from standard input
    Add { name: String },
    /// Add the accounts of a file: {"name", "password_hash"?} a line, hashes as argon2 PHC strings
    ///
    /// The whole file is checked first: when a line is not of its form, nothing is added. A name that is taken is
    /// reported and left as it is; the others are added.
    Import { file: PathBuf },
    /// Open sessions and print a line of name, tab and session cookie for each
    Session {
        #[arg(required_unless_present = "all", conflicts_with = "all", value_name = "NAME")]
        names: Vec<String>,
        /// Of every account
        #[arg(long)]
        all: bool,
    },
    /// Set a password, read from standard input; ends every session of the account
    Password { name: String },
}

#[derive(Debug, Subcommand)]
enum RoomCommand {
    /// Add a room and print its id
    Add {
        title: String,
        /// Everyone is a member, later sign-ups too
        #[arg(long, conflicts_with = "names")]
        all: bool,
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
}

fn database_url(text: &str) -> Result<DatabaseUrl, String> {
    DatabaseUrl::try_from(text.to_owned())
}

/// The store failed for good: a sync failed, or the data is damaged (EX_IOERR of sysexits.h).
const STORE_FAILED: u8 = 74;

/// What the program ends with after an error: 1, but for what an operator's tools should tell apart.
#[must_use]
pub fn exit_code(error: &anyhow::Error) -> u8 {
    match error.downcast_ref::<StoreError>() {
        Some(StoreError::Failed(_)) => STORE_FAILED,
        _ => 1,
    }
}

/// Runs the command. An error is a sentence with its chain; `Ok` carries the exit code.
pub async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let Options { config, data, addr, public_url } = cli.options;
    let overrides = Overrides { config, data, addr, public_url, environment: Environment::of_process() };
    let config = Config::load(&overrides);
    let command = match cli.command.unwrap_or(Command::Serve) {
        Command::Doctor => return doctor::run(config).await,
        command => command,
    };
    let config = config?;
    match command {
        Command::Serve => {
            log::init(&config.log)?;
            config.check_bind()?;
            boot::serve(config).await?;
        }
        Command::User(command) => return user_command(command, &config).await,
        Command::Room(RoomCommand::Add { title, all, names }) => {
            log::init_for_commands();
            let (_beside, store) = store::open(&config).await?;
            let result = room::add(&store, &title, all, &names).await;
            store.close().await;
            output::line(&result?.to_string())?;
        }
        Command::Demo { messages } => {
            log::init_for_commands();
            let (_beside, store) = store::open(&config).await?;
            let result = demo::run(&store, messages).await;
            store.close().await;
            return result;
        }
        Command::SecretFile { file } => Secrets::generate_into(&file)?,
        Command::Migrate { to, from } => {
            log::init_for_commands();
            let way = if to.is_some() { Way::IntoPostgres } else { Way::OutOfPostgres };
            migrate::run(way, &config, to.or(from).flatten()).await?;
        }
        Command::Doctor => unreachable!("answered above, as it looks at settings that cannot be read, too"),
    }
    Ok(ExitCode::SUCCESS)
}

async fn user_command(command: UserCommand, config: &Config) -> anyhow::Result<ExitCode> {
    log::init_for_commands();
    let (_beside, store) = store::open(config).await?;
    let result = match command {
        UserCommand::Add { name } => user::add(&store, &name).await,
        UserCommand::Import { file } => import::run(&store, &file).await,
        UserCommand::Session { names, all } => session::open(&store, &names, all).await,
        UserCommand::Password { name } => user::password(&store, &name).await,
    };
    store.close().await;
    result
}
