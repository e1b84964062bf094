//! When two names are the same name.

use caseless::Caseless;
use unicode_normalization::UnicodeNormalization;

/// The form in which a name must be unique: NFKC, then Unicode's default case folding, then NFKC again, as folding may
/// leave a text that is not normalised (Unicode Standard, 3.13).
#[must_use]
pub fn fold(name: &str) -> String {
    name.nfkc().default_case_fold().nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded() {
        let same = [
            ("Ada", "ada"),
            ("STRASSE", "straße"),
            ("ﬁnn", "Finn"),
            ("Ａda", "ada"),
            ("e\u{301}mile", "Émile"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ];
        for (one, other) in same {
            assert_eq!(fold(one), fold(other), "{one} {other}");
        }
        for name in ["Ada", "ﬁnn", "Ǆ", "\u{345}", "İ"] {
            assert_eq!(fold(&fold(name)), fold(name), "folding twice is folding once: {name}");
        }
        assert_ne!(fold("ada"), fold("adа"), "Cyrillic а");
    }
}
