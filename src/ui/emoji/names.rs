//! Names between colons, and the characters that take their place.

use super::is_of_name;

/// The text with characters in the place of `:name:`, but in code, by whoever knows what a name stands for. Takes time as
/// the text is long, and asks once for each name.
#[must_use]
pub fn written_by<'e>(text: &str, named: impl Fn(&str) -> Option<&'e str>) -> String {
    let mut written = String::with_capacity(text.len());
    for (at, part) in text.split('`').enumerate() {
        if at > 0 {
            written.push('`');
        }
        if at % 2 == 1 {
            written.push_str(part);
            continue;
        }
        let mut rest = part;
        while let Some((before, behind)) = rest.split_once(':') {
            written.push_str(before);
            let end = behind.find(|c: char| !is_of_name(c)).filter(|end| *end > 0 && behind[*end..].starts_with(':'));
            match end.and_then(|end| Some((end, named(&behind[..end])?))) {
                Some((end, emoji)) => {
                    written.push_str(emoji);
                    rest = &behind[end + 1..];
                }
                None => {
                    written.push(':');
                    rest = behind;
                }
            }
        }
        written.push_str(rest);
    }
    written
}
