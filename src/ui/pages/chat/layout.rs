//! Sidebar and pane, side by side or one at a time: which one, the address decides.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::aside::{DetailsAside, details};
use super::elsewhere::{elsewhere, once_more};
use super::pane::{Pane, PaneState};
use super::target::{Opened, Target, load};
use super::title::title;
use crate::api::{ApiError, PageContext};
use crate::protocol::{ConversationId, ConversationList, ErrorCode, UserRef};
use crate::ui::address::use_address;
use crate::ui::app::set_title;
use crate::ui::live::Live;
use crate::ui::live::timeline::Timeline;
use crate::ui::page_data::Aside;
use crate::ui::parts::{Clock, Focus, Sidebar, Switching, Writing, switcher};
use crate::ui::pieces::use_pieces;

#[component]
pub(super) fn ChatLayout(
    me: UserRef,
    page: PageContext,
    conversations: ConversationList,
    target: Memo<Target>,
    /// The target that `opened` was fetched for.
    first: Target,
    opened: Result<Option<Opened>, ApiError>,
    aside: Aside,
) -> impl IntoView {
    Clock::provide(page.now_ms);
    let (writing, id) = (Writing::provide(), me.id);
    let live = Live::new(me, conversations, Timeline::default());
    provide_context(live);
    Switching::provide();
    let pane = RwSignal::new(PaneState::of(first.clone(), opened));
    let again = RwSignal::new(0_u32);
    let visits = StoredValue::new(0_u32);

    let pieces = use_pieces();
    Effect::new(move |started: Option<()>| {
        if started.is_none() {
            live.drive(|driver| driver.start(live));
            live.alive.set(true);
            writing.restore(live);
            // Before they are asked for: they would take their time then, and a line that is gone brings nothing.
            pieces.fetch_parts();
        }
    });
    Effect::new(move |last: Option<(Target, u32)>| {
        let now = (target.get(), again.get());
        // What is asked for again is fetched, though it is open: it may be there no longer.
        let anew = last.as_ref().is_some_and(|last| last.1 != now.1);
        let moved = *last.as_ref().map_or(&first, |last| &last.0) != now.0;
        let to = match moved && !anew {
            true => elsewhere(live, pane, now.0.clone()),
            false => Some(now.0.clone()).filter(|_| anew),
        };
        if let Some(to) = to {
            visit(live, writing, to, visits, pane);
        }
        now
    });
    let here = use_address();
    once_more(live, pane, here, target);
    Effect::new(move |_| {
        if let Some((name, id)) = live.opened.get() {
            live.opened.set(None);
            if writing.opened(&name, id) {
                // Back leads to where one was before the form, which has done its work.
                here.go(&format!("/c/{id}"), true);
            }
        }
    });

    let open = Signal::derive(move || target.with(Target::conversation));
    Effect::new(move |was: Option<Option<ConversationId>>| {
        let listed =
            open.get().filter(|id| live.conversations.with(|all| all.iter().any(|c| c.conversation.id == *id)));
        // It went while it was open: deleted, one is no longer in it, or a list that is older than it. The store knows.
        if listed.is_none() && open.get().is_some() && was.flatten() == open.get() {
            again.update(|again| *again += 1);
        }
        listed
    });
    let details = details(live, pane, open);
    let shown = Memo::new(move |_| details.with(Option::is_some));
    let (rooms, members) = (aside.rooms(), aside.members());
    let title = title(live, target);
    set_title(title.get_untracked());
    Effect::new(move |_| document().set_title(&title.get()));
    view! {
        <main class="chat" data-pane=move || match target.with(|t| *t == Target::List) {
            _ if shown.get() => "details",
            true => "list",
            false => "open",
        }>
            <Sidebar open/>
            <div class="pane">
                <Pane pane page=page.clone() rooms retry=Callback::new(move |()| again.update(|n| *n += 1))/>
            </div>
            <DetailsAside details me=id page members/>
            {switcher()}
        </main>
    }
    .into_any()
}

/// The reader came to another address: fetches what it shows, unless they leave again meanwhile.
fn visit(live: Live, writing: Writing, to: Target, visits: StoredValue<u32>, pane: RwSignal<PaneState>) {
    let known = live
        .conversations
        .with_untracked(|all| all.iter().find(|c| Some(c.conversation.id) == to.conversation()).cloned());
    if to.conversation().is_none() {
        live.drive(|driver| driver.open(None, None));
    }
    // The form whose message opened the conversation stays meanwhile: somebody may be typing in it.
    if !to.conversation().is_some_and(|id| writing.goes_to(id)) {
        pane.set(PaneState::Loading(known.clone()));
    }
    // A pointer that hovers means a keyboard at hand; on a touch screen the focus would raise one.
    let keyboard = window().match_media("(hover: hover)").ok().flatten().is_some_and(|query| query.matches());
    if to.conversation().is_some() {
        writing.focus_next(if keyboard { Focus::Composer } else { Focus::Name });
    }
    let visit = visits.get_value().wrapping_add(1);
    visits.set_value(visit);
    spawn_local(async move {
        let opened = load(to.clone(), known).await;
        // None when the page was left, another when the reader went on, even if they came back here since.
        if visits.try_get_value() != Some(visit) {
            return;
        }
        let ended = matches!(&opened, Err(error) if error.code == ErrorCode::Unauthenticated);
        if !ended || window().location().set_href("/?ended").is_err() {
            pane.set(PaneState::of(to, opened));
        }
    });
}
