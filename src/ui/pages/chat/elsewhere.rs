//! Going from place to place in the conversation that is open, without opening it anew.

use leptos::prelude::*;

use super::pane::PaneState;
use super::target::Target;
use crate::ui::address::Whereabouts;
use crate::ui::live::Live;
use crate::ui::live::timeline::Timeline;

/// Goes to another place of the conversation that is open; what is to be opened instead, otherwise.
pub(super) fn elsewhere(live: Live, pane: RwSignal<PaneState>, to: Target) -> Option<Target> {
    let (open, at) = (live.timeline.with_untracked(Timeline::conversation), to.message());
    let is_open = pane.with_untracked(|pane| matches!(pane, PaneState::Conversation(..))) && open.is_some();
    if !is_open || open != to.conversation() || matches!(to, Target::Conversation { before: Some(_), .. }) {
        return Some(to);
    }
    live.target.set(None);
    match at {
        Some(seq) if live.timeline.with_untracked(|timeline| timeline.holds(seq)) => live.reveal.set(Some(seq)),
        // Back from a message to the conversation: one stays where one is.
        None if !live.timeline.with_untracked(Timeline::has_newer) => {}
        at => live.drive(|driver| driver.show(at)),
    }
    None
}

/// A link to the message that the address names already: the reader may have scrolled away from it.
pub(super) fn once_more(live: Live, pane: RwSignal<PaneState>, here: Whereabouts, target: Memo<Target>) {
    Effect::new(move |begun: Option<()>| {
        here.track_again();
        let to = target.get_untracked();
        if begun.is_some() && to.message().is_some() {
            drop(elsewhere(live, pane, to));
        }
    });
}
