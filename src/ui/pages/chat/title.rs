//! What the tab's title says: how much is unread, and where one is.
//!
//! On the server the title is read after the page was drawn, outside of everything that belongs to its request: by
//! then the thread may draw somebody else's page. What is read there must own its value.

use leptos::prelude::*;

use super::target::Target;
use crate::protocol::{ConversationSummary, UserId};
use crate::ui::live::Live;
use crate::ui::parts::told;
use crate::ui::text;

/// The title, computed now and again whenever the page changes. Reading it touches nothing of the page's own arena.
pub(super) fn title(live: Live, target: Memo<Target>) -> ArcMemo<String> {
    let title = ArcMemo::new(move |_: Option<&String>| {
        let me = live.me.with_value(|me| me.id);
        live.conversations.with(|all| target.with(|target| title_of(all, me, target)))
    });
    let _computed = title.get_untracked();
    title
}

/// What it says of these conversations.
#[must_use]
pub fn title_of(all: &[ConversationSummary], me: UserId, target: &Target) -> String {
    let unread = all.iter().fold(0_u32, |sum, c| sum.saturating_add(told(c)));
    text::title(unread, place(all, me, target).as_deref())
}

/// What it says besides unread and brand.
fn place(all: &[ConversationSummary], me: UserId, target: &Target) -> Option<String> {
    match target {
        Target::Start(_) => Some(text::NEW_CHAT.to_owned()),
        Target::New => Some(text::NEW_CONVERSATION.to_owned()),
        Target::Rooms { .. } => Some(text::ROOMS.to_owned()),
        Target::List | Target::Nothing | Target::Conversation { .. } => {
            let open = all.iter().find(|c| Some(c.conversation.id) == target.conversation())?;
            Some(text::isolated(&open.conversation.name_for(me)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{ConversationList, UserId, UserRef};
    use crate::ui::live::timeline::Timeline;

    #[test]
    fn it_can_be_read_where_another_request_is_at_work() {
        let request = Owner::new_root(None);
        let (live, title) = request.with(|| {
            let list = ConversationList { conversations: Vec::new(), more: false };
            let me = UserRef::new(UserId(1), "ada");
            let live = Live::new(me, list, Timeline::default());
            (live, title(live, Memo::new(|_| Target::Start(String::new()))))
        });
        let another = Owner::new_root(None);
        let direct = another.with(|| live.conversations.try_with_untracked(Vec::len));
        assert_eq!(direct, None, "the page's own signals cannot be reached there");
        let read = another.with(|| title.get_untracked());
        assert_eq!(read, text::title(0, Some(text::NEW_CHAT)));
    }
}
