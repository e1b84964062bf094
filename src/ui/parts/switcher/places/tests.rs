//! What is found of conversations, people and rooms, and in which order.

use super::*;
use crate::protocol::{Level, Mine, Seq};

const ME: UserId = UserId(1);

fn person(id: i64, name: &str, display: &str) -> UserRef {
    UserRef { display: (!display.is_empty()).then(|| display.to_owned()), ..UserRef::new(UserId(id), name) }
}

fn listed(id: i64, title: &str, others: &[UserRef]) -> ConversationSummary {
    let kind = match (title.is_empty(), others) {
        (true, [_]) => ConversationKind::Direct,
        (_, []) => ConversationKind::Room,
        _ => ConversationKind::Group,
    };
    let members = [&[UserRef::new(ME, "me")], others].concat();
    let title = (!title.is_empty()).then(|| title.to_owned());
    ConversationSummary {
        conversation: Conversation::new(ConversationId(id), kind, title, members),
        last_seq: Seq(1),
        read_seq: Seq(1),
        unread: 0,
        mentions: 0,
        active_ms: 1_000 - id,
        preview: None,
        mine: Mine::default(),
    }
}

fn names(places: &[Place]) -> Vec<&str> {
    places.iter().map(|place| place.name.as_str()).collect()
}

#[test]
fn conversations_are_found_by_title_and_by_who_is_in_them() {
    let (ada, zoe) = (person(2, "countess", "Ada Lovelace"), person(3, "zoë.d", ""));
    let all = [
        listed(1, "", std::slice::from_ref(&ada)),
        listed(2, "Ice cream & the Adagio", &[zoe.clone(), person(4, "bob", "")]),
        listed(3, "", &[zoe, person(5, "ada", "")]),
        listed(4, "Straße nach Łódź", &[]),
        listed(5, "Ёлка", &[]),
        listed(6, "me too", &[]),
    ];
    let (lovelace, ice, zoe_ada, street) = ("Ada Lovelace", "Ice cream & the Adagio", "zoë.d, ada", "Straße nach Łódź");
    let cases: [(&str, &[&str]); 16] = [
        ("", &[lovelace, ice, zoe_ada, street, "Ёлка", "me too"]),
        ("ADA", &[lovelace, ice, zoe_ada]),
        ("@countess", &[lovelace]),
        (" love  ada ", &[lovelace]),
        ("lace", &[]),
        ("zoe", &[zoe_ada, ice]),
        ("Zoë", &[zoe_ada, ice]),
        ("d", &[ice, zoe_ada]),
        ("bob", &[ice]),
        ("lodz", &[street]),
        ("łod", &[street]),
        ("nach str", &[street]),
        ("елка", &["Ёлка"]),
        ("me", &["me too"]),
        ("cream bob", &[ice]),
        ("cream rob", &[]),
    ];
    for (typed, expected) in cases {
        assert_eq!(names(&recall(&all, ME, typed)), expected, "{typed:?}");
    }
}

#[test]
fn the_latest_stand_first_and_unread_ones_before_them_until_something_is_typed() {
    let unread = |id, title, unread, mine| ConversationSummary { unread, mine, ..listed(id, title, &[]) };
    let pinned = Mine { pinned: true, ..Mine::default() };
    let marked = Mine { marked: true, ..Mine::default() };
    let muted = Mine { level: Level::Nothing, ..Mine::default() };
    let all = [
        unread(9, "tea pinned", 0, pinned),
        unread(1, "tea", 0, Mine::default()),
        unread(2, "tea muted", 3, muted),
        unread(3, "tea unread", 3, Mine::default()),
        unread(4, "teapots", 0, Mine::default()),
        unread(5, "tea marked", 0, marked),
    ];
    let recent = recall(&all, ME, "");
    assert_eq!(names(&recent), ["tea unread", "tea marked", "tea", "tea muted", "teapots", "tea pinned"]);
    assert_eq!(recent.iter().filter(|place| place.is_unread).count(), 2);
    assert_eq!(
        names(&recall(&all, ME, "tea")),
        ["tea", "tea muted", "tea unread", "tea marked", "tea pinned", "teapots"],
        "whole words before others"
    );
}

#[test]
fn of_thousands_a_few_are_shown_with_room_for_people_and_rooms() {
    let all: Vec<_> = (1..=5_000).map(|id| listed(id, &format!("Room {id}"), &[])).collect();
    assert_eq!(recall(&all, ME, "").len(), MOST);
    let mut found = recall(&all, ME, "ro");
    assert_eq!(names(&found)[..2], ["Room 1", "Room 2"]);
    assert_eq!(found.len(), KNOWN);
    let profile = |id| Profile {
        id: UserId(id),
        name: format!("ro{id}"),
        display: None,
        about: None,
        time_zone: None,
        created_ms: 0,
    };
    add_people(&mut found, (2..10).map(profile).collect());
    let room =
        |id| Room { id: ConversationId(id), title: format!("Room {id}"), topic: None, member_count: 1, joined: false };
    add_rooms(&mut found, (1..=5_000).map(room).collect());
    assert_eq!(found.len(), MOST);
}

#[test]
fn a_place_is_there_once_and_says_what_it_is() {
    let all = [listed(1, "", &[person(2, "ada", "Ada L.")]), listed(2, "Adagio", &[])];
    let mut found = recall(&all, ME, "ada");
    let profile = |id, name: &str| Profile {
        id: UserId(id),
        name: name.to_owned(),
        display: None,
        about: None,
        time_zone: None,
        created_ms: 0,
    };
    add_people(&mut found, vec![profile(2, "ada"), profile(3, "ada-ä")]);
    let room = |id, title: &str, joined| Room {
        id: ConversationId(id),
        title: title.to_owned(),
        topic: None,
        member_count: 1,
        joined,
    };
    add_rooms(&mut found, vec![room(2, "Adagio", true), room(3, "Ada & co", false), room(4, "Adam", true)]);
    let said: Vec<_> = found.iter().map(|p| (p.name.as_str(), p.hint.as_str(), p.href.as_str())).collect();
    let expected = [
        ("Ada L.", "@ada", "/c/1"),
        ("Adagio", text::ROOM_NOUN, "/c/2"),
        ("ada-ä", "", "/c?to=ada-%C3%A4"),
        ("Ada & co", text::OPEN_ROOM_NOUN, "/c/rooms?q=Ada+%26+co"),
        ("Adam", text::ROOM_NOUN, "/c/4"),
    ];
    assert_eq!(said, expected);
}
