//! The directory: open rooms, to be found and joined.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::asking::{About, Asking, Outcome};
use super::pane_header::BackLink;
use super::{Avatar, Notice};
use crate::api::{ApiError, FormFailure, room_join, room_list};
use crate::protocol::{ConversationId, Room, RoomList, UserId};
use crate::ui::address::use_address;
use crate::ui::live::Live;
use crate::ui::text;

#[component]
pub fn Rooms(
    me: UserId,
    /// What the address asks for.
    query: String,
    from: Option<ConversationId>,
    /// What the page was drawn with.
    first: Option<Result<RoomList, ApiError>>,
    failure: Option<FormFailure>,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let asking = Asking::new(failure.as_ref());
    let drawn = first.is_some();
    let list = RwSignal::new(first);
    let wanted = RwSignal::new((query.clone(), from));
    let run = StoredValue::new(0_u32);
    // As one types; an answer that another question has overtaken is left.
    Effect::new(move |was: Option<()>| {
        let (query, from) = wanted.get();
        if was.is_some() || !drawn {
            let this = run.get_value().wrapping_add(1);
            run.set_value(this);
            spawn_local(async move {
                let found = room_list(Some(query), from, None).await;
                if run.try_get_value() == Some(this) {
                    list.set(Some(found));
                }
            });
        }
    });
    let more = move || {
        let last = list.with(|list| {
            let found = list.as_ref()?.as_ref().ok()?;
            found.more.then(|| found.rooms.last().map(|room| room.id)).flatten()
        })?;
        let query: String = wanted.with(|(query, _)| form_urlencoded::byte_serialize(query.as_bytes()).collect());
        Some(view! { <a class="button" href=format!("/c/rooms?q={query}&from={last}")>{text::MORE_ROOMS}</a> })
    };
    let shown = move || match list.get() {
        None => view! { <p class="hint" role="status">{text::LOADING}</p> }.into_any(),
        Some(Err(error)) => view! { <Notice sentence=text::NOT_LOADED hint=error.message/> }.into_any(),
        Some(Ok(found)) if found.rooms.is_empty() => view! {
            <Notice sentence=text::NO_ROOMS hint=text::NO_ROOMS_HINT>
                <a class="button" href="/c/new">{text::NEW_CONVERSATION}</a>
            </Notice>
        }
        .into_any(),
        Some(Ok(found)) => {
            let rows = found.rooms.into_iter().map(|room| view! { <RoomRow room me asking/> }).collect_view();
            view! { <ul class="rooms">{rows}</ul> }.into_any()
        }
    };
    view! {
        <header class="pane-head">
            <BackLink/>
            <h1 class="pane-name">{text::ROOMS}</h1>
        </header>
        <div class="start">
            <div class="directory">
                <form class="search" method="get" action="/c/rooms" role="search" on:submit=move |event: SubmitEvent| {
                    // What is typed is found already.
                    if list.with_untracked(Option::is_some) && live.is_live() {
                        event.prevent_default();
                    }
                }>
                    <div class="field">
                        <label for="room-search">{text::FIND_ROOM}</label>
                        <input
                            id="room-search"
                            name="q"
                            type="search"
                            autocomplete="off"
                            dir="auto"
                            value=query
                            on:input=move |event| wanted.set((event_target_value(&event), None))
                        />
                    </div>
                    <button class="button" type="submit">{text::SEARCH}</button>
                </form>
                <Outcome asking/>
                {shown}
                {more}
                <p class="hint"><a href="/c/new">{text::MAKE_ONE}</a></p>
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn RoomRow(room: Room, me: UserId, asking: Asking) -> impl IntoView {
    let here = use_address();
    let id = room.id;
    let submit = move |event: SubmitEvent| {
        let joined = move |_| here.go(&format!("/c/{id}"), false);
        asking.ask(&event, move |user| Box::pin(room_join(id, user)), joined);
    };
    let label = text::join_room(&room.title);
    let way = if room.joined {
        view! { <a class="button" href=format!("/c/{id}") aria-label=text::open_room(&room.title)>{text::OPEN}</a> }
            .into_any()
    } else {
        view! {
            <form method="post" action="/api/room-join" on:submit=submit>
                <About me=me.0 conversation=Some(id.0)/>
                <button class="button primary" type="submit" aria-label=label>{text::JOIN}</button>
            </form>
        }
        .into_any()
    };
    view! {
        <li class="room">
            <Avatar id=id.0 name=room.title.clone()/>
            <div class="room-about">
                <p class="room-title"><bdi>{room.title}</bdi></p>
                {room.topic.map(|topic| view! { <p class="room-topic" dir="auto">{topic}</p> })}
                <p class="hint">{text::members(room.member_count)}</p>
            </div>
            {way}
        </li>
    }
    .into_any()
}
