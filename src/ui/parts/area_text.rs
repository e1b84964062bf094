//! The text of the elements that hold nothing else, escaped: a served `<textarea>`, and a page's `<title>`.
//!
//! Leptos writes the children of a textarea as they are: typed text would close the element and go on as markup. The
//! parser also drops one newline after the start tag, so one is put before the text. A title is escaped, but shows the
//! marks that Leptos writes between children.

/// The textarea's inner HTML that reads as exactly `text`.
#[must_use]
pub(in crate::ui) fn area_html(text: &str) -> String {
    format!("\n{}", escaped(text))
}

/// The inner HTML that reads as exactly `text`.
#[must_use]
pub(in crate::ui) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 16);
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
