//! People by their names, of whom a form takes several: who was picked stands in the field, and can be taken out again.
//! Without scripts it is a line of names with commas between.

mod picked;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

pub(super) use self::picked::Picked;
use self::picked::Tokens;
use super::keys::{is_composing, step};
use super::lookup::Lookup;
use super::offer_list::{OfferList, offer_id};
use crate::protocol::{Profile, UserRef};
use crate::ui::live::Live;
use crate::ui::text;

/// What stands between names.
const PARTED: [char; 2] = [',', ' '];

#[component]
pub(super) fn PeopleField(
    id: &'static str,
    list: &'static str,
    label: &'static str,
    picked: Picked,
    /// What was typed before, when the form comes back.
    value: Option<String>,
    required: bool,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let Picked { people, line } = picked;
    let offers = RwSignal::new(Vec::<UserRef>::new());
    let at = RwSignal::new(0_usize);
    let lookup = Lookup::new();
    // Also for a line that goes, focus and all.
    let close = move || {
        lookup.forget();
        at.try_set(0);
        offers.try_set(Vec::new());
    };
    let look = move |typed: String| {
        close();
        let last = typed.rsplit(PARTED).next().unwrap_or_default().to_owned();
        if last.is_empty() {
            return;
        }
        let found = move |found: Option<Vec<Profile>>| {
            let me = live.me.with_value(|me| me.id);
            let mut found: Vec<UserRef> = found.unwrap_or_default().iter().map(Profile::user).collect();
            found.retain(|user| user.id != me && people.with_untracked(|all| all.iter().all(|has| has.id != user.id)));
            offers.set(found);
        };
        lookup.people(last, Box::new(found));
    };
    let take = move |n: usize| {
        let (Some(line), Some(user)) = (line.get_untracked(), offers.with_untracked(|all| all.get(n).cloned())) else {
            return;
        };
        // What stands before the word that was completed stays.
        let typed = line.value();
        line.set_value(&typed[..typed.rfind(PARTED).map_or(0, |at| at + 1)]);
        people.update(|people| people.push(user));
        close();
    };
    let keydown = move |event: KeyboardEvent| {
        let count = offers.with_untracked(Vec::len);
        if is_composing(&event) {
            return;
        }
        match event.key().as_str() {
            "Enter" if count > 0 => take(at.get_untracked()),
            "Escape" if count > 0 => close(),
            "Backspace" if line.get_untracked().is_some_and(|line| line.value().is_empty()) => {
                people.update(|people| _ = people.pop());
            }
            _ => match step(&event, at.get_untracked(), count) {
                Some(to) => at.set(to),
                None => return,
            },
        }
        event.prevent_default();
    };
    let labels: Signal<Vec<String>> = Signal::derive(move || offers.with(|all| all.iter().map(text::named).collect()));
    view! {
        <div class="field people-field">
            <label for=id>{label}</label>
            <div class="people-line">
                <input
                    id=id
                    name="members"
                    type="text"
                    placeholder=text::PEOPLE_HINT
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    dir="auto"
                    required=move || required && people.with(Vec::is_empty)
                    aria-autocomplete="list"
                    aria-haspopup="listbox"
                    aria-controls=list
                    aria-activedescendant=move || labels.with(|all| !all.is_empty()).then(|| offer_id(list, at.get()))
                    value=value
                    node_ref=line
                    on:input=move |event| look(event_target_value(&event))
                    on:blur=move |_| close()
                    on:keydown=keydown
                />
                <OfferList id=list labels at=at.into() take=Callback::new(take)/>
            </div>
            <Tokens picked/>
        </div>
    }
    .into_any()
}
