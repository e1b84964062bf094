//! The fields of a plain form, for drawing its page again.

use crate::protocol::{Conversation, Posted, Sorted, UserId, UserRef};
use crate::ui::Wanted;
use crate::ui::text::profile_of;

/// What was typed, by field; passwords are left out, so that no page repeats them.
#[derive(Debug, Default)]
pub(super) struct Fields(pub(super) Sorted<String, String>);

impl Fields {
    pub(super) fn parse(body: &[u8]) -> Self {
        let fields = form_urlencoded::parse(body).into_owned();
        Self(fields.filter(|(name, _)| !matches!(name.as_str(), "password" | "old" | "new")).collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Which part of the settings a form of theirs is.
    fn section(&self) -> &'static str {
        let has = |name: &str| self.0.contains_key(name);
        if has("theme") || has("density") {
            "appearance"
        } else if has("presence_hidden") {
            "privacy"
        } else {
            "profile"
        }
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.get(name).and_then(|number| number.parse().ok())
    }

    /// The address of the page that holds this form; a guest sees no page but those two of theirs. Fixed paths only:
    /// nothing typed becomes a path.
    pub(super) fn page_of(&self, action: &str, signed_in: bool) -> String {
        match action {
            "sign-up" => self.wanted().link("/sign-up"),
            "sign-in" => self.wanted().link("/"),
            _ if !signed_in => "/".to_owned(),
            "password-change" | "sign-out" | "profile-update" | "session-revoke" | "sessions-revoke-others" => {
                "/settings".to_owned()
            }
            "user-block" | "user-unblock" => "/people".to_owned(),
            "message-edit" | "message-delete" | "message-pin" | "reaction-add" | "reaction-remove" => {
                match (self.number("conversation_id"), self.number("seq")) {
                    (Some(id), Some(seq)) => format!("/c/{id}/{seq}"),
                    (Some(id), None) => format!("/c/{id}"),
                    (None, _) => "/c".to_owned(),
                }
            }
            "conversation-create" => "/c/new".to_owned(),
            "room-join" => "/c/rooms".to_owned(),
            "conversation-update" | "member-add" | "member-remove" => self.details(),
            _ => match (self.number("conversation_id"), self.get("target_id")) {
                (Some(id), _) => match self.number("reply_to") {
                    Some(seq) => format!("/c/{id}/{seq}"),
                    None => format!("/c/{id}"),
                },
                (None, Some(target)) => {
                    let to: String = form_urlencoded::byte_serialize(target.as_bytes()).collect();
                    format!("/c?to={to}")
                }
                (None, None) => "/c?to=".to_owned(),
            },
        }
    }

    fn wanted(&self) -> Wanted {
        Wanted::of(|name| self.get(name).map(str::to_owned))
    }

    fn details(&self) -> String {
        self.number("conversation_id").map_or_else(|| "/c".to_owned(), |id| format!("/c/{id}/details"))
    }

    /// Where a form leads once it was carried out: to what it made, back to where it was, or away from what one left.
    pub(super) fn leads_to(&self, action: &str, answer: &[u8], viewer: Option<UserId>) -> String {
        let list = || "/c".to_owned();
        match action {
            "message-post" => match serde_json::from_slice::<Posted>(answer) {
                Ok(posted) => format!("/c/{}", posted.conversation_id),
                Err(_) => list(),
            },
            "conversation-create" => match serde_json::from_slice::<Conversation>(answer) {
                Ok(made) => format!("/c/{}", made.id),
                Err(_) => list(),
            },
            "message-edit" | "message-delete" | "message-pin" | "reaction-add" | "reaction-remove" => {
                self.page_of(action, true)
            }
            "sign-in" | "sign-up" => self.wanted().path(),
            "room-join" => self.number("conversation_id").map_or_else(list, |id| format!("/c/{id}")),
            "member-remove" if self.number("user_id") == viewer.map(|viewer| viewer.0) => list(),
            "conversation-update" | "member-add" | "member-remove" => self.details(),
            "sign-out" => "/".to_owned(),
            "password-change" => "/settings?changed".to_owned(),
            "profile-update" => format!("/settings?saved={}", self.section()),
            "session-revoke" | "sessions-revoke-others" => "/settings?saved=devices".to_owned(),
            "user-block" | "user-unblock" if self.get("from") == Some("settings") => {
                "/settings?saved=blocked".to_owned()
            }
            "user-block" | "user-unblock" => match serde_json::from_slice::<UserRef>(answer) {
                Ok(user) => profile_of(&user.name),
                Err(_) => "/people".to_owned(),
            },
            "conversation-keep" => self.page_of(action, true),
            _ => list(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_after_forms() {
        let cases = [
            ("room-join", "conversation_id=42", "/c/42"),
            ("room-join", "conversation_id=x", "/c"),
            ("conversation-create", "kind=group", "/c"),
            ("message-pin", "conversation_id=42&seq=7", "/c/42/7"),
            ("sign-out", "", "/"),
            ("sign-in", "name=ada", "/c"),
            ("sign-in", "name=ada&conversation_id=42&seq=7", "/c/42/7"),
            ("sign-up", "name=ada&conversation_id=42", "/c/42"),
            ("sign-in", "name=ada&conversation_id=%2F%2Fevil&seq=7", "/c"),
            ("sign-in", "name=ada&conversation_id=-4&seq=7", "/c"),
            ("sign-in", "name=ada&seq=7", "/c"),
            ("member-add", "conversation_id=42&members=ada", "/c/42/details"),
            ("conversation-update", "conversation_id=42&title=x", "/c/42/details"),
            ("member-remove", "conversation_id=42&user_id=8", "/c/42/details"),
            ("member-remove", "conversation_id=42&user_id=7", "/c"),
        ];
        for (action, body, path) in cases {
            let fields = Fields::parse(body.as_bytes());
            assert_eq!(fields.leads_to(action, b"null", Some(UserId(7))), path, "{action} {body}");
        }
    }

    #[test]
    fn pages_of_forms() {
        let cases = [
            ("message-post", "conversation_id=42&content=x", true, "/c/42"),
            ("message-post", "conversation_id=42&reply_to=7&content=x", true, "/c/42/7"),
            ("message-post", "conversation_id=42&reply_to=&content=x", true, "/c/42"),
            ("message-post", "conversation_id=..%2Fx&content=x", true, "/c?to="),
            ("message-post", "target_id=bob&content=x", true, "/c?to=bob"),
            ("message-post", "target_id=%2F%2Fevil%3Fa%26b", true, "/c?to=%2F%2Fevil%3Fa%26b"),
            ("message-post", "conversation_id=42&content=x", false, "/"),
            ("message-post", "", false, "/"),
            ("message-edit", "conversation_id=42&seq=7&content=x", true, "/c/42/7"),
            ("message-delete", "conversation_id=42&seq=x", true, "/c/42"),
            ("reaction-add", "seq=7&emoji=x", true, "/c"),
            ("message-pin", "conversation_id=42&seq=7", false, "/"),
            ("conversation-create", "kind=group&title=x", true, "/c/new"),
            ("room-join", "conversation_id=42", true, "/c/rooms"),
            ("conversation-update", "conversation_id=42&title=", true, "/c/42/details"),
            ("member-remove", "conversation_id=..%2Fx", true, "/c"),
            ("sign-in", "name=a&password=b", false, "/"),
            ("sign-up", "name=a", false, "/sign-up"),
            ("sign-in", "name=a&conversation_id=4&seq=x", false, "/?conversation_id=4"),
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
