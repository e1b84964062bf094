//! The use cases of accounts: sign up, sign in, sign out, change the password.
//!
//! Each checks its limit before it hashes, commits before it tells the bus, and tells the bus which sessions ended so
//! that their sockets close on every node. Refuses without saying whether an account exists.

use std::net::IpAddr;
use std::sync::Arc;

use super::extract::Viewer;
use super::name::fold;
use super::password::{self, Passwords};
use super::sessions::{Sessions, to_the_end};
use super::token::SessionToken;
use crate::protocol::limits::PASSWORD_CHARS;
use crate::protocol::name;
use crate::protocol::{ErrorCode, Preferences, SessionId, UserRef};
use crate::server::bus::Bus;
use crate::server::clock::now_ms;
use crate::server::config::SignUp;
use crate::server::error::ServerError;
use crate::server::limits::Limits;
use crate::server::store::{Credentials, NewUser, Store};

/// A session that was just opened.
#[derive(Debug)]
pub struct SignedIn {
    pub user: UserRef,
    pub session: SessionId,
    /// For the session cookie, and nowhere else.
    pub token: SessionToken,
}

impl SignedIn {
    /// The same, as the extension that later layers ask for.
    #[must_use]
    pub fn viewer(&self) -> Viewer {
        Viewer { user: self.user.clone(), session: self.session, preferences: Preferences::default() }
    }
}

/// From where somebody asks.
#[derive(Debug, Clone)]
pub struct Origin {
    pub address: IpAddr,
    /// What their program is, in a few words.
    pub client: Option<String>,
}

impl From<IpAddr> for Origin {
    fn from(address: IpAddr) -> Self {
        Self { address, client: None }
    }
}

pub struct Auth {
    pub store: Arc<dyn Store>,
    pub bus: Arc<dyn Bus>,
    pub passwords: Passwords,
    pub limits: Arc<Limits>,
    pub sign_up: SignUp,
}

impl Auth {
    /// Creates an account and opens its first session; ends the one that the browser came with.
    pub async fn sign_up(
        &self,
        from: impl Into<Origin>,
        name: &str,
        password: String,
        presented: Option<Viewer>,
    ) -> Result<SignedIn, ServerError> {
        let from = from.into();
        if self.sign_up == SignUp::Closed {
            return Err(ServerError::refused(
                ErrorCode::SignUpClosed,
                "Sign-up is closed here. Ask the people who run this Chatter for an account.",
            ));
        }
        name::check(name).map_err(|error| ServerError::refused(ErrorCode::NameInvalid, error.sentence()))?;
        check_new_password(&password)?;
        self.limits.check_sign_up(from.address)?;
        let folded = fold(name);
        // Before the hashing, which would be for nothing; creating checks it again.
        if self.store.user_by_name(&folded).await?.is_some() {
            return Err(crate::server::store::StoreError::NameTaken.into());
        }
        let password_hash = Some(self.passwords.hash(password).await?);
        let user = NewUser { name: name.to_owned(), folded, password_hash, now_ms: now_ms() };
        let sessions = self.sessions();
        to_the_end(async move {
            let user = sessions.store.user_create(user).await?;
            sessions.open(user, presented, from.client).await
        })
        .await
    }

    /// Opens a session; ends the one that the browser came with, whoever's it was.
    pub async fn sign_in(
        &self,
        from: impl Into<Origin>,
        name: &str,
        password: String,
        presented: Option<Viewer>,
    ) -> Result<SignedIn, ServerError> {
        let (from, name) = (from.into(), name.trim());
        // What cannot be right costs no hash computation, and is refused alike for every name.
        if name::check(name).is_err() || password.chars().count() > *PASSWORD_CHARS.end() {
            return Err(wrong_credentials());
        }
        let folded = fold(name);
        self.limits.check_sign_in(from.address, &folded)?;
        let credentials = self.store.credentials(&folded).await?;
        let known_hash = credentials.as_ref().and_then(|c| c.password_hash.clone());
        let verified = self.passwords.verify(password, known_hash.clone()).await?;
        let (true, Some(hash), Some(Credentials { user, .. })) = (verified, known_hash, credentials) else {
            return Err(wrong_credentials());
        };
        let sessions = self.sessions();
        to_the_end(async move {
            sessions.open_by_password(user, &folded, &hash, presented, from.client).await?.ok_or_else(wrong_credentials)
        })
        .await
    }

    /// Ends the session; its sockets close.
    pub async fn sign_out(&self, viewer: &Viewer) -> Result<(), ServerError> {
        let (sessions, viewer) = (self.sessions(), viewer.clone());
        to_the_end(async move { sessions.end(&viewer).await }).await
    }

    /// Sets another password, ends every session of the user, and opens a new one for the caller.
    pub async fn password_change(
        &self,
        from: impl Into<Origin>,
        viewer: &Viewer,
        old: String,
        new: String,
    ) -> Result<SignedIn, ServerError> {
        let from = from.into();
        check_new_password(&new)?;
        if old.chars().count() > *PASSWORD_CHARS.end() {
            return Err(wrong_password());
        }
        let folded = fold(&viewer.user.name);
        self.limits.check_sign_in(from.address, &folded)?;
        let credentials = self.store.credentials(&folded).await?.filter(|c| c.user.id == viewer.user.id);
        let known_hash = credentials.and_then(|c| c.password_hash);
        let verified = self.passwords.verify(old, known_hash.clone()).await?;
        let (true, Some(known_hash)) = (verified, known_hash) else {
            return Err(wrong_password());
        };
        let hash = self.passwords.hash(new).await?;
        let (sessions, user) = (self.sessions(), viewer.user.clone());
        to_the_end(async move {
            let ended = sessions.store.password_set(user.id, Some(known_hash), hash.clone(), None).await?;
            sessions.tell_ended(user.id, ended).await;
            sessions.open_by_password(user, &folded, &hash, None, from.client).await?.ok_or_else(wrong_password)
        })
        .await
    }

    pub(super) fn sessions(&self) -> Sessions {
        Sessions { store: self.store.clone(), bus: self.bus.clone() }
    }
}

fn check_new_password(password: &str) -> Result<(), ServerError> {
    password::check(password).map_err(|sentence| ServerError::refused(ErrorCode::PasswordInvalid, sentence))
}

fn wrong_credentials() -> ServerError {
    ServerError::refused(ErrorCode::WrongCredentials, "That name and password do not belong together.")
}

fn wrong_password() -> ServerError {
    ServerError::refused(ErrorCode::WrongCredentials, "The old password is not right.")
}

#[cfg(test)]
mod tests;
