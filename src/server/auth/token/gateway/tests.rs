//! Every JWT that must be refused, each one change away from one that is accepted.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::*;

const NOW_S: i64 = 1_800_000_000;
const NOW_MS: i64 = NOW_S * 1_000;

struct Forge {
    keys: GatewayKeys,
    tokens: GatewayTokens,
}

impl Forge {
    fn new() -> Self {
        let keys = GatewayKeys::generate();
        Self { tokens: GatewayTokens::new(&keys), keys }
    }

    fn header(&self) -> Value {
        json!({"alg": "HS256", "typ": "gw+jwt", "kid": self.keys.signing().kid})
    }

    fn claims() -> Value {
        json!({"aud": "chatter-gateway", "iss": "chatter", "sub": "7", "sid": 9,
               "iat": NOW_S, "nbf": NOW_S, "exp": NOW_S + 60})
    }

    /// Signed with HS256 and our key, whatever the header says.
    fn sign(&self, header: &Value, claims: &Value) -> String {
        self.sign_text(&header.to_string(), &claims.to_string(), &self.keys.signing().key)
    }

    fn sign_text(&self, header: &str, claims: &str, key: &[u8]) -> String {
        let message = format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(header), BASE64_URL_SAFE_NO_PAD.encode(claims));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message.as_bytes());
        format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(tag.as_ref()))
    }

    fn verify(&self, token: &str) -> Result<TokenClaims, TokenError> {
        self.tokens.verify(token, NOW_MS)
    }
}

/// `base` with `changes` on top; a null takes the key away.
fn with(mut base: Value, changes: Value) -> Value {
    let (Value::Object(object), Value::Object(changes)) = (&mut base, changes) else { panic!("objects") };
    for (key, value) in changes {
        if value.is_null() {
            object.remove(&key)
        } else {
            object.insert(key, value)
        };
    }
    base
}

#[test]
fn a_token_of_ours_is_accepted_for_its_minute() {
    let forge = Forge::new();
    let token = forge.tokens.issue(UserId(7), SessionId(9), NOW_MS + 999);
    let expected = Ok(TokenClaims { user: UserId(7), session: SessionId(9) });
    assert_eq!(forge.verify(&token), expected);
    assert_eq!(forge.verify(&forge.sign(&forge.header(), &Forge::claims())), expected, "the forge makes good ones");
    assert_eq!(forge.tokens.verify(&token, NOW_MS + 64_999), expected, "leeway");
    assert_eq!(forge.tokens.verify(&token, NOW_MS + 65_000), Err(TokenError::Expired));
    assert_eq!(forge.tokens.verify(&token, NOW_MS - 5_000), expected, "leeway");
    assert_eq!(forge.tokens.verify(&token, NOW_MS - 6_000), Err(TokenError::NotYet));
    assert_eq!(Forge::new().verify(&token), Err(TokenError::UnknownKey), "another installation");
}

#[test]
fn claims_that_are_refused() {
    let forge = Forge::new();
    let cases = [
        (json!({"exp": null}), TokenError::Claims),
        (json!({"exp": (NOW_S + 60).to_string()}), TokenError::Claims),
        (json!({"exp": NOW_S + 61}), TokenError::Claims),
        (json!({"exp": i64::MAX}), TokenError::Claims),
        (json!({"exp": u64::MAX}), TokenError::Claims),
        (json!({"exp": NOW_S - 5}), TokenError::Expired),
        (json!({"exp": i64::MIN, "nbf": i64::MIN}), TokenError::Claims),
        (json!({"nbf": null}), TokenError::Claims),
        (json!({"nbf": NOW_S + 6, "exp": NOW_S + 66}), TokenError::NotYet),
        (json!({"aud": null}), TokenError::Claims),
        (json!({"aud": "another"}), TokenError::Claims),
        (json!({"iss": null}), TokenError::Claims),
        (json!({"iss": "another"}), TokenError::Claims),
        (json!({"sub": null}), TokenError::Claims),
        (json!({"sub": "ada"}), TokenError::Claims),
        (json!({"sub": 7}), TokenError::Claims),
        (json!({"sid": null}), TokenError::Claims),
        (json!({"sid": "9"}), TokenError::Claims),
    ];
    for (changes, expected) in cases {
        let token = forge.sign(&forge.header(), &with(Forge::claims(), changes.clone()));
        assert_eq!(forge.verify(&token), Err(expected), "{changes}");
    }
}

