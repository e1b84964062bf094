//! The textarea's size and what is left of the limit.

use web_sys::HtmlTextAreaElement;

use crate::protocol::limits::{CONTENT_BYTES, CONTENT_CHARS};

/// The counter shows from this many characters before the limit.
const NEAR: i64 = 200;
/// Lines at most; the text scrolls beyond.
const LINES: i32 = 8;
/// A line's height in pixels: 1.45 × 16, see style/_tokens.scss.
const LINE_PX: i32 = 23;

/// What is left of the limit when it is near: of characters or of bytes, whichever ends first (a character
/// counts as two bytes there, as 8,000 bytes go to 4,000 characters).
pub(super) fn near_limit(text: &str) -> Option<i64> {
    let chars = text.chars().count();
    let halves = text.len().div_ceil(CONTENT_BYTES / CONTENT_CHARS);
    let left = CONTENT_CHARS as i64 - chars.max(halves) as i64;
    (left <= NEAR).then_some(left)
}

/// Grows to its text where the browser does not do it by itself (`field-sizing`): as an attribute, because styles
/// may not be set from scripts' markup. Where it does, there is never anything to scroll, and one row remains.
pub(super) fn fit(area: &HtmlTextAreaElement) {
    area.set_rows(1);
    let hidden = area.scroll_height() - area.client_height();
    let rows = (1 + (hidden + LINE_PX / 2) / LINE_PX).clamp(1, LINES);
    area.set_rows(rows.unsigned_abs());
}

#[cfg(test)]
mod tests {
    use super::near_limit;

    #[test]
    fn the_counter_shows_near_the_limit() {
        assert_eq!(near_limit(""), None);
        assert_eq!(near_limit(&"x".repeat(3_799)), None);
        assert_eq!(near_limit(&"x".repeat(3_800)), Some(200));
        assert_eq!(near_limit(&"x".repeat(4_001)), Some(-1));
        assert_eq!(near_limit(&"語".repeat(2_600)), Some(100), "7,800 of 8,000 bytes");
    }
}
