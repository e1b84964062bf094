//! The rows of the list of conversations. Whoever has loaded thousands has those in view on the page, and some around
//! them; what is above and below takes its place.

use std::ops::Range;

use leptos::html;
use leptos::prelude::*;

use super::Notice;
use super::conversation_item::ConversationItem;
use super::each::each;
use super::more_conversations::MoreConversations;
use crate::protocol::ConversationId;
use crate::ui::text;

/// Rows on the page at most.
const ROWS: usize = 150;
/// Of them, about so many are above those in view.
const ABOVE: usize = 50;
/// They change by so many at once.
const STEP: usize = 25;

/// `ids`: all that were loaded, in their order.
#[component]
pub(super) fn ConversationRows(
    ids: Memo<Vec<ConversationId>>,
    #[prop(into)] open: Signal<Option<ConversationId>>,
) -> impl IntoView {
    let nav = NodeRef::<html::Nav>::new();
    let first = RwSignal::new(0);
    let shown = Memo::new(move |_| shown(ids.with(Vec::len), first.get()));
    // All are of one height.
    let height = move || {
        let row = nav.get_untracked()?.query_selector("li").ok()??;
        Some(row.get_bounding_client_rect().height()).filter(|height| *height > 0.0)
    };
    let scrolled = move |_| {
        if let (Some(nav), Some(height)) = (nav.get_untracked(), height()) {
            // A list that bounces is above its beginning for a moment.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            first.set((f64::from(nav.scroll_top().max(0)) / height) as usize);
        }
    };
    // What is not on the page has its place.
    let room = move || {
        let (shown, count) = (shown.get(), ids.with(Vec::len));
        if count <= ROWS {
            return None;
        }
        let height = height().unwrap_or_default();
        // Whole ones: writing others takes 5 kB of a first visit.
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
        let pixels = |rows: usize| (rows as f64 * height) as i64;
        Some(format!("{}px {}px", pixels(shown.start), pixels(count - shown.end)))
    };
    let rows = move || {
        let shown = shown.get();
        ids.with(|ids| ids.get(shown).map(<[_]>::to_vec).unwrap_or_default())
    };
    view! {
        <nav class="conversations" aria-label=text::CONVERSATIONS node_ref=nav on:scroll=scrolled>
            <Show when=move || !ids.with(Vec::is_empty) fallback=|| view! {
                <Notice sentence=text::NO_CONVERSATIONS hint=text::NO_CONVERSATIONS_HINT>
                    <a class="button primary" href="/c?to=">{text::NEW_CHAT}</a>
                </Notice>
            }>
                <ul style:padding-block=room>
                    {each(rows, ConversationId::to_string, move |id| view! { <ConversationItem id open/> }.into_any())}
                </ul>
                <MoreConversations/>
            </Show>
        </nav>
    }
    .into_any()
}

/// Which of so many rows are on the page where the row `first` is the first in view.
fn shown(count: usize, first: usize) -> Range<usize> {
    if count <= ROWS {
        return 0..count;
    }
    let start = (first.saturating_sub(ABOVE) / STEP * STEP).min(count - ROWS);
    start..start + ROWS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_view_is_on_the_page_with_some_around_it() {
        // (rows, the first in view, what is on the page)
        let cases: &[(usize, usize, Range<usize>)] = &[
            (0, 0, 0..0),
            (0, 9, 0..0),
            (150, 140, 0..150),
            (151, 0, 0..150),
            (151, 149, 1..151),
            (1_000, 74, 0..150),
            (1_000, 75, 25..175),
            (1_000, 500, 450..600),
            (1_000, 990, 850..1_000),
            (1_000, 5_000, 850..1_000),
        ];
        for (count, first, expected) in cases {
            assert_eq!(shown(*count, *first), *expected, "{count} {first}");
        }
    }
}
