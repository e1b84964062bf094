//! A list on the page that follows a list, each of its rows kept as long as its key is there.

use std::sync::Arc;

use leptos::prelude::*;

/// A row that may have to be drawn.
struct Row {
    key: String,
    draw: Box<dyn FnOnce() -> AnyView + Send>,
}

/// `draw` is asked once for each key. One kind of row for all lists: Leptos compiles all that a list can do anew for
/// each kind.
pub(super) fn each<T: Send + 'static>(
    list: impl Fn() -> Vec<T> + Send + 'static,
    key: fn(&T) -> String,
    draw: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let draw = Arc::new(draw);
    rows(Box::new(move || {
        let row = |item: T| {
            let (key, draw) = (key(&item), Arc::clone(&draw));
            Row { key, draw: Box::new(move || draw(item)) }
        };
        list().into_iter().map(row).collect()
    }))
}

fn rows(all: Box<dyn Fn() -> Vec<Row> + Send>) -> AnyView {
    view! { <For each=move || all() key=|row| row.key.clone() children=|row| (row.draw)()/> }.into_any()
}
