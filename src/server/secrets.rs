//! The secret keys of an installation: one file, made at the first start, readable by its owner alone.
//!
//! `form` is the file's text. The nodes of a cluster share the file. Nothing here is ever printed: `Debug` shows no key.

mod form;

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use thiserror::Error;

use crate::server::config::Config;
use crate::server::folder;

#[derive(Debug, Error)]
pub enum SecretsError {
    #[error("the folder {path} cannot be made: {reason}")]
    Folder { path: String, reason: io::Error },
    #[error("there is a file {path} already, and secrets take the place of nothing: name another, or remove it")]
    Exists { path: String },
    #[error("the secret file {path} cannot be read or written: {reason}")]
    File { path: String, reason: io::Error },
    #[error(
        "the secret file {path} is missing, though there is a database {database}: restore it from a backup, or start Chatter once with --data on an empty folder and copy the secret file that it makes there"
    )]
    Lost { path: String, database: String },
    #[error(
        "the secret file {path} is missing: the nodes of a cluster share one. Copy it from another node, or make one with `chatter secret-file FILE`; then name it in CHATTER_SECRET_FILE on every node"
    )]
    NotShared { path: String },
    /// Without the reason in full: a parser would quote the line, and with it the key.
    #[error(
        "the secret file {path} is damaged ({reason}): restore it from a backup, or put one in its place that Chatter makes in an empty data folder"
    )]
    Damaged { path: String, reason: &'static str },
}

/// An HMAC key of the gateway's tokens.
#[derive(Clone)]
pub struct GatewayKey {
    /// Its name, carried by each token that it signed.
    pub kid: String,
    pub key: [u8; 32],
}

/// The keys of the gateway's tokens: the first signs, all verify, so that a key can be replaced without a gap.
#[derive(Clone)]
pub struct GatewayKeys(Vec<GatewayKey>);

impl GatewayKeys {
    /// A fresh key alone.
    #[must_use]
    pub fn generate() -> Self {
        Self(vec![GatewayKey { kid: BASE64_URL_SAFE_NO_PAD.encode(random::<6>()), key: random() }])
    }

    /// The key that signs.
    #[must_use]
    pub fn signing(&self) -> &GatewayKey {
        self.0.first().expect("keys are made or read with at least one")
    }

    pub fn iter(&self) -> impl Iterator<Item = &GatewayKey> {
        self.0.iter()
    }
}

#[derive(Clone)]
pub struct Secrets {
    pub gateway: GatewayKeys,
    /// Keys the hash of (conversation, content, reply) that is kept with each nonce.
    pub nonce_key: [u8; 32],
}

impl Secrets {
    /// Reads the file, making it first where there is none. Two processes that start at once end with the same keys.
    /// Beside a database no keys are made: they would not know the nonces that are in it, and the loss would go unseen.
    pub fn load_or_create(config: &Config) -> Result<Self, SecretsError> {
        folder::create(&config.data)
            .map_err(|reason| SecretsError::Folder { path: config.data.display().to_string(), reason })?;
        let path = &config.secret_file;
        let file_error = |reason| SecretsError::File { path: path.display().to_string(), reason };
        // PostgreSQL keeps a fingerprint of the keys instead: see its store.
        // In this order: the keys of a process that starts at the same time are there before its database is.
        let database = config.sqlite_file();
        let has_database = database.try_exists().map_err(file_error)?;
        if !path.try_exists().map_err(file_error)? {
            if has_database {
                let database = database.display().to_string();
                return Err(SecretsError::Lost { path: path.display().to_string(), database });
            }
            if config.bus.is_some() {
                return Err(SecretsError::NotShared { path: path.display().to_string() });
            }
            create(path, &Self::generate().to_text()).map_err(file_error)?;
        }
        if open_to_others(path).map_err(file_error)? {
            tracing::warn!(path = %path.display(), "others can read the secret file: run chmod 600 on it");
        }
        Self::load(path)
    }

    /// Reads the file.
    pub fn load(path: &Path) -> Result<Self, SecretsError> {
        let text = fs::read_to_string(path)
            .map_err(|reason| SecretsError::File { path: path.display().to_string(), reason })?;
        Self::parse(&text).map_err(|reason| SecretsError::Damaged { path: path.display().to_string(), reason })
    }

    /// Makes a file of new keys, where there is none.
    pub fn generate_into(path: &Path) -> Result<(), SecretsError> {
        let file_error = |reason| SecretsError::File { path: path.display().to_string(), reason };
        if path.try_exists().map_err(file_error)? {
            return Err(SecretsError::Exists { path: path.display().to_string() });
        }
        create(path, &Self::generate().to_text()).map_err(file_error)
    }

    /// What this installation's subjects begin with on a bus: nodes with the same keys hear each other, and no others.
    #[must_use]
    pub fn bus_prefix(&self) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.nonce_key);
        let prefix = hmac::sign(&key, b"the name of this installation on a bus");
        BASE64_URL_SAFE_NO_PAD.encode(&prefix.as_ref()[..12])
    }

    /// New random keys.
    #[must_use]
    pub fn generate() -> Self {
        Self { gateway: GatewayKeys::generate(), nonce_key: random() }
    }
}

impl fmt::Debug for GatewayKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GatewayKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl fmt::Debug for GatewayKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0).finish()
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").field("gateway", &self.gateway).finish_non_exhaustive()
    }
}

/// Bytes from the operating system's generator.
#[must_use]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("the operating system's random generator works");
    bytes
}

/// Whether anyone but the owner may read or enter it.
pub fn open_to_others(path: &Path) -> io::Result<bool> {
    Ok(fs::metadata(path)?.permissions().mode() & 0o077 != 0)
}

/// Writes the whole file under another name, then links it to its own: it appears complete or not at all, and never
/// over another that was there first.
fn create(path: &Path, text: &str) -> io::Result<()> {
    let beside = folder::parent(path);
    let draft = beside.join(format!(".secrets-{}", BASE64_URL_SAFE_NO_PAD.encode(random::<9>())));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let linked =
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).and_then(|()| fs::hard_link(&draft, path));
    fs::remove_file(&draft)?;
    match linked {
        // Another process was first: its keys count.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
        Ok(()) => folder::sync(beside),
    }
}

#[cfg(test)]
mod tests;
