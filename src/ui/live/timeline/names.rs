//! By which names the people of a timeline are shown. No log tells of them: who changes theirs is shown by the new one
//! wherever they stand.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::Timeline;
use crate::protocol::UserRef;

impl Timeline {
    /// Somebody is shown by another name. Whether they stand here.
    pub fn renamed(&mut self, user: &UserRef) -> bool {
        let held = self.messages.values_mut().chain(self.quoted.values_mut());
        let mut found = false;
        for message in held.filter(|message| message.author.id == user.id && message.author != *user) {
            message.author.clone_from(user);
            found = true;
        }
        self.renames = self.renames.wrapping_add(u32::from(found));
        found
    }

    /// Another number whenever somebody here is shown by another name.
    #[must_use]
    pub fn renames(&self) -> u32 {
        self.renames
    }

    /// Tells apart what is shown by other names than the messages were kept under; zero where nobody chose one.
    #[must_use]
    pub fn shown_names(&self) -> u64 {
        let held = self.messages.values().chain(self.quoted.values());
        let mut chosen = held.filter(|message| message.author.display.is_some()).peekable();
        if chosen.peek().is_none() {
            return 0;
        }
        let mut hasher = DefaultHasher::new();
        chosen.for_each(|message| (message.seq, &message.author.display).hash(&mut hasher));
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{ConversationId, Message, MessageList, Seq, UserId};

    #[test]
    fn a_new_name_is_shown_at_once_and_told_apart() {
        let author = |id| UserRef::new(UserId(id), format!("u{id}"));
        let said = |seq| Message::new(Seq(seq), author(seq % 2), "hello".into(), format!("n{seq}"), 1);
        let page = MessageList {
            messages: (1..=4).map(said).collect(),
            quoted: Vec::new(),
            as_of: Seq(4),
            more: false,
            newer: false,
        };
        let mut timeline = Timeline::from_page(ConversationId(1), page);
        assert_eq!(timeline.shown_names(), 0);
        let ada = UserRef { display: Some("Ada".into()), ..author(1) };
        assert!(timeline.renamed(&ada));
        assert!(!timeline.renamed(&ada), "once");
        let shown: Vec<_> = timeline.messages.values().map(|message| message.author.shown()).collect();
        assert_eq!(shown, ["Ada", "u0", "Ada", "u0"]);
        let names = timeline.shown_names();
        assert_ne!(names, 0);
        timeline.renamed(&UserRef { display: Some("Countess".into()), ..author(1) });
        assert_ne!(timeline.shown_names(), names);
        assert!(!timeline.renamed(&UserRef { display: Some("x".into()), ..author(7) }));
    }
}
