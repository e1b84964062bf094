//! Whom a text calls by name.

use crate::protocol::mention::{Mention, mentions};
use crate::server::auth::name::fold;
use crate::server::store::Called;

/// Names in one message that count; those beyond are shown as all are, and nobody hears of it.
const NAMES: usize = 50;

/// As names are compared; everybody, where a text calls all.
#[must_use]
pub fn called(content: &str) -> Called {
    let mut names = Vec::new();
    for mention in mentions(content) {
        let Mention::Name(name) = mention else { return Called::Everybody };
        let name = fold(&name);
        if names.len() < NAMES && !names.contains(&name) {
            names.push(name);
        }
    }
    Called::Names(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_once_and_everybody_alone() {
        let names = |names: &[&str]| Called::Names(names.iter().map(|name| (*name).to_owned()).collect());
        assert_eq!(called("hello"), Called::default());
        assert_eq!(called("@Ada and @ADA, with @ben: `@cy`"), names(&["ada", "ben"]));
        assert_eq!(called("@ada, @all"), Called::Everybody);
        let crowd: String = (0..60).map(|n| format!("@u{n}x ")).collect();
        let Called::Names(crowd) = called(&crowd) else { panic!("names alone") };
        assert_eq!(crowd.len(), NAMES);
    }
}
