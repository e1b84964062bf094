//! What outlives a composer: drafts by recipient, which the driver keeps for later pages too, and who is to take the
//! focus.
//! Long because the two meet: what was typed decides who goes where.

use std::collections::HashMap;

use leptos::prelude::*;

use super::draft::Draft;
use crate::protocol::ConversationId;
use crate::ui::live::outbox::Item;
use crate::ui::live::{Live, Recipient};

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
    pub(super) put: RwSignal<Option<Draft>>,
    drafts: StoredValue<HashMap<String, Draft>>,
    /// Whether the drafts of earlier pages are here.
    pub(super) restored: RwSignal<bool>,
    live: StoredValue<Option<Live>>,
    /// To whom a new chat is being written, while that is open.
    to: StoredValue<Option<String>>,
    focus: StoredValue<Option<Focus>>,
}

impl Writing {
    #[must_use]
    pub fn provide() -> Self {
        let writing = Self {
            put: RwSignal::new(None),
            drafts: StoredValue::new(HashMap::new()),
            restored: RwSignal::new(false),
            live: StoredValue::new(None),
            to: StoredValue::new(None),
            focus: StoredValue::new(None),
        };
        provide_context(writing);
        writing
    }

    /// Takes up the drafts of earlier pages. Text that was typed on this one, be it before it came alive, wins.
    pub fn restore(self, live: Live) {
        self.live.set_value(Some(live));
        live.drive(|driver| driver.drafts(Box::new(move |kept| self.join(kept))));
    }

    fn join(self, kept: Vec<(String, String)>) {
        // None when the page is gone.
        let Some(typed) = self.drafts.try_update_value(std::mem::take) else { return };
        let kept = kept.into_iter().filter_map(|(key, kept)| Some((key, Draft::decode(&kept)?)));
        self.drafts.update_value(|drafts| drafts.extend(kept));
        for (key, draft) in typed {
            self.set(&key, draft);
        }
        self.restored.set(true);
    }

    /// Puts a message that was taken back into the composer.
    pub fn put_item(&self, item: &Item) {
        let to = match &item.recipient {
            Recipient::Name(name) => name.clone(),
            Recipient::Conversation(_) => String::new(),
        };
        self.put.try_set(Some(Draft { text: item.content.clone(), to }));
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

    /// A new chat is open, to whomever.
    pub(super) fn starts(&self, name: &str) {
        self.to.set_value(Some(name.trim().to_owned()));
    }

    /// Another name stands in the form of a new chat: the draft goes along.
    pub(in crate::ui::parts) fn readdress(&self, name: &str) {
        self.starts(name);
        let text = self.text(NEW_CHAT);
        if !text.is_empty() {
            self.keep(NEW_CHAT, text);
        }
    }

    pub(super) fn leaves(&self) {
        self.to.try_set_value(None);
    }

    /// The draft for what is open under `key`. One to somebody is not for somebody else.
    pub(super) fn draft_for(&self, key: &str) -> Option<Draft> {
        let to = self.to.get_value().unwrap_or_default();
        let draft = self.drafts.with_value(|drafts| drafts.get(key).cloned())?;
        (to.is_empty() || draft.to.is_empty() || draft.to == to).then_some(draft)
    }

    /// The first message to `name` arrived. Whether that is the chat which is being started: one goes there, and what
    /// was typed after it goes along.
    pub fn opened(&self, name: &str, id: ConversationId) -> bool {
        let here = self.to.get_value().as_deref() == Some(name);
        if here {
            let typed = self.text(NEW_CHAT);
            self.keep(NEW_CHAT, String::new());
            if !typed.is_empty() {
                self.keep(&id.to_string(), typed);
            }
            self.focus_next(Focus::Composer);
        }
        here
    }

    fn text(&self, key: &str) -> String {
        self.drafts.with_value(|drafts| drafts.get(key).map(|draft| draft.text.clone())).unwrap_or_default()
    }

    pub(super) fn keep(&self, key: &str, text: String) {
        let to = self.to.get_value().filter(|_| key == NEW_CHAT).unwrap_or_default();
        self.set(key, Draft { text, to });
    }

    /// An empty one is none.
    fn set(&self, key: &str, draft: Draft) {
        let none = draft.text.is_empty();
        let known = self.drafts.with_value(|drafts| drafts.get(key).map_or(none, |known| *known == draft));
        if known {
            return;
        }
        let kept = (!none).then(|| draft.encode());
        self.drafts.update_value(|drafts| {
            if none {
                drafts.remove(key)
            } else {
                drafts.insert(key.to_owned(), draft)
            };
        });
        if let Some(live) = self.live.get_value() {
            live.drive(|driver| driver.keep_draft(key.to_owned(), kept));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writing() -> (Owner, Writing) {
        let owner = Owner::new();
        let writing = owner.with(Writing::provide);
        (owner, writing)
    }

    fn draft(text: &str, to: &str) -> Draft {
        Draft { text: text.to_owned(), to: to.to_owned() }
    }

    #[test]
    fn what_is_typed_after_a_first_message_goes_along() {
        let (_owner, writing) = writing();
        writing.starts("ada");
        writing.keep(NEW_CHAT, "and more".to_owned());
        assert!(!writing.opened("ben", ConversationId(6)), "to somebody else, at an earlier time");
        assert!(writing.opened("ada", ConversationId(7)));
        assert_eq!((writing.draft_for(NEW_CHAT), writing.text("7")), (None, "and more".to_owned()));
        writing.leaves();
        assert!(!writing.opened("ada", ConversationId(7)), "nobody is called back");
    }

    #[test]
    fn a_draft_to_somebody_is_not_for_somebody_else() {
        let (_owner, writing) = writing();
        writing.starts("ada");
        writing.keep(NEW_CHAT, "dear ada".to_owned());
        writing.leaves();
        for (to, expected) in [("ben", None), ("ada", Some("ada")), ("", Some("ada"))] {
            writing.to.set_value(Some(to.to_owned()));
            assert_eq!(writing.draft_for(NEW_CHAT).map(|d| d.to), expected.map(str::to_owned), "{to:?}");
        }
    }

    #[test]
    fn what_was_typed_on_this_page_wins_over_what_was_kept() {
        let (_owner, writing) = writing();
        writing.keep("7", "typed".to_owned());
        let kept = [("7", draft("kept", "")), ("8", draft("kept", "")), ("", draft("kept", "ada"))];
        let written = |(key, draft): &(&str, Draft)| ((*key).to_owned(), draft.encode());
        writing.join(kept.iter().map(written).chain([("9".to_owned(), "not of this version".to_owned())]).collect());
        assert_eq!(["7", "8", "9"].map(|key| writing.text(key)), ["typed", "kept", ""]);
        assert_eq!(writing.draft_for(NEW_CHAT), Some(draft("kept", "ada")));
    }
}
