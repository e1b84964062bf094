//! Reads out what arrives, to whoever listens to the page: messages of others, and an own one that failed. Never what
//! was there, and nothing of what is loaded above.

use leptos::prelude::*;

use crate::protocol::rich_text::plain;
use crate::protocol::{Seq, UserId};
use crate::ui::live::Live;
use crate::ui::live::timeline::Timeline;
use crate::ui::text;

#[component]
pub(super) fn Arrivals() -> impl IntoView {
    let live = expect_context::<Live>();
    let me = live.me.with_value(|me| me.id);
    let spoken =
        Memo::new(move |last: Option<&Spoken>| live.timeline.with(|timeline| Spoken::next(last, timeline, me)));
    // What is said twice in a row changes nothing in one place, and so would not be read out again.
    let voice = move |turn: bool| spoken.with(|s| if s.turn == turn { s.text.clone() } else { String::new() });
    view! {
        <p class="sr-only" aria-live="polite">{move || voice(false)}</p>
        <p class="sr-only" aria-live="polite">{move || voice(true)}</p>
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Spoken {
    newest: Seq,
    failed: usize,
    text: String,
    /// In which of two places; they take turns.
    turn: bool,
}

impl Spoken {
    fn next(last: Option<&Self>, timeline: &Timeline, me: UserId) -> Self {
        let newest = timeline.newest_seq().unwrap_or_default();
        let failed = timeline.failed();
        let Some(last) = last else { return Self { newest, failed, ..Self::default() } };
        let mut new = timeline.of_others_after(last.newest, me);
        let said = match (new.next(), new.count()) {
            _ if failed > last.failed => Some(text::FAILED.to_owned()),
            (None, _) => None,
            (Some(message), 0) => Some(text::preview_by(message.author.shown(), &plain(&message.content))),
            (Some(_), more) => Some(text::new_below(1 + more)),
        };
        let turn = last.turn != said.is_some();
        Self { newest: newest.max(last.newest), failed, text: said.unwrap_or_else(|| last.text.clone()), turn }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{ConversationId, Message, MessageList, UserRef};

    const ME: UserId = UserId(1);

    fn page(seqs: std::ops::RangeInclusive<i64>, more: bool) -> MessageList {
        let messages = seqs
            .clone()
            .map(|seq| {
                let author = UserRef::new(UserId(2), "ben");
                Message::new(Seq(seq), author, format!("line {seq}"), format!("n{seq}"), seq)
            })
            .collect();
        MessageList { messages, quoted: Vec::new(), as_of: Seq(*seqs.end()), more, newer: false }
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

    #[test]
    fn what_is_said_twice_in_a_row_is_read_out_twice() {
        let mut timeline = Timeline::from_page(ConversationId(1), page(1..=20, false));
        let mut spoken = Spoken::next(None, &timeline, ME);
        for last in [22, 24, 26] {
            timeline.replace(page(1..=last, false), ME);
            let next = Spoken::next(Some(&spoken), &timeline, ME);
            assert_eq!(next.text, text::new_below(2));
            assert_ne!(next.turn, spoken.turn, "{last}");
            assert_eq!(Spoken::next(Some(&next), &timeline, ME), next, "nothing new says nothing");
            spoken = next;
        }
    }
}
