//! One line of the menu: a form of its own.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::protocol::{ConversationId, Level, Mine, UserId};
use crate::ui::live::{Keep, Live};
use crate::ui::parts::{Icon, IconName};
use crate::ui::text;

/// What can be chosen.
#[derive(Debug, Clone, Copy)]
pub(super) enum Choice {
    /// On top of the list, or no longer.
    Pin,
    /// As unread, or no longer.
    Mark,
    Level(Level),
}

impl Choice {
    pub(super) fn change(self, now: Mine) -> Keep {
        match self {
            Self::Pin => Keep { pinned: Some(!now.pinned), ..Keep::default() },
            Self::Mark => Keep { marked: Some(!now.marked), ..Keep::default() },
            Self::Level(level) => Keep { level: Some(level), ..Keep::default() },
        }
    }

    /// The form's field, and what it says.
    fn field(self, now: Mine) -> (&'static str, &'static str) {
        let flag = |holds: bool| if holds { "false" } else { "true" };
        match self {
            Self::Pin => ("pinned", flag(now.pinned)),
            Self::Mark => ("marked", flag(now.marked)),
            Self::Level(Level::All) => ("level", "all"),
            Self::Level(Level::Mentions) => ("level", "mentions"),
            Self::Level(Level::Nothing) => ("level", "nothing"),
        }
    }

    fn label(self, now: Mine) -> &'static str {
        match self {
            Self::Pin if now.pinned => text::UNPIN_CONVERSATION,
            Self::Pin => text::PIN_CONVERSATION,
            Self::Mark if now.marked => text::UNMARK_UNREAD,
            Self::Mark => text::MARK_UNREAD,
            Self::Level(Level::All) => text::LEVEL_ALL,
            Self::Level(Level::Mentions) => text::LEVEL_MENTIONS,
            Self::Level(Level::Nothing) => text::LEVEL_NOTHING,
        }
    }

    /// Of several, whether this one holds; what is turned on and off says it by its label.
    fn holds(self, now: Mine) -> Option<bool> {
        match self {
            Self::Level(level) => Some(now.level == level),
            Self::Pin | Self::Mark => None,
        }
    }
}

#[component]
pub(super) fn Line(
    id: ConversationId,
    me: UserId,
    choice: Choice,
    mine: Memo<Mine>,
    choose: Callback<Choice>,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let submit = move |event: SubmitEvent| {
        if live.is_live() {
            event.prevent_default();
            choose.run(choice);
        }
    };
    let pressed = move || choice.holds(mine.get()).map(|holds| holds.to_string());
    let tick = move || {
        let holds = choice.holds(mine.get()) == Some(true);
        holds.then(|| view! { <Icon name=IconName::Tick/> }.into_any())
    };
    let name = choice.field(mine.get_untracked()).0;
    view! {
        <form method="post" action="/api/conversation-keep" on:submit=submit>
            <input type="hidden" name="as_user" value=me.to_string()/>
            <input type="hidden" name="conversation_id" value=id.to_string()/>
            <input type="hidden" name=name value=move || choice.field(mine.get()).1/>
            <button class="menu-item" type="submit" aria-pressed=pressed>
                <span class="menu-tick">{tick}</span>
                {move || choice.label(mine.get())}
            </button>
        </form>
    }
    .into_any()
}
