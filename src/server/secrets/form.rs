//! The secret file's text: TOML, its keys in base64url.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::{GatewayKey, GatewayKeys, Secrets};

impl Secrets {
    pub(super) fn to_text(&self) -> String {
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let mut text = format!(
            "# The secret keys of this Chatter. Keep them secret, and in your backups.\n\nnonce_key = \"{}\"\n",
            encode(&self.nonce_key)
        );
        for GatewayKey { kid, key } in self.gateway.iter() {
            text += &format!("\n[[gateway]]\nkid = \"{kid}\"\nkey = \"{}\"\n", encode(key));
        }
        text
    }

    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let file: SecretFile = toml::from_str(text).map_err(|_| "it is not of its form")?;
        let key = |text: &str| -> Result<[u8; 32], &'static str> {
            let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| "a key is not base64url")?;
            bytes.try_into().map_err(|_| "a key is not of 32 bytes")
        };
        let gateway = file.gateway.into_iter().map(|entry| Ok(GatewayKey { kid: entry.kid, key: key(&entry.key)? }));
        let gateway = gateway.collect::<Result<Vec<_>, &'static str>>()?;
        if gateway.is_empty() {
            return Err("it holds no gateway key");
        }
        Ok(Self { gateway: GatewayKeys(gateway), nonce_key: key(&file.nonce_key)? })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretFile {
    nonce_key: String,
    gateway: Vec<SecretFileKey>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretFileKey {
    kid: String,
    key: String,
}
