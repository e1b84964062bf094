//! The way up to the "New" line where the reader has not seen it, and the way past it.

use leptos::prelude::*;

use super::reading::Reading;
use crate::ui::parts::{Clock, Icon, IconName};
use crate::ui::text;

#[component]
pub fn NewAbove(reading: Reading) -> impl IntoView {
    let clock = expect_context::<Clock>();
    let is_there = Memo::new(move |_| reading.unseen.get().is_some());
    let label = move || {
        reading.unseen.get().map(|unseen| {
            if unseen.is_loading {
                text::LOADING.to_owned()
            } else {
                text::new_since(&text::count(unseen.count), unseen.since_ms.map(|ms| clock.since(ms)).as_deref())
            }
        })
    };
    view! {
        <Show when=move || is_there.get()>
            <div class="new-above">
                <button type="button" class="new-jump" on:click=move |_| reading.to_line()>
                    <Icon name=IconName::Up/>
                    {label}
                    <span class="sr-only">{text::JUMP_TO_NEW}</span>
                </button>
                <button type="button" class="new-waive" on:click=move |_| reading.catch_up()>
                    {text::MARK_AS_READ}
                </button>
            </div>
        </Show>
    }
}
