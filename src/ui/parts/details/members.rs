//! Who is in it, and who may come or go.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Subject;
use super::add::Add;
use crate::api::{ApiError, PageContext, member_list, member_remove};
use crate::protocol::{MemberList, UserRef};
use crate::ui::app::failure_of;
use crate::ui::parts::Avatar;
use crate::ui::parts::asking::{About, Asking, Outcome};
use crate::ui::parts::each::each;
use crate::ui::parts::presence::{presence_dot, presence_of};
use crate::ui::text;

#[component]
pub(super) fn Members(
    subject: Subject,
    page: PageContext,
    first: Option<Result<MemberList, ApiError>>,
) -> impl IntoView {
    let Subject { id, me, conversation, may } = subject;
    let (list, wrong) = match first {
        Some(Ok(list)) => (list, None),
        Some(Err(error)) => (none(), Some(error.message.into_owned())),
        None => (none(), None),
    };
    let fetched = !list.members.is_empty();
    let list = RwSignal::new(list);
    let wrong = RwSignal::new(wrong);
    let removing = Asking::new(failure_of(&page, "member-remove").as_ref());
    let count = Memo::new(move |_| conversation.with(|now| (now.member_count, now.members.clone())));
    let load = move |after: Option<UserRef>| {
        spawn_local(async move {
            let answer = member_list(id, after.as_ref().map(|last| last.id), None).await;
            match answer {
                Ok(page) => {
                    wrong.try_set(None);
                    list.try_update(|list| match after {
                        // Another answer may have come first.
                        Some(last) if list.members.last() == Some(&last) => {
                            list.members.extend(page.members);
                            list.more = page.more;
                        }
                        Some(_) => {}
                        None => *list = page,
                    });
                }
                Err(error) => {
                    wrong.try_set(Some(error.message.into_owned()));
                }
            }
        });
    };
    // Again whenever somebody came or went.
    Effect::new(move |was: Option<()>| {
        // Read, as a memo that is only tracked is never computed.
        count.with(|_| ());
        if was.is_some() || !fetched {
            load(None);
        }
    });
    let row = move |member: UserRef| {
        let (user, name, href) = (member.id, member.shown().to_owned(), text::profile_of(&member.name));
        let presence = presence_of(Signal::stored(Some(user)));
        let manages = Memo::new(move |_| conversation.with(|now| now.manager == Some(user)));
        let removable = Memo::new(move |_| user != me && may.with(|may| may.remove));
        let label = text::remove_member(&name);
        let submit = move |event: SubmitEvent| {
            removing.ask(&event, move |as_user| Box::pin(member_remove(id, user, as_user)), drop);
        };
        view! {
            <li class="member">
                <Avatar id=user.0 name=name.clone() small=true/>
                {move || presence.get().map(|status| presence_dot(status, true))}
                <span class="member-name">
                    <a href=href rel="external"><bdi>{name}</bdi></a>
                    {(user == me).then(|| view! { <span class="member-role">{text::YOU}</span> })}
                    {move || manages.get().then(|| view! { <span class="member-role">{text::MANAGES}</span> }.into_any())}
                </span>
                {move || {
                    let label = label.clone();
                    removable.get().then(|| view! {
                        <form method="post" action="/api/member-remove" on:submit=submit>
                            <About me=me.0 conversation=Some(id.0)/>
                            <input type="hidden" name="user_id" value=user.to_string()/>
                            <button class="link-button" type="submit" aria-label=label>{text::REMOVE}</button>
                        </form>
                    })
                }}
            </li>
        }
        .into_any()
    };
    let more = move || list.with(|list| list.more.then(|| list.members.last().cloned()).flatten());
    let adds = Memo::new(move |_| may.with(|may| may.add));
    view! {
        <section class="details-part" aria-labelledby="details-members">
            <h2 id="details-members">{move || text::members(conversation.with(|now| now.member_count))}</h2>
            {move || adds.get().then(|| view! { <Add subject page=page.clone()/> }.into_any())}
            <Outcome asking=removing/>
            {move || wrong.get().map(|wrong| view! { <p class="hint" role="status">{wrong}</p> }.into_any())}
            <ul class="members">
                {each(move || list.with(|list| list.members.clone()), key, row)}
            </ul>
            {move || more().map(|last| {
                let href = format!("/c/{id}/details?from={}", last.id);
                let click = move |event: leptos::ev::MouseEvent| {
                    event.prevent_default();
                    load(Some(last.clone()));
                };
                view! { <a class="button" href=href on:click=click>{text::MORE_MEMBERS}</a> }
            })}
        </section>
    }
    .into_any()
}

/// Somebody with another name is drawn anew.
fn key(member: &UserRef) -> String {
    format!("{} {} {}", member.id, member.name, member.shown())
}

fn none() -> MemberList {
    MemberList { members: Vec::new(), more: false }
}
