//! Reads out what arrives, to whoever listens to the page: messages of others, and an own one that failed. Never what
//! was there, and nothing of what is loaded above.

use leptos::prelude::*;

use crate::protocol::{Seq, UserId};
use crate::ui::live::Live;
use crate::ui::live::timeline::{MessageRow, Row, SendState, Timeline};
use crate::ui::text;

#[component]
pub(super) fn Arrivals() -> impl IntoView {
    let live = expect_context::<Live>();
    let me = live.me.with_value(|me| me.id);
    let spoken =
        Memo::new(move |last: Option<&Spoken>| live.timeline.with(|timeline| Spoken::next(last, timeline, me)));
    view! { <p class="sr-only" aria-live="polite">{move || spoken.with(|spoken| spoken.text.clone())}</p> }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Spoken {
    newest: Seq,
    failed: usize,
    text: String,
}

impl Spoken {
    fn next(last: Option<&Self>, timeline: &Timeline, me: UserId) -> Self {
        let newest = timeline.newest_seq().unwrap_or_default();
        let rows = timeline.rows(me, 0, None);
        let messages = || rows.iter().filter_map(message);
        let failed = messages().filter(|row| matches!(row.state, SendState::Failed(_))).count();
        let Some(last) = last else { return Self { newest, failed, text: String::new() } };
        let new: Vec<_> = messages().filter(|row| !row.own && row.seq > Some(last.newest)).collect();
        let text = match new.as_slice() {
            _ if failed > last.failed => text::FAILED.to_owned(),
            [] => last.text.clone(),
            [row] => text::preview_by(&row.author.name, &row.content),
            rows => text::new_below(rows.len()),
        };
        Self { newest: newest.max(last.newest), failed, text }
    }
}

fn message(row: &Row) -> Option<&MessageRow> {
    if let Row::Message(row) = row { Some(row) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{ConversationId, Message, MessageList, UserRef};

    const ME: UserId = UserId(1);

    fn page(seqs: std::ops::RangeInclusive<i64>, more: bool) -> MessageList {
        let messages = seqs
            .clone()
            .map(|seq| Message {
                seq: Seq(seq),
                version: Seq(seq),
                author: UserRef { id: UserId(2), name: "ben".to_owned() },
                content: format!("line {seq}"),
                created_ms: seq,
                nonce: format!("n{seq}"),
                reply_to: None,
            })
            .collect();
        MessageList { messages, as_of: Seq(*seqs.end()), more }
    }

    #[test]
    fn only_what_arrives_is_read_out() {
        let mut timeline = Timeline::from_page(ConversationId(1), page(11..=20, true));
        let opened = Spoken::next(None, &timeline, ME);
        assert_eq!(opened.text, "");
        timeline.older(Seq(11), page(1..=10, false), ME);
        assert_eq!(Spoken::next(Some(&opened), &timeline, ME), opened, "what was before is no news");
        timeline.replace(page(1..=21, false), ME);
        let one = Spoken::next(Some(&opened), &timeline, ME);
        assert_eq!(one.text, text::preview_by("ben", "line 21"));
        timeline.replace(page(1..=24, false), ME);
        assert_eq!(Spoken::next(Some(&one), &timeline, ME).text, text::new_below(3));
    }
}
