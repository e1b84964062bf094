//! Reads out what arrives, to whoever listens to the page: messages of others, and an own one that failed. Never what
//! was there, and nothing of what is loaded above.

use leptos::prelude::*;

use crate::protocol::rich_text::plain;
use crate::protocol::{Message, Seq, UserId};
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
    /// The message whose words these are.
    of: Option<Seq>,
    /// In which of two places; they take turns.
    turn: bool,
}

impl Spoken {
    fn next(last: Option<&Self>, timeline: &Timeline, me: UserId) -> Self {
        let newest = timeline.newest_seq().unwrap_or_default();
        let failed = timeline.failed();
        let Some(last) = last else { return Self { newest, failed, ..Self::default() } };
        let mut new = timeline.of_others_after(last.newest, me);
        let (said, of) = match (new.next(), new.count()) {
            _ if failed > last.failed => (Some(text::FAILED.to_owned()), None),
            (None, _) => (None, None),
            (Some(message), 0) => (Some(spoken(message)), Some(message.seq)),
            (Some(_), more) => (Some(text::new_below(1 + more)), None),
        };
        let newest = newest.max(last.newest);
        match said {
            Some(text) => Self { newest, failed, text, of, turn: !last.turn },
            // What was changed or deleted meanwhile does not stay behind here; that it goes is not read out.
            None if !last.stands(timeline, me) => Self { newest, failed, turn: last.turn, ..Self::default() },
            None => Self { newest, failed, ..last.clone() },
        }
    }

    /// Whether the message that was read out still says so.
    fn stands(&self, timeline: &Timeline, me: UserId) -> bool {
        self.of.is_none_or(|seq| {
            let here = timeline.of_others_after(Seq(seq.0 - 1), me).next().filter(|message| message.seq == seq);
            here.is_some_and(|message| spoken(message) == self.text)
        })
    }
}

fn spoken(message: &Message) -> String {
    text::preview_by(message.author.shown(), &plain(&message.content))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{ConversationId, MessageList, UserRef};

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
    fn what_was_deleted_or_changed_is_not_kept_to_be_read_out() {
        for changed in [|m: &mut Message| m.deleted = true, |m: &mut Message| m.content = "other".to_owned()] {
            let mut timeline = Timeline::from_page(ConversationId(1), page(1..=20, false));
            let opened = Spoken::next(None, &timeline, ME);
            timeline.replace(page(1..=21, false), ME);
            let said = Spoken::next(Some(&opened), &timeline, ME);
            assert_eq!(said.text, text::preview_by("ben", "line 21"));
            let mut after = page(1..=21, false);
            after.as_of = Seq(22);
            let last = after.messages.last_mut().unwrap();
            last.version = Seq(22);
            changed(last);
            timeline.replace(after, ME);
            let next = Spoken::next(Some(&said), &timeline, ME);
            assert_eq!((next.text.as_str(), next.turn), ("", said.turn));
        }
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
