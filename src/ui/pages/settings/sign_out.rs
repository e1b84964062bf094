//! Signing out. With scripts it asks first when something is unsent in this browser, as that goes too; without them
//! it is a plain form, and there is nothing to take along.

use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;

use crate::protocol::UserId;
use crate::ui::live::{LeavingHandle, Left};
use crate::ui::text;

#[component]
pub(super) fn SignOut(me: UserId) -> impl IntoView {
    let browser = StoredValue::new(use_context::<LeavingHandle>());
    let dialog = NodeRef::<html::Dialog>::new();
    // None where the browser does not tell.
    let unsent = RwSignal::new(None::<Left>);
    let error = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);

    let leave = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
        busy.set(true);
        error.set(None);
        if let Some(LeavingHandle(browser)) = browser.get_value() {
            browser.sign_out(
                me,
                Box::new(move |sentence| {
                    busy.set(false);
                    error.set(Some(sentence));
                }),
            );
        }
    };
    let ask = move |left: Option<Left>| {
        unsent.set(left);
        match dialog.get_untracked() {
            Some(dialog) if left != Some(Left { messages: 0, drafts: 0 }) => {
                let _shown = dialog.show_modal();
            }
            _ => leave(),
        }
    };
    let submit = move |event: SubmitEvent| {
        let Some(LeavingHandle(browser)) = browser.get_value() else { return };
        event.prevent_default();
        if !busy.get_untracked() {
            browser.unsent(me, Box::new(ask));
        }
    };
    let stay = move |_| {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    view! {
        <form method="post" action="/api/sign-out" on:submit=submit aria-busy=move || busy.get().then_some("true")>
            <input type="hidden" name="as_user" value=me.to_string()/>
            <button class="button" type="submit">{text::SIGN_OUT}</button>
            {move || error.get().map(|error| view! { <p class="sign-out-error" role="alert">{error}</p> }.into_any())}
        </form>
        <dialog class="dialog" aria-labelledby="sign-out-question" aria-describedby="sign-out-hint" node_ref=dialog>
            <h2 id="sign-out-question">{move || match unsent.get() {
                Some(Left { messages, drafts }) => text::unsent_count(messages, drafts),
                None => text::UNSENT_UNKNOWN.to_owned(),
            }}</h2>
            <p id="sign-out-hint">{move || {
                text::unsent_question(unsent.get().map_or(0, |left| left.messages.saturating_add(left.drafts)))
            }}</p>
            <div class="dialog-buttons">
                // First, so that it has the focus: the one that loses nothing.
                <button class="button" type="button" on:click=stay>{text::STAY}</button>
                <button class="button danger" type="button" on:click=move |_| leave()>{text::SIGN_OUT_DISCARD}</button>
            </div>
        </dialog>
    }
}

#[cfg(test)]
mod tests {
    use crate::ui::text::{unsent_count, unsent_question};

    #[test]
    fn what_would_be_lost_is_named_with_its_number() {
        let cases = [
            (1, 0, "1 message is not sent yet.", "it"),
            (2, 0, "2 messages are not sent yet.", "them"),
            (0, 1, "1 draft is kept here.", "it"),
            (0, 3, "3 drafts are kept here.", "them"),
            (2, 1, "2 messages are not sent yet and 1 draft is kept here.", "them"),
        ];
        for (messages, drafts, sentence, what) in cases {
            assert_eq!(unsent_count(messages, drafts), sentence);
            assert_eq!(unsent_question(messages + drafts), format!("Sign out and discard {what}?"));
        }
    }
}