#[test]
fn headers_that_are_refused() {
    let forge = Forge::new();
    let cases = [
        (json!({"alg": "none"}), TokenError::Malformed),
        (json!({"alg": null}), TokenError::Malformed),
        (json!({"alg": "RS256"}), TokenError::Signature),
        (json!({"alg": "HS512"}), TokenError::Signature),
        (json!({"typ": "JWT"}), TokenError::Type),
        (json!({"typ": null}), TokenError::Type),
        (json!({"crit": ["exp"]}), TokenError::Critical),
        (json!({"crit": []}), TokenError::Critical),
        (json!({"kid": null}), TokenError::UnknownKey),
        (json!({"kid": ""}), TokenError::UnknownKey),
        (json!({"kid": "../../x"}), TokenError::UnknownKey),
        (json!({"kid": "' OR 1=1 --"}), TokenError::UnknownKey),
    ];
    for (changes, expected) in cases {
        let token = forge.sign(&with(forge.header(), changes.clone()), &Forge::claims());
        assert_eq!(forge.verify(&token), Err(expected), "{changes}");
    }
}

#[test]
fn a_header_that_offers_keys_is_not_asked() {
    let forge = Forge::new();
    let own = BASE64_URL_SAFE_NO_PAD.encode([1; 32]);
    let offers =
        json!({"jwk": {"kty": "oct", "k": own}, "jku": "http://127.0.0.1:1/keys", "x5u": "http://127.0.0.1:1/x"});
    let header = with(forge.header(), offers);
    assert!(forge.verify(&forge.sign(&header, &Forge::claims())).is_ok(), "ignored");
    let token = forge.sign_text(&header.to_string(), &Forge::claims().to_string(), &[1; 32]);
    assert_eq!(forge.verify(&token), Err(TokenError::Signature), "signed with the key that it offers");
}

#[test]
fn texts_and_signatures_that_are_refused() {
    let forge = Forge::new();
    let good = forge.tokens.issue(UserId(7), SessionId(9), NOW_MS);
    let (message, signature) = good.rsplit_once('.').unwrap();
    let mut flipped = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
    flipped[0] ^= 1;
    let public = b"-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n";
    let none = BASE64_URL_SAFE_NO_PAD.encode(with(forge.header(), json!({"alg": "none"})).to_string());
    let doubled = Forge::claims().to_string().replacen('{', "{\"sub\":\"1\",", 1);
    let cases = [
        (String::new(), TokenError::Malformed),
        ("a.b.c".into(), TokenError::Malformed),
        (message.to_owned(), TokenError::Malformed),
        (format!("{good}.{signature}"), TokenError::Malformed),
        (format!("{none}.{}.", message.split_once('.').unwrap().1), TokenError::Malformed),
        (format!("{message}."), TokenError::Signature),
        (format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(flipped)), TokenError::Signature),
        (forge.sign_text(&forge.header().to_string(), &Forge::claims().to_string(), public), TokenError::Signature),
        (forge.sign_text(&forge.header().to_string(), &doubled, &forge.keys.signing().key), TokenError::Claims),
        (forge.sign_text(&forge.header().to_string(), "[]", &forge.keys.signing().key), TokenError::Claims),
        (format!("{}{good}", "A".repeat(TOKEN_BYTES)), TokenError::TooLong),
    ];
    for (token, expected) in cases {
        assert_eq!(forge.verify(&token), Err(expected), "{token}");
    }
}
