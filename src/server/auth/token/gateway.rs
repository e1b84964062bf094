//! The gateway's tokens: JWTs of at most a minute that open a socket and nothing else.
//!
//! jsonwebtoken verifies form and signature; what it leaves to its caller (RFC 8725) is done here: the size before
//! anything is decoded, one algorithm, the kind (`typ`), `crit`, every claim required, and both times against the
//! caller's clock. Keys come from the secret file alone: what a header says of keys and where to get them is not read.

use std::sync::OnceLock;

use jsonwebtoken::crypto::{CryptoProvider, aws_lc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::protocol::limits::TOKEN_BYTES;
use crate::protocol::{SessionId, UserId};
use crate::server::secrets::GatewayKeys;

/// How long a token lives.
pub const GATEWAY_TOKEN_SECONDS: i64 = 60;

/// How far the clocks of two nodes may differ.
const LEEWAY_SECONDS: i64 = 5;

const TYPE: &str = "gw+jwt";
const AUDIENCE: &str = "chatter-gateway";
const ISSUER: &str = "chatter";

/// Whose socket a token opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenClaims {
    pub user: UserId,
    pub session: SessionId,
}

/// Why a token was refused: for the log. To the client all are one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TokenError {
    #[error("longer than {TOKEN_BYTES} bytes")]
    TooLong,
    #[error("not a JWT of ours")]
    Malformed,
    #[error("a JWT of another kind")]
    Type,
    #[error("a header that must be understood is not")]
    Critical,
    #[error("signed with a key that is not known")]
    UnknownKey,
    #[error("the algorithm or the signature is wrong")]
    Signature,
    #[error("a claim is missing, of a wrong type or for another place")]
    Claims,
    #[error("expired")]
    Expired,
    #[error("not valid yet")]
    NotYet,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    aud: String,
    iss: String,
    sub: String,
    sid: i64,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// Signs and verifies with the keys of this installation.
pub struct GatewayTokens {
    signing: (String, EncodingKey),
    verifying: Vec<(String, DecodingKey)>,
    validation: Validation,
}

/// Chooses jsonwebtoken's cryptography for this process. Calling it again changes nothing.
pub fn install_crypto() {
    static INSTALLED: OnceLock<()> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        // An error says that one was chosen before; there is only this one to choose.
        let _ = CryptoProvider::install_default(&aws_lc::DEFAULT_PROVIDER);
    });
}

impl GatewayTokens {
    #[must_use]
    pub fn new(keys: &GatewayKeys) -> Self {
        install_crypto();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[ISSUER]);
        // jsonwebtoken would ask the system's clock; `check_times` asks the caller's.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let signing = keys.signing();
        Self {
            signing: (signing.kid.clone(), EncodingKey::from_secret(&signing.key)),
            verifying: keys.iter().map(|k| (k.kid.clone(), DecodingKey::from_secret(&k.key))).collect(),
            validation,
        }
    }

    /// A token with which this session of this user opens sockets for the next minute.
    #[must_use]
    pub fn issue(&self, user: UserId, session: SessionId, now_ms: i64) -> String {
        let now = now_ms.div_euclid(1_000);
        let claims = Claims {
            aud: AUDIENCE.into(),
            iss: ISSUER.into(),
            sub: user.to_string(),
            sid: session.0,
            iat: now,
            nbf: now,
            exp: now + GATEWAY_TOKEN_SECONDS,
        };
        let (kid, key) = &self.signing;
        let header = Header { typ: Some(TYPE.into()), kid: Some(kid.clone()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, &claims, key).expect("plain claims and an HMAC key always sign")
    }

    /// Whose token this is. Whether the session still lives is the store's to say.
    pub fn verify(&self, token: &str, now_ms: i64) -> Result<TokenClaims, TokenError> {
        if token.len() > TOKEN_BYTES {
            return Err(TokenError::TooLong);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Malformed)?;
        if header.typ.as_deref() != Some(TYPE) {
            return Err(TokenError::Type);
        }
        if header.crit.is_some() {
            return Err(TokenError::Critical);
        }
        let kid = header.kid.as_deref().ok_or(TokenError::UnknownKey)?;
        let (_, key) = self.verifying.iter().find(|(known, _)| known == kid).ok_or(TokenError::UnknownKey)?;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &self.validation).map_err(|error| {
            use jsonwebtoken::errors::ErrorKind;
            match error.kind() {
                ErrorKind::InvalidSignature | ErrorKind::InvalidAlgorithm => TokenError::Signature,
                _ => TokenError::Claims,
            }
        })?;
        check_times(&claims.claims, now_ms.div_euclid(1_000))?;
        let user = claims.claims.sub.parse().map_err(|_| TokenError::Claims)?;
        Ok(TokenClaims { user, session: SessionId(claims.claims.sid) })
    }
}

/// Both ends of the token's life, which may not be longer than ours make it.
fn check_times(claims: &Claims, now: i64) -> Result<(), TokenError> {
    if claims.exp.saturating_sub(claims.nbf) > GATEWAY_TOKEN_SECONDS {
        return Err(TokenError::Claims);
    }
    if now >= claims.exp.saturating_add(LEEWAY_SECONDS) {
        return Err(TokenError::Expired);
    }
    if now < claims.nbf.saturating_sub(LEEWAY_SECONDS) {
        return Err(TokenError::NotYet);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
