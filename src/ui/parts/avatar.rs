//! Initials on one of twelve hues picked by an id: the same person has the same colour everywhere.

use leptos::prelude::*;

/// How many hues style/_avatar.scss has.
const HUES: i64 = 12;

/// Decoration: the name always stands beside it, so screen readers skip it.
#[component]
pub fn Avatar(id: i64, #[prop(into)] name: String, #[prop(optional)] small: bool) -> impl IntoView {
    let size = if small { " small" } else { "" };
    let class = format!("avatar hue-{}{size}", id.rem_euclid(HUES));
    view! { <span class=class aria-hidden="true">{initials(&name)}</span> }
}

/// The first letter or digit of the first two words; words end at spaces, dots, dashes and underscores.
fn initials(name: &str) -> String {
    let initials: String = name
        .split(|c: char| c.is_whitespace() || matches!(c, '.' | '-' | '_' | ','))
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()))
        .take(2)
        .flat_map(char::to_uppercase)
        .collect();
    if initials.is_empty() { "?".to_owned() } else { initials }
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_of_names() {
        let cases = [
            ("ada", "A"),
            ("Ada.Lovelace_1", "AL"),
            ("Жанна", "Ж"),
            ("佐藤", "佐"),
            ("7up", "7"),
            ("...", "?"),
            ("Team lunch on friday", "TL"),
        ];
        for (name, expected) in cases {
            assert_eq!(initials(name), expected, "{name}");
        }
    }
}
