//! The fields of a plain form, for drawing its page again.

use std::collections::BTreeMap;

/// What was typed, by field; passwords are left out, so that no page repeats them.
#[derive(Debug, Default)]
pub(super) struct Fields(pub(super) BTreeMap<String, String>);

impl Fields {
    pub(super) fn parse(body: &[u8]) -> Self {
        let fields = form_urlencoded::parse(body).into_owned();
        Self(fields.filter(|(name, _)| !matches!(name.as_str(), "password" | "old" | "new")).collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Which part of the settings a form of theirs is.
    pub(super) fn section(&self) -> &'static str {
        let has = |name: &str| self.0.contains_key(name);
        if has("theme") || has("density") {
            "appearance"
        } else if has("presence_hidden") {
            "privacy"
        } else {
            "profile"
        }
    }

    /// The address of the page that holds this form; a guest sees no page but those two of theirs. Fixed paths only:
    /// nothing typed becomes a path.
    pub(super) fn page_of(&self, action: &str, signed_in: bool) -> String {
        match action {
            "sign-up" => "/sign-up".to_owned(),
            "sign-in" => "/".to_owned(),
            _ if !signed_in => "/".to_owned(),
            "password-change" | "sign-out" | "profile-update" | "session-revoke" | "sessions-revoke-others" => {
                "/settings".to_owned()
            }
            _ => match (self.get("conversation_id").and_then(|id| id.parse::<i64>().ok()), self.get("target_id")) {
                (Some(id), _) => format!("/c/{id}"),
                (None, Some(target)) => {
                    let to: String = form_urlencoded::byte_serialize(target.as_bytes()).collect();
                    format!("/c?to={to}")
                }
                (None, None) => "/c?to=".to_owned(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_forms() {
        let cases = [
            ("message-post", "conversation_id=42&content=x", true, "/c/42"),
            ("message-post", "conversation_id=..%2Fx&content=x", true, "/c?to="),
            ("message-post", "target_id=bob&content=x", true, "/c?to=bob"),
            ("message-post", "target_id=%2F%2Fevil%3Fa%26b", true, "/c?to=%2F%2Fevil%3Fa%26b"),
            ("message-post", "conversation_id=42&content=x", false, "/"),
            ("message-post", "", false, "/"),
            ("sign-in", "name=a&password=b", false, "/"),
            ("sign-up", "name=a", false, "/sign-up"),
            ("password-change", "", true, "/settings"),
            ("password-change", "", false, "/"),
            ("no-such-thing", "", false, "/"),
        ];
        for (action, body, signed_in, path) in cases {
            assert_eq!(Fields::parse(body.as_bytes()).page_of(action, signed_in), path, "{action} {body}");
        }
    }

    #[test]
    fn passwords_are_left_out() {
        let fields = Fields::parse(b"name=ada&password=secret&old=secret&new=secret&content=a%0D%0Ab");
        assert_eq!(fields.0.len(), 2);
        assert_eq!(fields.get("content"), Some("a\r\nb"));
    }
}
