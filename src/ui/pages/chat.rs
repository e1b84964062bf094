//! `/c`, `/c?to=NAME`, `/c/{conversation}`: the conversations beside the open one.

mod failed;
mod layout;
mod pane;
mod target;
mod title;

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use self::layout::ChatLayout;
use self::target::{Target, load};
use crate::api::conversation_list;
use crate::ui::app::{failure_of, use_page};
use crate::ui::parts::{Card, Notice, PageSkeleton, SignInForm, UnsentText};
use crate::ui::text;

#[component]
pub fn Chat() -> impl IntoView {
    let page = use_page();
    let (params, query) = (use_params_map(), use_query_map());
    let target = Memo::new(move |_| params.with(|params| query.with(|query| Target::read(params, query))));
    // Both are read once: afterwards the list is the live client's, and other conversations are loaded as one
    // comes to them (see `layout`).
    let after = query.with_untracked(|query| query.get_str("after").and_then(|id| id.parse().ok()));
    let list = Resource::new_blocking(|| (), move |()| conversation_list(after, None));
    let first = target.get_untracked();
    let opened = Resource::new_blocking(|| (), {
        let first = first.clone();
        move |()| load(first.clone(), None)
    });
    view! {
        <Suspense fallback=PageSkeleton>
            {move || {
                let first = first.clone();
                Suspend::new(async move {
                    let (page, list, opened) = (page.await, list.await, opened.await);
                    let Some(me) = page.viewer.clone() else {
                        return view! {
                            <Card title=text::SIGN_IN lead=text::SIGN_IN_TO_READ><SignInForm page/></Card>
                        }
                        .into_any();
                    };
                    match list {
                        Ok(list) => view! {
                            <ChatLayout me page conversations=list target first opened/>
                        }
                        .into_any(),
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
                })
            }}
        </Suspense>
    }
}
