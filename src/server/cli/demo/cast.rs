//! Who is in the demo, and where they talk.

use super::chatterer::Script;
use crate::protocol::{ConversationKind, UserId};

/// The first is the one whose eyes the demo is made for.
pub(super) const PEOPLE: [&str; 50] = [
    "ada",
    "ben",
    "cleo",
    "Жанна",
    "李娜",
    "佐藤",
    "يوسف",
    "נועה",
    "priya",
    "김민준",
    "Ελένη",
    "zoë",
    "olu",
    "Şirin",
    "łukasz",
    "maría",
    "joão",
    "Søren",
    "Anaïs",
    "Владимир",
    "สมชาย",
    "nguyễn",
    "राधा",
    "محمد",
    "דוד",
    "kwame",
    "Ingrid",
    "tomasz",
    "Björk",
    "Müge",
    "Олена",
    "王芳",
    "田中",
    "박서연",
    "Νίκος",
    "leïla",
    "Chidi",
    "Amara",
    "Jürgen",
    "françoise",
    "Mateo",
    "Aiko",
    "Rana",
    "Yusuf",
    "Tala",
    "Ewa",
    "Petr",
    "Ilse",
    "Kofi",
    "grace",
];

/// A conversation of the demo.
pub(super) struct Place {
    pub(super) kind: ConversationKind,
    pub(super) title: Option<&'static str>,
    pub(super) topic: Option<&'static str>,
    pub(super) open: bool,
    /// Places in [`PEOPLE`]; none is everyone. The first made it.
    pub(super) people: &'static [usize],
    pub(super) script: Script,
    /// Of a thousand messages; the first takes what is left.
    weight: u64,
    /// What the first of its people has not read.
    pub(super) unread: usize,
}

impl Place {
    pub(super) fn members(&self, people: &[UserId]) -> Vec<UserId> {
        if self.people.is_empty() { people.to_vec() } else { self.people.iter().map(|&place| people[place]).collect() }
    }
}

const fn room(
    title: &'static str,
    topic: &'static str,
    people: &'static [usize],
    script: Script,
    weight: u64,
    unread: usize,
) -> Place {
    let (title, topic) = (Some(title), Some(topic));
    Place { kind: ConversationKind::Room, title, topic, open: true, people, script, weight, unread }
}

const fn group(title: Option<&'static str>, people: &'static [usize], script: Script, weight: u64) -> Place {
    Place { kind: ConversationKind::Group, title, topic: None, open: false, people, script, weight, unread: 0 }
}

const fn direct(people: &'static [usize], script: Script, weight: u64, unread: usize) -> Place {
    Place { kind: ConversationKind::Direct, title: None, topic: None, open: false, people, script, weight, unread }
}

pub(super) const CONVERSATIONS: [Place; 20] = [
    room("Lobby", "Everybody is here", &[], Script::Mixed, 0, 12),
    room("Engineering", "What we build, and what broke", &[0, 1, 2, 3, 8, 11, 14, 26, 38], Script::Mixed, 80, 3),
    room("Kitchen", "Lunch, recipes, leftovers", &[2, 0, 5, 12, 15, 33, 40], Script::Latin, 60, 0),
    room("Кафе", "Разговоры обо всём", &[3, 0, 19, 30, 46], Script::Cyrillic, 40, 2),
    room("ديوانية", "أحاديث المساء", &[6, 0, 23, 42, 43, 44], Script::Arabic, 40, 1),
    room("茶馆", "随便聊聊", &[4, 0, 31], Script::Han, 30, 0),
    room("居酒屋", "仕事のあとで", &[5, 0, 32, 41], Script::Japanese, 30, 0),
    room("Design", "Type, colour, and the space between", &[11, 0, 17, 18, 39], Script::Latin, 30, 0),
    group(Some("Trip to Porto"), &[0, 16, 15, 40], Script::Latin, 20),
    group(Some("טיול בצפון"), &[7, 0, 24], Script::Hebrew, 15),
    group(Some("Παρέα"), &[10, 0, 34], Script::Greek, 15),
    group(None, &[0, 1, 2], Script::Mixed, 15),
    group(None, &[9, 0, 33, 20], Script::Korean, 15),
    direct(&[0, 1], Script::Latin, 20, 1),
    direct(&[0, 2], Script::Mixed, 15, 0),
    direct(&[0, 3], Script::Cyrillic, 10, 0),
    direct(&[0, 6], Script::Arabic, 10, 4),
    direct(&[0, 8], Script::Devanagari, 10, 0),
    direct(&[0, 20], Script::Thai, 5, 0),
    direct(&[0, 7], Script::Hebrew, 5, 0),
];

/// How many messages each conversation has of so many.
pub(super) fn shares(messages: u64) -> [u64; CONVERSATIONS.len()] {
    let base = messages.min(100_000);
    let mut shares = CONVERSATIONS.map(|place| base * place.weight / 1000);
    shares[0] = messages - shares.iter().sum::<u64>();
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::name;

    #[test]
    fn everybody_has_a_name_of_their_own_and_each_share_counts() {
        for person in PEOPLE {
            name::check(person).unwrap();
        }
        let folded: std::collections::HashSet<_> =
            PEOPLE.iter().map(|name| crate::server::auth::name::fold(name)).collect();
        assert_eq!(folded.len(), PEOPLE.len());
        for messages in [0, 1, 999, 100_000, 2_000_000] {
            assert_eq!(shares(messages).iter().sum::<u64>(), messages);
        }
        assert!(shares(2_000_000)[0] > 1_900_000);
    }
}
