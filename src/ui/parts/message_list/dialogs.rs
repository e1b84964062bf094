//! What is asked or told about a message in a dialog of its own: whether it is to be deleted, what it said before, who
//! reacted, and with which emoji one does so oneself.

mod told;

use leptos::html;
use leptos::prelude::*;

use self::told::{Told, fetch, list, readers};
use super::acting::Acting;
use crate::protocol::Seq;
use crate::ui::live::Amendment;
use crate::ui::parts::emoji_picker::EmojiPicker;
use crate::ui::text;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asking {
    Delete(Seq),
    History(Seq),
    Reactors(Seq),
    Readers(Seq),
    /// Which one of all.
    Emoji(Seq),
}

#[component]
pub fn Dialogs(acting: Acting) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let told = RwSignal::new(None::<Told>);
    let picking = RwSignal::new(false);
    Effect::new(move |was: Option<bool>| {
        let now = picking.get();
        if was == Some(true) && !now {
            acting.asking.set(None);
        }
        now
    });
    let picked = Callback::new(move |emoji: String| {
        if let Some(Asking::Emoji(seq)) = acting.asking.get_untracked() {
            acting.react_to(seq, &emoji);
        }
    });
    Effect::new(move |_| {
        let Some(asking) = acting.asking.get() else { return };
        told.set(None);
        if let Asking::Emoji(_) = asking {
            return picking.set(true);
        }
        if let Some(dialog) = dialog.get_untracked() {
            let _shown = dialog.show_modal();
        }
        fetch(acting, asking, told);
    });
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let title = move || match acting.asking.get() {
        Some(Asking::Delete(_) | Asking::Emoji(_)) | None => text::DELETE_QUESTION,
        Some(Asking::History(_)) => text::EDIT_HISTORY,
        Some(Asking::Reactors(_)) => text::WHO_REACTED,
        Some(Asking::Readers(_)) => text::WHO_READ,
    };
    let delete = move |_| {
        if let Some(Asking::Delete(seq)) = acting.asking.get_untracked() {
            close();
            acting.live.drive(|driver| driver.amend(seq, Amendment::Delete));
        }
    };
    view! {
        <dialog
            class="dialog"
            aria-labelledby="message-dialog"
            node_ref=dialog
            on:close=move |_| acting.asking.set(None)
        >
            <h2 id="message-dialog">{title}</h2>
            {move || match acting.asking.get() {
                Some(Asking::Delete(_)) => view! {
                    <p>{text::DELETE_HINT}</p>
                    <div class="dialog-buttons">
                        // First, so that it has the focus: the one that loses nothing.
                        <button class="button" type="button" on:click=move |_| close()>{text::KEEP}</button>
                        <button class="button danger" type="button" on:click=delete>{text::DELETE}</button>
                    </div>
                }
                .into_any(),
                Some(asking @ (Asking::History(_) | Asking::Reactors(_) | Asking::Readers(_))) => view! {
                    <div class="dialog-list" tabindex="0">{move || match asking {
                        Asking::Readers(seq) => readers(acting, seq),
                        _ => list(acting, told),
                    }}</div>
                    <div class="dialog-buttons">
                        <button class="button" type="button" on:click=move |_| close()>{text::CLOSE}</button>
                    </div>
                }
                .into_any(),
                Some(Asking::Emoji(_)) | None => ().into_any(),
            }}
        </dialog>
        <EmojiPicker open=picking on_pick=picked/>
    }
    .into_any()
}
