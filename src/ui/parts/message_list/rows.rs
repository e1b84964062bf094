//! The rows: days, the "New" line, messages.

use leptos::prelude::*;

use crate::protocol::{ConversationId, Seq, UserRef, mention};
use crate::ui::fragments::{self, FragmentKey, RowsKey};
use crate::ui::live::Live;
use crate::ui::live::timeline::{MessageRow, Row, SendState, Timeline};
use crate::ui::parts::clock::{Clock, DayTime};
use crate::ui::parts::message_item::MessageItem;
use crate::ui::parts::moment::days;
use crate::ui::text;

/// What makes a row the same row. A message that begins or ceases to lead its group is made anew; one that is
/// acknowledged is not, so its place, focus and selection stay.
pub(super) fn key(row: &Row) -> String {
    match row {
        Row::Day { local_midnight_ms } => format!("day {local_midnight_ms}"),
        Row::New => NEW_ID.to_owned(),
        Row::Message(row) if row.leads => format!("leads {}", row.key),
        Row::Message(row) => format!("follows {}", row.key),
    }
}

/// A row of the live list: follows its message.
#[component]
pub(super) fn LiveRow(row: Row, rows: Memo<Vec<Row>>) -> impl IntoView {
    match row {
        Row::Message(first) if first.state != SendState::Sent => {
            let key = first.key.clone();
            let row = Memo::new(move |last: Option<&MessageRow>| {
                // One's own latest messages are at the end.
                let now = rows.with(|rows| {
                    rows.iter().rev().find_map(|row| match row {
                        Row::Message(row) if row.key == key => Some((**row).clone()),
                        Row::Message(_) | Row::Day { .. } | Row::New => None,
                    })
                });
                now.or_else(|| last.cloned()).unwrap_or_else(|| (*first).clone())
            });
            view! { <MessageItem row=row.into()/> }.into_any()
        }
        Row::Message(first) if expect_context::<Live>().is_live() => {
            view! { <MessageItem row=following(*first)/> }.into_any()
        }
        row => view! { <StillRow row/> }.into_any(),
    }
}

/// A stored message as it stands, whatever happens to it. All rows look at each event, so by two numbers first.
fn following(first: MessageRow) -> Signal<MessageRow> {
    let live = expect_context::<Live>();
    let me = live.me.with_value(|me| me.id);
    let seq = first.seq.unwrap_or_default();
    let versions = Memo::new(move |_| live.timeline.with(|timeline| (timeline.versions_of(seq), timeline.renames())));
    let row = Memo::new(move |last: Option<&MessageRow>| {
        // Read, not only tracked: a memo that nobody reads is never computed, and follows nothing.
        let _changed = versions.get();
        let now = live.timeline.with_untracked(|timeline| timeline.row_of(seq, me));
        let now = now.map(|now| MessageRow { leads: first.leads, ..now });
        now.or_else(|| last.cloned()).unwrap_or_else(|| first.clone())
    });
    row.into()
}

#[component]
pub(in crate::ui::parts) fn StillRow(row: Row) -> impl IntoView {
    fragments::kept(
        || {
            let (live, clock) = (expect_context::<Live>(), expect_context::<Clock>());
            live.me.with_value(|me| row_key(row.clone(), &me.name, days(clock.now_ms.get_untracked())))
        },
        || draw(row.clone()),
    )
}

fn draw(row: Row) -> AnyView {
    match row {
        Row::Day { local_midnight_ms } => view! { <li class="day"><DayTime local_midnight_ms/></li> }.into_any(),
        Row::New => {
            view! { <li class="new-line" id=NEW_ID tabindex="-1"><span>{text::NEW_DIVIDER}</span></li> }.into_any()
        }
        Row::Message(row) => view! { <MessageItem row=Signal::stored(*row)/> }.into_any(),
    }
}

/// What a row depends on that stands still, for a reader of this name.
pub(in crate::ui::parts) fn row_key(row: Row, me: &str, today: i64) -> FragmentKey {
    let today = matches!(row, Row::Day { .. }).then_some(today);
    let calls = matches!(&row, Row::Message(row) if mention::names(&row.content, me));
    FragmentKey::Row { row, calls, today }
}

/// What the rows of a freshly drawn page depend on.
pub(in crate::ui::parts) fn rows_key(
    id: ConversationId,
    timeline: &Timeline,
    me: &UserRef,
    new_after: Option<Seq>,
    today: i64,
) -> FragmentKey {
    FragmentKey::Rows(RowsKey {
        conversation: id,
        as_of: timeline.as_of(),
        first: timeline.oldest_seq(),
        count: timeline.len(),
        own: (timeline.concerns(me.id) || timeline.names(&me.name)).then_some(me.id),
        new_after: new_after.filter(|mark| timeline.reaches(*mark)),
        today,
        names: timeline.shown_names(),
    })
}

/// The "New" line's element.
pub(super) const NEW_ID: &str = "new";
