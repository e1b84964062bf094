//! The use cases of accounts: sign up, sign in, sign out, change the password.
//!
//! Each checks its limit before it hashes, commits before it tells the bus, and tells the bus which sessions ended so
//! that their sockets close on every node. Refuses without saying whether an account exists.

use std::net::IpAddr;
use std::sync::Arc;

use super::SESSION_MS;
use super::extract::Viewer;
use super::name::fold;
use super::password::{self, Passwords};
use super::token::SessionToken;
use crate::protocol::limits::PASSWORD_CHARS;
use crate::protocol::name;
use crate::protocol::{ErrorCode, SessionId, UserId, UserRef};
use crate::server::bus::{Bus, BusBody, BusMessage, Topic};
use crate::server::clock::now_ms;
use crate::server::config::SignUp;
use crate::server::error::ServerError;
use crate::server::limits::Limits;
use crate::server::store::{Credentials, NewSession, NewUser, Store};

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
        Viewer { user: self.user.clone(), session: self.session }
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
        from: IpAddr,
        name: &str,
        password: String,
        presented: Option<Viewer>,
    ) -> Result<SignedIn, ServerError> {
        if self.sign_up == SignUp::Closed {
            return Err(ServerError::refused(
                ErrorCode::SignUpClosed,
                "Sign-up is closed here. Ask the people who run this Chatter for an account.",
            ));
        }
        name::check(name).map_err(|error| ServerError::refused(ErrorCode::NameInvalid, error.sentence()))?;
        check_new_password(&password)?;
        self.limits.check_sign_up(from)?;
        let folded = fold(name);
        // Before the hashing, which would be for nothing; creating checks it again.
        if self.store.user_by_name(&folded).await?.is_some() {
            return Err(crate::server::store::StoreError::NameTaken.into());
        }
        let password_hash = Some(self.passwords.hash(password).await?);
        let user = NewUser { name: name.to_owned(), folded, password_hash, now_ms: now_ms() };
        let user = self.store.user_create(user).await?;
        self.open_session(user, presented).await
    }

    /// Opens a session; ends the one that the browser came with, whoever's it was.
    pub async fn sign_in(
        &self,
        from: IpAddr,
        name: &str,
        password: String,
        presented: Option<Viewer>,
    ) -> Result<SignedIn, ServerError> {
        let name = name.trim();
        // What cannot be right costs no hash computation, and is refused alike for every name.
        if name::check(name).is_err() || password.chars().count() > *PASSWORD_CHARS.end() {
            return Err(wrong_credentials());
        }
        let folded = fold(name);
        self.limits.check_sign_in(from, &folded)?;
        let credentials = self.store.credentials(&folded).await?;
        let known_hash = credentials.as_ref().and_then(|c| c.password_hash.clone());
        let verified = self.passwords.verify(password, known_hash.clone()).await?;
        let (true, Some(Credentials { user, .. })) = (verified, credentials) else {
            return Err(wrong_credentials());
        };
        let signed_in = self.open_session(user, presented).await?;
        // The password may have been changed while it was verified: that change ended the sessions of its moment,
        // and this one came after. The same order, looked at from both sides, lets none slip through.
        let now_hash = self.store.credentials(&folded).await?.and_then(|c| c.password_hash);
        if now_hash != known_hash {
            self.end_session(&signed_in.viewer()).await?;
            return Err(wrong_credentials());
        }
        Ok(signed_in)
    }

    /// Ends the session; its sockets close.
    pub async fn sign_out(&self, viewer: &Viewer) -> Result<(), ServerError> {
        self.end_session(viewer).await
    }

    /// Sets another password, ends every session of the user, and opens a new one for the caller.
    pub async fn password_change(
        &self,
        from: IpAddr,
        viewer: &Viewer,
        old: String,
        new: String,
    ) -> Result<SignedIn, ServerError> {
        check_new_password(&new)?;
        if old.chars().count() > *PASSWORD_CHARS.end() {
            return Err(wrong_password());
        }
        let folded = fold(&viewer.user.name);
        self.limits.check_sign_in(from, &folded)?;
        let credentials = self.store.credentials(&folded).await?.filter(|c| c.user.id == viewer.user.id);
        let known_hash = credentials.and_then(|c| c.password_hash);
        if !self.passwords.verify(old, known_hash).await? {
            return Err(wrong_password());
        }
        let hash = self.passwords.hash(new).await?;
        let ended = self.store.password_set(viewer.user.id, hash, None).await?;
        self.tell_ended(viewer.user.id, ended).await;
        self.open_session(viewer.user.clone(), None).await
    }

    async fn open_session(&self, user: UserRef, presented: Option<Viewer>) -> Result<SignedIn, ServerError> {
        let token = SessionToken::generate();
        let now_ms = now_ms();
        let session = NewSession {
            user: user.id,
            token_hash: token.hash(),
            now_ms,
            expires_ms: now_ms + SESSION_MS,
            replaces: presented.as_ref().map(|viewer| viewer.session),
        };
        let session = self.store.session_create(session).await?;
        if let Some(viewer) = presented {
            self.tell_ended(viewer.user.id, vec![viewer.session]).await;
        }
        Ok(SignedIn { user, session, token })
    }

    async fn end_session(&self, viewer: &Viewer) -> Result<(), ServerError> {
        self.store.session_end(viewer.session).await?;
        // Told even when it was gone before: whoever ended it may not have come to telling.
        self.tell_ended(viewer.user.id, vec![viewer.session]).await;
        Ok(())
    }

    /// The change is committed: a bus that does not answer delays the closing of sockets, and undoes nothing.
    async fn tell_ended(&self, user: UserId, sessions: Vec<SessionId>) {
        if sessions.is_empty() {
            return;
        }
        let message = BusMessage { topic: Topic::User(user), body: BusBody::SessionsEnded(sessions) };
        if let Err(error) = self.bus.publish(message).await {
            tracing::warn!(%error, "ended sessions could not be told to the nodes");
        }
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
