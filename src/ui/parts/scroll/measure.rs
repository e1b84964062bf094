//! Where rows are, measured in the document. By bisection, as this runs while scrolling.

use wasm_bindgen::JsCast;
use web_sys::{Element, NodeList};

use crate::protocol::Seq;

/// A row that ends so few pixels below the view is in view: browsers round.
const SLACK_PX: f64 = 2.0;

/// Where a row is, seen from what is in view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ui::parts) enum Side {
    Above,
    InView,
    Below,
}

/// How far below the list's top the row ends. Its end, as its head may go: a row that leads its author's stops
/// leading when an older one comes before it.
pub(super) fn end_of(row: &Element, list: &Element) -> f64 {
    row.get_bounding_client_rect().bottom() - list.get_bounding_client_rect().top()
}

/// The topmost message in view, by its id, and where it ends.
pub(super) fn topmost(list: &Element) -> Option<(String, f64)> {
    let rows = messages(list)?;
    let top = list.get_bounding_client_rect().top();
    let row = row(&rows, first_that(&rows, |row| row.get_bounding_client_rect().bottom() > top))?;
    Some((row.id(), end_of(&row, list)))
}

/// The newest stored message whose end is not below the view.
pub(super) fn last_in_view(list: &Element) -> Option<Seq> {
    let rows = messages(list)?;
    let bottom = list.get_bounding_client_rect().bottom() + SLACK_PX;
    let beyond = first_that(&rows, |row| row.get_bounding_client_rect().bottom() > bottom);
    // Own messages that are not stored yet have no number, and are the last.
    (0..beyond).rev().find_map(|at| row(&rows, at)?.get_attribute("data-seq")?.parse().ok())
}

pub(super) fn side_of(row: &Element, list: &Element) -> Side {
    let (row, list) = (row.get_bounding_client_rect(), list.get_bounding_client_rect());
    if row.bottom() <= list.top() {
        Side::Above
    } else if row.top() >= list.bottom() {
        Side::Below
    } else {
        Side::InView
    }
}

fn messages(list: &Element) -> Option<NodeList> {
    list.query_selector_all("li.message").ok()
}

fn row(rows: &NodeList, at: u32) -> Option<Element> {
    rows.item(at).and_then(|node| node.dyn_into().ok())
}

/// The index of the first row for which `holds`; it holds for all that follow. The number of rows where for none.
fn first_that(rows: &NodeList, holds: impl Fn(&Element) -> bool) -> u32 {
    let (mut low, mut high) = (0, rows.length());
    while low < high {
        let middle = low + (high - low) / 2;
        if row(rows, middle).is_some_and(|row| holds(&row)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}
