//! `/c`, `/c?to=NAME`, `/c/new`, `/c/rooms`, `/c/{conversation}`, `/c/{conversation}/details`: the conversations beside the open one.

mod aside;
mod conversation;
mod elsewhere;
mod failed;
mod layout;
mod pane;
mod target;
mod title;

use leptos::prelude::*;

use self::layout::ChatLayout;
pub use self::target::{Opened, Target as ChatTarget, no_such_conversation};
pub use self::title::title_of;
use crate::ui::address::use_address;
use crate::ui::app::{failure_of, use_page};
use crate::ui::page_data::ChatData;
use crate::ui::parts::{Notice, PageSkeleton, UnsentText};
use crate::ui::text;

#[component]
pub fn Chat() -> impl IntoView {
    let data = use_page();
    let page = data.context.clone();
    let here = use_address();
    let target = Memo::new(move |_| here.with(ChatTarget::read));
    let Some(me) = page.viewer.clone() else {
        return ().into_any();
    };
    // Read once: afterwards the list is the live client's, and other conversations are loaded as one comes to them (see
    // `layout`).
    let Some(ChatData { first, list, opened, aside }) = data.chat.clone() else {
        // The document was drawn for another page: the chat begins with one of its own.
        Effect::new(|_| drop(window().location().reload()));
        return view! { <PageSkeleton/> }.into_any();
    };
    match list {
        Ok(list) => {
            view! { <ChatLayout me page conversations=list.into_inner() target first opened aside/> }.into_any()
        }
        Err(error) => view! {
            <main class="card-page">
                <div class="not-loaded">
                    <Notice sentence=text::NOT_LOADED title=true hint=error.message>
                        <a class="button" href="/c" rel="external">{text::RETRY}</a>
                    </Notice>
                    <UnsentText failure=failure_of(&page, "message-post")/>
                </div>
            </main>
        }
        .into_any(),
    }
}
