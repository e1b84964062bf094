//! Who is there: names, passwords, sessions, gateway tokens, and the use cases of accounts.
//!
//! A session's token lives in a cookie that scripts cannot read; the store holds its hash. A gateway token lives for a
//! minute in a cookie that they can read, opens a socket, and is never accepted by an HTTP route.

pub mod accounts;
mod client_name;
pub mod cookies;
mod devices;
pub mod extract;
pub mod name;
pub mod password;
mod sessions;
pub mod token;

#[cfg(test)]
pub(crate) mod fake_store;

pub use accounts::{Auth, Origin, SignedIn};
pub use client_name::client_name;
pub use extract::{AuthState, Viewer, WhoIsUnknown};
pub use password::Passwords;
pub use token::{GatewayTokens, SessionToken, TokenClaims, TokenError};

/// How long a session lives after it was last used, in milliseconds: 30 days.
pub const SESSION_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// How often a session's use is written down at most, in milliseconds: an hour.
pub const SESSION_SLIDE_MS: i64 = 60 * 60 * 1_000;
