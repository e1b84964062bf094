//! Own messages that failed in a conversation that is gone, in its place.

use leptos::prelude::*;

use super::message_item::Failed;
use super::rich_text::said;
use super::{Part, Writing};
use crate::protocol::ConversationId;
use crate::ui::address::use_address;
use crate::ui::live::outbox::Item;
use crate::ui::live::{Live, Recipient};
use crate::ui::pieces::late;
use crate::ui::text;

/// Where there are any.
pub fn stranded(id: ConversationId) -> AnyView {
    let live = expect_context::<Live>();
    late(move || live.outbox.with(|items| items.iter().any(|item| is_stranded(item, id))), move || Part::stranded(id))
}

/// Each with its text: to be copied, written anew to somebody, or discarded.
#[component]
pub(super) fn Stranded(id: ConversationId) -> impl IntoView {
    let live = expect_context::<Live>();
    let writing = expect_context::<Writing>();
    let here = use_address();
    let failed = Memo::new(move |_| live.outbox.with(|items| texts(items, id)));
    let drawn = move |(nonce, content): (String, String)| {
        let edited = nonce.clone();
        let edit = move || writing.take_back_anew(&edited, move |_| here.go("/c?to=", false));
        view! {
            <li>
                <div class="bubble">{live.me.with_value(|me| said(&content, &me.name))}</div>
                <Failed reason=text::FAILED.to_owned() nonce edit retries=false/>
            </li>
        }
        .into_any()
    };
    view! { <ul class="stranded">{move || failed.get().into_iter().map(drawn).collect_view()}</ul> }
}

fn is_stranded(item: &Item, id: ConversationId) -> bool {
    item.is_failed() && item.recipient == Recipient::Conversation(id)
}

fn texts(items: &[Item], id: ConversationId) -> Vec<(String, String)> {
    items.iter().filter(|item| is_stranded(item, id)).map(|item| (item.nonce.clone(), item.content.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::live::outbox::Outbox;

    #[test]
    fn those_that_failed_there_and_no_others() {
        let cases = [(7, true), (7, false), (8, true), (7, true)];
        let outbox = Outbox::of(&cases.map(|(id, failed)| (Recipient::Conversation(ConversationId(id)), failed)));
        let nonces: Vec<String> = texts(outbox.items(), ConversationId(7)).into_iter().map(|s| s.0).collect();
        assert_eq!(nonces, ["1", "4"]);
    }
}
