//! Emoji by their names in a plain form: no script has written them out, so that is done here.

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::body::Bytes;

use crate::ui::emoji::{EmojiSet, written_by};

/// What each name stands for. Found at once: a form may be full of what looks like names.
static NAMES: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let set = EmojiSet::parse(include_str!("../../../public/emoji.txt"));
    set.names().map(|(name, emoji)| (name.to_owned(), emoji.to_owned())).collect()
});

/// The form with characters in the place of `:name:` in a message's text; none where nothing is to be changed.
pub(super) fn named(action: &str, body: &[u8]) -> Option<Bytes> {
    if !matches!(action, "message-post" | "message-edit") {
        return None;
    }
    let may_name = |name: &str, value: &str| name == "content" && value.contains(':');
    let fields: Vec<_> = form_urlencoded::parse(body).collect();
    if !fields.iter().any(|(name, value)| may_name(name, value)) {
        return None;
    }
    let mut form = form_urlencoded::Serializer::new(String::with_capacity(body.len()));
    for (name, value) in &fields {
        if may_name(name, value) {
            form.append_pair(name, &written_by(value, |name| NAMES.get(name).map(String::as_str)))
        } else {
            form.append_pair(name, value)
        };
    }
    Some(form.finish().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_out_in_the_text_of_messages_alone() {
        let form = |action: &str, body: &str| {
            named(action, body.as_bytes()).map(|body| String::from_utf8(body.to_vec()).unwrap())
        };
        let party = "%F0%9F%8E%89";
        for action in ["message-post", "message-edit"] {
            let written = form(action, "nonce=%3Atada%3A&content=a+%3Atada%3A%0D%0Ab%26c&conversation_id=7");
            assert_eq!(written, Some(format!("nonce=%3Atada%3A&content=a+{party}%0D%0Ab%26c&conversation_id=7")));
        }
        assert_eq!(form("message-post", "content=a&nonce=%3Atada%3A"), None);
        assert_eq!(form("conversation-update", "content=%3Atada%3A"), None);
        assert_eq!(form("message-post", "content=%60%3Atada%3A%60"), Some("content=%60%3Atada%3A%60".to_owned()));
    }
}
