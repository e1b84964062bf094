//! The single checks.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::Finding;
use crate::server::bus::Bus;
use crate::server::bus::nats::NatsBus;
use crate::server::config::{BusUrl, Config, Postgres};
use crate::server::secrets::{Secrets, open_to_others};
use crate::server::storage;
use crate::server::store::StoreError;
use crate::server::store::postgres::{Part, PostgresStore};

/// Free space below which a day of chat may fill the disk, in KiB: 256 MiB.
const DISK_KIB: u64 = 256 * 1_024;

const NO_REPLICA: &str = "it follows no other database";

/// How long a server on this machine may take to answer.
const ANSWER: Duration = Duration::from_secs(2);

pub(super) fn settings(config: &Config) -> Finding {
    config.check_bind().map_err(|error| error.to_string())?;
    if config.proxy_untrusted() {
        return Err("the HTTPS proxy's address is not in CHATTER_TRUSTED_PROXIES, so that everybody counts as one \
            address: add it, for instance 127.0.0.1"
            .into());
    }
    Ok(match &config.public_url {
        Some(url) => format!("people reach Chatter at {url}"),
        None => "Chatter serves this machine only, as CHATTER_PUBLIC_URL is not set".into(),
    })
}

pub(super) fn data_folder(config: &Config) -> Finding {
    let data = &config.data;
    let path = data.display();
    if !data.try_exists().map_err(|error| format!("{path} cannot be looked at: {error}"))? {
        return Ok(format!("{path} is made at the first start"));
    }
    let probe = data.join(format!(".doctor-{}", std::process::id()));
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&probe)
        .and_then(|mut file| file.write_all(b"doctor"))
        .and_then(|()| fs::remove_file(&probe))
        .map_err(|error| format!("{path} cannot be written to ({error}): give it to the user that runs Chatter"))?;
    match open_to_others(data) {
        Ok(false) => Ok(format!("{path} can be written, and only by its owner")),
        Ok(true) => Err(format!("others can enter {path}: run chmod 700 on it")),
        Err(error) => Err(format!("{path} cannot be looked at: {error}")),
    }
}

/// The secrets, if there are any yet.
pub(super) fn secrets(config: &Config) -> Result<(String, Option<Secrets>), String> {
    let path = config.secret_file.display();
    if !config.secret_file.exists() {
        if config.sqlite_file().exists() {
            return Err(format!("{path} is missing, though there is a database: restore it from the backup"));
        }
        if config.bus.is_some() {
            return Err(format!("{path} is missing: copy it from another node, as all nodes share one"));
        }
        return Ok((format!("{path} is made at the first start"), None));
    }
    let secrets = Secrets::load(&config.secret_file).map_err(|error| error.to_string())?;
    match open_to_others(&config.secret_file) {
        Ok(false) => Ok((format!("{path} is read by its owner alone"), Some(secrets))),
        Ok(true) => Err(format!("others can read {path}: run chmod 600 on it")),
        Err(error) => Err(format!("{path} cannot be looked at: {error}")),
    }
}

pub(super) async fn database(config: &Config, secrets: Option<&Secrets>) -> Finding {
    match &config.postgres {
        Some(postgres) => shared_database(postgres, secrets).await,
        None => sqlite_file(config, secrets),
    }
}

fn sqlite_file(config: &Config, secrets: Option<&Secrets>) -> Finding {
    let database = config.sqlite_file();
    let path = database.display();
    if !database.exists() {
        return Ok(format!("{path} is made at the first start"));
    }
    // The key plays no part in what is looked at here.
    let nonce_key = secrets.map_or([0; 32], |secrets| secrets.nonce_key);
    let (_beside, store) = storage::file_beside(config, nonce_key).map_err(|error| error.to_string())?;
    let faults = store.integrity_check().map_err(|error| error.to_string())?;
    if faults.is_empty() {
        return Ok(format!("{path} opens, has a schema that this program knows, and is whole"));
    }
    Err(format!("{path} is damaged ({}): stop Chatter and restore a backup", faults.join("; ")))
}

async fn shared_database(Postgres { url, replicas }: &Postgres, secrets: Option<&Secrets>) -> Finding {
    // Without its secrets it cannot be known whether they are the right ones; but the data can be looked at.
    if let Some(secrets) = secrets {
        let opened = PostgresStore::open(url.expose(), &[], secrets.nonce_key, Part::Command).await;
        opened.map_err(|error| format!("{url} cannot be used: {error}"))?;
    }
    for replica in replicas {
        PostgresStore::is_replica(replica.expose())
            .await
            .and_then(|is_replica| if is_replica { Ok(()) } else { Err(StoreError::Unavailable(NO_REPLICA.into())) })
            .map_err(|error| format!("the replica {replica} cannot be used: {error}"))?;
    }
    let faults = PostgresStore::integrity_check(url.expose()).await.map_err(|error| error.to_string())?;
    if faults.is_empty() {
        return Ok(format!("{url} answers, and what is in it is whole"));
    }
    Err(format!("{url} is damaged ({}): stop Chatter and restore a backup", faults.join("; ")))
}

pub(super) async fn bus(url: &BusUrl) -> Finding {
    let (bus, _inbound) = NatsBus::open(url.expose(), "doctor").map_err(|error| error.to_string())?;
    let began = Instant::now();
    loop {
        match bus.ping().await {
            Ok(()) => return Ok(format!("{url} answers")),
            Err(error) if began.elapsed() >= ANSWER => {
                return Err(format!("{url} does not answer ({error}): start it, or correct CHATTER_BUS"));
            }
            Err(_) => tokio::time::sleep(ANSWER / 40).await,
        }
    }
}

/// Whether the port is free, or Chatter itself has it.
pub(super) fn address(config: &Config) -> Finding {
    let bind = config.bind;
    match TcpListener::bind(bind) {
        Ok(_) => Ok(format!("{bind} is free")),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && is_healthy(bind) => {
            Ok(format!("a server that answers /healthz listens on {bind}"))
        }
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            Err(format!("another program listens on {bind}: stop it, or set LEPTOS_SITE_ADDR"))
        }
        Err(error) => {
            Err(format!("{bind} cannot be listened on ({error}): set LEPTOS_SITE_ADDR to an address of this machine"))
        }
    }
}

fn is_healthy(addr: SocketAddr) -> bool {
    let ask = || -> io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&addr, ANSWER)?;
        stream.set_read_timeout(Some(ANSWER))?;
        stream.set_write_timeout(Some(ANSWER))?;
        write!(stream, "GET /healthz HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n")?;
        let mut head = [0; 12];
        stream.read_exact(&mut head)?;
        Ok(head == *b"HTTP/1.1 200")
    };
    ask().unwrap_or(false)
}

/// Free space, as `df` tells it: the standard library does not. None where there is no `df`.
pub(super) fn disk(config: &Config) -> Option<Finding> {
    let folder = config.data.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    let output = Command::new("df").arg("-Pk").arg(folder).output().ok().filter(|output| output.status.success())?;
    let table = String::from_utf8_lossy(&output.stdout);
    let free_kib: u64 = table.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    let free = format!("{} MiB are free where the data is", free_kib / 1_024);
    Some(if free_kib < DISK_KIB { Err(format!("only {free}: make room")) } else { Ok(free) })
}
