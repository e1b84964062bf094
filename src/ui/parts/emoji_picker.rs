//! Picking an emoji: a dialog with a search, groups, what was used last, and a grid to go through with the arrow keys.
//!
//! One of them stands wherever emoji are picked; what is picked goes to `on_pick`. Its list is fetched when it is first
//! opened.
//!
//! Long because search, groups and grid share what is shown.

use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::{Icon, IconName};
use crate::ui::emoji::{SharedSet, recent, used, with_set};
use crate::ui::text;

/// Of the grid; as in style/_emoji.scss.
const COLUMNS: usize = 7;
/// That a search shows.
const FOUND: usize = 63;

#[component]
pub fn EmojiPicker(
    /// Whether it is there: set to open it.
    open: RwSignal<bool>,
    on_pick: Callback<String>,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let grid = NodeRef::<html::Div>::new();
    let set = RwSignal::new(None::<SharedSet>);
    let failed = RwSignal::new(false);
    let typed = RwSignal::new(String::new());
    // None: what was used last.
    let group = RwSignal::new(None::<usize>);
    let latest = RwSignal::new(Vec::<String>::new());
    Effect::new(move |_| {
        let Some(dialog) = dialog.get().filter(|dialog| open.get() && !dialog.open()) else { return };
        let _shown = dialog.show_modal();
        typed.set(String::new());
        latest.set(recent());
        group.set(latest.with_untracked(Vec::is_empty).then_some(0));
        failed.set(false);
        with_set(move |found| {
            failed.try_set(found.is_none());
            set.try_set(found);
        });
    });
    // Each with what it is called.
    let shown = Memo::new(move |_| {
        set.with(|set| {
            let Some(set) = set else { return Vec::new() };
            let named = |emoji: crate::ui::emoji::Emoji| (emoji.text.clone(), emoji.name().replace('_', " "));
            let typed = typed.get();
            match group.get() {
                _ if !typed.trim().is_empty() => set.find(&typed, FOUND).into_iter().map(named).collect(),
                Some(at) => {
                    set.groups.get(at).map(|g| g.emoji.iter().cloned().map(named).collect()).unwrap_or_default()
                }
                None => {
                    let called = |text: String| (text.clone(), set.called(&text).unwrap_or_default());
                    latest.get().into_iter().map(called).collect()
                }
            }
        })
    });
    let pick = move |emoji: String| {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
        used(&emoji);
        on_pick.run(emoji);
    };
    let click = move |event: MouseEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        if let Some(option) = target.and_then(|target| target.closest("[role=option]").ok().flatten()) {
            pick(option.text_content().unwrap_or_default());
        }
    };
    let searching = move |event: KeyboardEvent| match event.key().as_str() {
        "ArrowDown" => {
            event.prevent_default();
            step(grid, |_, _| Some(0));
        }
        "Enter" => {
            event.prevent_default();
            if let Some((emoji, _)) = shown.with_untracked(|shown| shown.first().cloned()) {
                pick(emoji);
            }
        }
        _ => {}
    };
    let search = NodeRef::<html::Input>::new();
    let walking = move |event: KeyboardEvent| {
        let to: fn(usize, usize) -> Option<usize> = match event.key().as_str() {
            "ArrowRight" => |at, _| Some(at + 1),
            "ArrowLeft" => |at, _| at.checked_sub(1),
            "ArrowDown" => |at, count| Some((at + COLUMNS).min(count.saturating_sub(1))),
            "ArrowUp" => |at, _| at.checked_sub(COLUMNS),
            "Home" => |_, _| Some(0),
            "End" => |_, count| count.checked_sub(1),
            _ => return,
        };
        event.prevent_default();
        if !step(grid, to)
            && event.key() == "ArrowUp"
            && let Some(search) = search.get_untracked()
        {
            let _focused = search.focus();
        }
    };
    let choose = move |at: Option<usize>| {
        typed.set(String::new());
        group.set(at);
    };
    let tab = move |at: Option<usize>, name: String, face: String| {
        let is_chosen = move || typed.with(|typed| typed.trim().is_empty()) && group.get() == at;
        view! {
            <button
                type="button"
                aria-pressed=move || is_chosen().to_string()
                aria-label=name.clone()
                title=name.clone()
                on:click=move |_| choose(at)
            >
                {face}
            </button>
        }
    };
    let tabs = move || {
        let groups = set.with(|set| {
            let face = |group: &crate::ui::emoji::Group| group.emoji.first().map(|emoji| emoji.text.clone());
            let one = |group: &crate::ui::emoji::Group| (group.name.clone(), face(group).unwrap_or_default());
            set.as_ref().map(|set| set.groups.iter().map(one).collect::<Vec<_>>()).unwrap_or_default()
        });
        let last = (!groups.is_empty() && latest.with(|latest| !latest.is_empty()))
            .then(|| tab(None, text::RECENT_EMOJI.to_owned(), "🕘".to_owned()));
        let groups = groups.into_iter().enumerate().map(|(at, (name, face))| tab(Some(at), name, face)).collect_view();
        view! { {last}{groups} }
    };
    let options = move || {
        let option = |(at, (emoji, name)): (usize, (String, String))| {
            let tabindex = if at == 0 { "0" } else { "-1" };
            view! {
                <button type="button" role="option" aria-selected="false" tabindex=tabindex aria-label=name.clone() title=name.clone()>
                    {emoji}
                </button>
            }
        };
        shown.get().into_iter().enumerate().map(option).collect_view()
    };
    let inner = move || {
        open.get().then(|| {
            view! {
                <div class="emoji-head">
                    <input
                        type="search"
                        class="emoji-search"
                        aria-label=text::FIND_EMOJI
                        placeholder=text::FIND_EMOJI
                        autocomplete="off"
                        node_ref=search
                        prop:value=move || typed.get()
                        on:input=move |event| typed.set(event_target_value(&event))
                        on:keydown=searching
                    />
                    <form method="dialog">
                        <button class="icon-button" aria-label=text::CLOSE title=text::CLOSE><Icon name=IconName::Close/></button>
                    </form>
                </div>
                <div class="emoji-groups" role="group" aria-label=text::EMOJI_GROUPS>{tabs}</div>
                <div class="emoji-grid" role="listbox" aria-label=text::EMOJI node_ref=grid on:click=click on:keydown=walking>
                    {options}
                </div>
                {move || {
                    let sentence = match set.with(Option::is_some) {
                        true => shown.with(Vec::is_empty).then_some(text::NO_EMOJI),
                        false if failed.get() => Some(text::NOT_LOADED),
                        false => Some(text::LOADING),
                    };
                    view! { <p class="emoji-says" aria-live="polite">{sentence}</p> }
                }}
            }
        })
    };
    view! {
        <dialog class="emoji-picker" aria-label=text::EMOJI node_ref=dialog on:close=move |_| open.set(false)>
            {inner}
        </dialog>
    }
    .into_any()
}

/// Moves the focus among the grid's options; says whether there was one to go to.
fn step(grid: NodeRef<html::Div>, to: impl Fn(usize, usize) -> Option<usize>) -> bool {
    let Some(grid) = grid.get_untracked() else { return false };
    let Ok(options) = grid.query_selector_all("[role=option]") else { return false };
    let focused = document().active_element();
    let option = |at: usize| u32::try_from(at).ok().and_then(|at| options.get(at)?.dyn_into::<HtmlElement>().ok());
    let count = usize::try_from(options.length()).unwrap_or_default();
    let at = (0..count).find(|at| option(*at).map(Element::from) == focused).unwrap_or_default();
    let Some(option) = to(at, count).and_then(option) else { return false };
    let _focused = option.focus();
    true
}
