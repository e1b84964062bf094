//! Passwords: argon2id, two computations at a time.
//!
//! Verifying against nothing costs what verifying against a password costs, so that an unknown account cannot be told
//! from a wrong password by the work done.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::protocol::ErrorCode;
use crate::protocol::limits::PASSWORD_CHARS;
use crate::server::error::ServerError;
use crate::server::secrets::random;

/// OWASP's minimum for argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1_024;
const PASSES: u32 = 2;

/// Computations at a time: 38 MiB of memory, and cores left for the chat.
const AT_ONCE: usize = 2;

/// Computations running or waiting; beyond this, people are asked to come back. About two seconds' worth.
const ADMITTED: usize = 64;

/// The heaviest imported hash: 256 MiB, 16 passes, 16 lanes. Verifying it must not be an attack.
const IMPORT_MEMORY_KIB: u32 = 256 * 1_024;
const IMPORT_PASSES: u32 = 16;
const IMPORT_LANES: u32 = 16;

/// Checks a new password's length.
pub fn check(password: &str) -> Result<(), &'static str> {
    const LENGTHS: RangeInclusive<usize> = PASSWORD_CHARS;
    let chars = password.chars().count();
    if chars < *LENGTHS.start() {
        return Err("Use at least 8 characters for the password.");
    }
    if chars > *LENGTHS.end() {
        return Err("Use at most 256 characters for the password.");
    }
    Ok(())
}

/// Checks that a hash from elsewhere is one that this program can verify.
pub fn check_imported(phc: &str) -> Result<(), &'static str> {
    let hash = PasswordHash::new(phc).map_err(|_| "the password hash is not a PHC string ($argon2id$v=19$…)")?;
    Algorithm::try_from(hash.algorithm).map_err(
        |_| "the password hash is not of argon2: leave it out, and set a password with `chatter user password`",
    )?;
    let params = Params::try_from(&hash).map_err(|_| "the password hash has parameters that argon2 does not know")?;
    if params.m_cost() > IMPORT_MEMORY_KIB || params.t_cost() > IMPORT_PASSES || params.p_cost() > IMPORT_LANES {
        return Err("the password hash is heavier than 256 MiB, 16 passes or 16 lanes");
    }
    if hash.salt.is_none() || hash.hash.is_none() {
        return Err("the password hash lacks its salt or its hash");
    }
    Ok(())
}

pub struct Passwords {
    argon2: Argon2<'static>,
    /// Verified against where there is no account: of the same cost, and nobody's.
    dummy: String,
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
    computations: AtomicU64,
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

impl Passwords {
    #[must_use]
    pub fn new() -> Self {
        Self::with_cost(MEMORY_KIB, PASSES)
    }

    /// With another cost: for tests, which have no secrets to keep.
    #[must_use]
    pub fn with_cost(memory_kib: u32, passes: u32) -> Self {
        let params = Params::new(memory_kib, passes, 1, None).expect("the cost is within argon2's bounds");
        let salt = SaltString::encode_b64(&random::<16>()).expect("16 bytes are a salt");
        let hash = SaltString::encode_b64(&random::<32>()).expect("32 bytes encode");
        Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            dummy: format!("$argon2id$v=19$m={memory_kib},t={passes},p=1${salt}${hash}"),
            running: Arc::new(Semaphore::new(AT_ONCE)),
            admitted: Arc::new(Semaphore::new(ADMITTED)),
            computations: AtomicU64::new(0),
        }
    }

    /// The PHC string of a password.
    pub async fn hash(&self, password: String) -> Result<String, ServerError> {
        let argon2 = self.argon2.clone();
        self.compute(move || {
            let salt = SaltString::encode_b64(&random::<16>())?;
            argon2.hash_password(password.as_bytes(), &salt).map(|hash| hash.to_string())
        })
        .await
    }

    /// Whether the password is that of `phc`. Without one it is not, after the same work.
    pub async fn verify(&self, password: String, phc: Option<String>) -> Result<bool, ServerError> {
        let argon2 = self.argon2.clone();
        let dummy = self.dummy.clone();
        self.compute(move || {
            let known = phc.is_some();
            let phc = phc.unwrap_or(dummy);
            match argon2.verify_password(password.as_bytes(), &PasswordHash::new(&phc)?) {
                Ok(()) => Ok(known),
                Err(argon2::password_hash::Error::Password) => Ok(false),
                Err(error) => Err(error),
            }
        })
        .await
    }

    /// Hash computations so far: tests count them, as timing proves nothing.
    #[must_use]
    pub fn computations(&self) -> u64 {
        self.computations.load(Ordering::Relaxed)
    }

    async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, argon2::password_hash::Error> + Send + 'static,
    ) -> Result<T, ServerError> {
        let admitted = self.admitted.clone().try_acquire_owned().map_err(|_| {
            ServerError::refused(
                ErrorCode::RateLimited,
                "Many people are signing in right now. Try again in 5 seconds.",
            )
        })?;
        let running = self.running.clone().acquire_owned().await.expect("the semaphore is never closed");
        self.computations.fetch_add(1, Ordering::Relaxed);
        // The work takes the permits along: a caller that goes away does not make room before it is done.
        let task = tokio::task::spawn_blocking(move || {
            let result = work();
            drop((running, admitted));
            result
        });
        let result = task.await.map_err(|error| ServerError::Internal(format!("the password task: {error}")))?;
        result.map_err(|error| ServerError::Internal(format!("argon2: {error}")))
    }
}

#[cfg(test)]
mod tests;
