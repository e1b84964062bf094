//! What outlives a composer while the page lives: drafts by recipient, and who is to take the focus.

use std::collections::HashMap;

use leptos::prelude::*;

use crate::protocol::ConversationId;

/// The key of a new chat's draft.
pub(super) const NEW_CHAT: &str = "";

/// What may take the focus in a conversation that appears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    Composer,
    /// Its name: where the focus would raise a keyboard over what one came to read.
    Name,
}

/// Shared by the page's composers.
#[derive(Clone, Copy)]
pub struct Writing {
    /// Text that goes into the composer before what is there: a failed message taken back.
    pub(super) put: RwSignal<Option<String>>,
    drafts: StoredValue<HashMap<String, String>>,
    /// The first message to a name that is on its way, as it stands in the field.
    opening: StoredValue<Option<String>>,
    focus: StoredValue<Option<Focus>>,
}

impl Writing {
    #[must_use]
    pub fn provide() -> Self {
        let writing = Self {
            put: RwSignal::new(None),
            drafts: StoredValue::new(HashMap::new()),
            opening: StoredValue::new(None),
            focus: StoredValue::new(None),
        };
        provide_context(writing);
        writing
    }

    pub fn put(&self, text: String) {
        self.put.set(Some(text));
    }

    /// The part of the next conversation that takes the focus when it appears. Who was writing goes on writing.
    pub fn focus_next(&self, part: Focus) {
        if self.focus.get_value() != Some(Focus::Composer) {
            self.focus.set_value(Some(part));
        }
    }

    /// Whether `part` takes the focus; once.
    pub(in crate::ui::parts) fn takes_focus(&self, part: Focus) -> bool {
        let takes = self.focus.get_value() == Some(part);
        if takes {
            self.focus.set_value(None);
        }
        takes
    }

    pub(super) fn draft(&self, key: &str) -> String {
        self.drafts.with_value(|drafts| drafts.get(key).cloned()).unwrap_or_default()
    }

    /// A first message to a name is on its way: it is no draft any longer, but what is typed after it is.
    pub(super) fn opens(&self, sent: String) {
        self.keep(NEW_CHAT, String::new());
        self.opening.set_value(Some(sent));
        self.focus_next(Focus::Composer);
    }

    /// No first message is on its way from this field: all that stands in it is a draft, and nobody goes anywhere.
    pub(super) fn opens_nothing(&self) {
        self.opening.set_value(None);
        self.focus.set_value(None);
    }

    /// The first message arrived: what was typed after it goes along into its conversation.
    pub fn opened(&self, id: ConversationId) {
        self.opening.set_value(None);
        let typed = self.draft(NEW_CHAT);
        self.keep(NEW_CHAT, String::new());
        if !typed.is_empty() {
            self.keep(&id.to_string(), typed);
        }
    }

    pub(super) fn keep(&self, key: &str, text: String) {
        let sent = self.opening.get_value().filter(|_| key == NEW_CHAT);
        let text = sent.map_or_else(|| text.clone(), |sent| beyond(&sent, &text).to_owned());
        self.drafts.update_value(|drafts| {
            if text.is_empty() {
                drafts.remove(key);
            } else {
                drafts.insert(key.to_owned(), text);
            }
        });
    }
}

/// What `text` has beyond `sent`. One that was changed instead is all the reader's own again.
fn beyond<'a>(sent: &str, text: &'a str) -> &'a str {
    text.strip_prefix(sent).map_or(text, str::trim_start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_after_a_first_message_goes_along() {
        let owner = Owner::new();
        let writing = owner.with(Writing::provide);
        let here = ConversationId(7);
        writing.keep(NEW_CHAT, "hello".to_owned());
        writing.opens("hello".to_owned());
        assert_eq!(writing.draft(NEW_CHAT), "", "sent");
        writing.keep(NEW_CHAT, "hello\nand more".to_owned());
        assert_eq!(writing.draft(NEW_CHAT), "and more");
        writing.opened(here);
        assert_eq!((writing.draft(NEW_CHAT), writing.draft("7")), (String::new(), "and more".to_owned()));
    }

    #[test]
    fn a_refused_first_message_is_a_draft_again() {
        let owner = Owner::new();
        let writing = owner.with(Writing::provide);
        writing.opens("hello".to_owned());
        writing.opens_nothing();
        assert!(!writing.takes_focus(Focus::Composer), "nobody goes anywhere");
        writing.keep(NEW_CHAT, "hello and more".to_owned());
        assert_eq!(writing.draft(NEW_CHAT), "hello and more");
    }
}
