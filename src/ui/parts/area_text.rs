//! The text of a served `<textarea>`, escaped.
//!
//! Leptos writes the children of a textarea as they are: typed text would close the element and go on as markup. The
//! parser also drops one newline after the start tag, so one is put before the text.

/// The textarea's inner HTML that reads as exactly `text`.
#[must_use]
pub(super) fn area_html(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 16);
    html.push('\n');
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            _ => html.push(c),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_closes_the_element() {
        assert_eq!(area_html("a</textarea><b>&amp;"), "\na&lt;/textarea&gt;&lt;b&gt;&amp;amp;");
        assert_eq!(area_html("\nx"), "\n\nx");
    }
}
