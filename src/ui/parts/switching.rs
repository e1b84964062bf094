//! The way to the switcher: Ctrl+K (⌘K), and a button for those without keys at hand.

use leptos::ev;
use leptos::prelude::*;

use super::Part;
use crate::ui::pieces::late_dialog;

/// Whether it is there: set to open it.
#[derive(Clone, Copy)]
pub struct Switching(RwSignal<bool>);

impl Switching {
    /// Closed, for the page's life.
    pub fn provide() {
        provide_context(Self(RwSignal::new(false)));
    }

    pub(super) fn opened(self) -> RwSignal<bool> {
        self.0
    }
}

/// The switcher, once it is asked for.
pub fn switcher() -> AnyView {
    let Switching(open) = expect_context();
    Effect::new(move |_| {
        let keys = window_event_listener(ev::keydown, move |event| {
            let is_it = (event.ctrl_key() || event.meta_key()) && !event.shift_key() && !event.alt_key();
            if is_it && event.key().eq_ignore_ascii_case("k") {
                event.prevent_default();
                // Another dialog is to be answered first.
                if document().query_selector("dialog[open]").is_ok_and(|dialog| dialog.is_none()) {
                    open.set(true);
                }
            }
        });
        on_cleanup(move || keys.remove());
    });
    late_dialog(move || open.get(), move || open.set(false), Part::switcher)
}
