//! How well a text answers to what was typed. Pure.

/// What was typed, without case and accents.
pub(super) struct Typed(String);

impl Typed {
    pub(super) fn new(typed: &str) -> Self {
        let typed = typed.trim();
        Self(fold(typed.strip_prefix('@').unwrap_or(typed)))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How well a text answers, the best least; none: not at all. It begins so, with whole words or not; or each word
    /// that was typed begins one of its own.
    pub(super) fn rank(&self, text: &str) -> Option<u8> {
        let text = fold(text);
        match text.strip_prefix(&self.0) {
            Some(_) if self.is_empty() => Some(0),
            Some(rest) if rest.chars().next().is_none_or(|c| !c.is_alphanumeric()) => Some(0),
            Some(_) => Some(1),
            None => self.0.split_whitespace().all(|word| begins_a_word(&text, word)).then_some(2),
        }
    }
}

fn begins_a_word(text: &str, word: &str) -> bool {
    let mut inside = false;
    text.char_indices().any(|(at, c)| {
        let was_inside = inside;
        inside = c.is_alphanumeric();
        !was_inside && text[at..].starts_with(word)
    })
}

/// Of the letters from `à` to `ſ`.
const PLAIN: &[u8; 160] = b"aaaaaaaceeeeiiiidnooooo?ouuuuytyaaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

/// As people type it who leave accents out.
fn fold(text: &str) -> String {
    let plain = |c: char| match c {
        '\u{300}'..='\u{36f}' => None,
        '÷' => Some(c),
        'à'..='ſ' => Some(char::from(PLAIN[u32::from(c) as usize - 0xe0])),
        'ё' => Some('е'),
        'й' => Some('и'),
        c => Some(c),
    };
    text.to_lowercase().chars().filter_map(plain).collect()
}
