//! Tokens: of a session (opaque, in a cookie that scripts cannot read) and of the gateway (a JWT of a minute).

mod gateway;

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

pub use gateway::{GATEWAY_TOKEN_SECONDS, GatewayTokens, TokenClaims, TokenError, install_crypto};

use crate::server::secrets::random;
use crate::server::store::TokenHash;

/// What a browser proves its session with: 256 random bits, 43 characters of base64url.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken([u8; 32]);

impl SessionToken {
    #[must_use]
    pub fn generate() -> Self {
        Self(random())
    }

    /// Reads a cookie's value.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 43 {
            return None;
        }
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// The cookie's value. A secret: never log it.
    #[must_use]
    pub fn expose(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What the store knows of it. A plain hash will do: 256 random bits cannot be guessed from it.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &self.0);
        digest.as_ref().try_into().expect("SHA-256 has 32 bytes")
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_token_reads_back_and_hides() {
        let token = SessionToken::generate();
        let text = token.expose();
        assert_eq!(text.len(), 43);
        assert_eq!(SessionToken::parse(&text).unwrap().hash(), token.hash());
        assert_ne!(SessionToken::generate().hash(), token.hash());
        assert!(!format!("{token:?}").contains(&text));
        for bad in ["", "x", &text[1..], &format!("{text}A"), &"=".repeat(43), &"é".repeat(43)] {
            assert!(SessionToken::parse(bad).is_none(), "{bad}");
        }
    }
}
