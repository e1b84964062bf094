use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Debug;

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Unreadable, read};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Shape {
    id: Id,
    count: u32,
    text: String,
    words: Cow<'static, str>,
    #[serde(default)]
    flag: bool,
    absent: Option<i64>,
    pair: Pair,
    list: Vec<Kind>,
    map: BTreeMap<String, i64>,
    answer: Result<(), Kind>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Id(i64);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Pair(Id, u32);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Kind {
    Bare,
    Holding(String),
    Both { id: Id, more: Option<bool> },
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(Kind::Bare),
        any::<String>().prop_map(Kind::Holding),
        (any::<i64>(), any::<Option<bool>>()).prop_map(|(id, more)| Kind::Both { id: Id(id), more }),
    ]
}

prop_compose! {
    fn shape()(
        id in any::<i64>(),
        count in any::<u32>(),
        text in any::<String>(),
        words in any::<String>(),
        flag in any::<bool>(),
        absent in any::<Option<i64>>(),
        pair in any::<(i64, u32)>(),
        list in prop::collection::vec(kind(), 0..4),
        map in prop::collection::btree_map(any::<String>(), any::<i64>(), 0..4),
        answer in prop_oneof![Just(Ok(())), kind().prop_map(Err)],
    ) -> Shape {
        Shape {
            id: Id(id), count, text, words: words.into(), flag, absent, pair: Pair(Id(pair.0), pair.1), list, map, answer,
        }
    }
}

proptest! {
    #[test]
    fn what_serde_json_writes_is_read(shape in shape()) {
        prop_assert_eq!(read::<Shape>(&serde_json::to_string(&shape).unwrap()), Ok(shape.clone()));
        prop_assert_eq!(read::<Shape>(&serde_json::to_string_pretty(&shape).unwrap()), Ok(shape));
    }

    #[test]
    fn whatever_comes_it_ends_with_an_answer(text in any::<String>(), json in r#"[\[\]{}",:0-9a-z\\ -]{0,40}"#) {
        for text in [text, json] {
            let (mine, theirs) = (read::<Vec<Kind>>(&text), serde_json::from_str::<Vec<Kind>>(&text));
            prop_assert!(theirs.is_err() || mine == Ok(theirs.unwrap()), "{text}");
        }
    }
}

fn check<T: Debug + PartialEq + for<'de> Deserialize<'de>>(cases: &[(&str, Result<T, Unreadable>)]) {
    for (text, expected) in cases {
        assert_eq!(read::<T>(text), *expected, "{text}");
    }
}

#[test]
fn texts() {
    let text = |text: &str| Ok(text.to_owned());
    check(&[
        (r#""""#, text("")),
        (r#" "Grüße" "#, text("Grüße")),
        (r#""\"\\\/\b\f\n\r\t""#, text("\"\\/\u{8}\u{c}\n\r\t")),
        (r#""a\u00e4b\ud83d\uDE00""#, text("aäb😀")),
        (r#""\ud83d""#, Err(Unreadable)),
        (r#""\ude00""#, Err(Unreadable)),
        (r#""\ud83d\u0041""#, Err(Unreadable)),
        (r#""\u00""#, Err(Unreadable)),
        (r#""\u00é""#, Err(Unreadable)),
        (r#""\x""#, Err(Unreadable)),
        (r#""open"#, Err(Unreadable)),
        (r#""a" "b""#, Err(Unreadable)),
        ("", Err(Unreadable)),
    ]);
}

#[test]
fn numbers() {
    check::<i64>(&[
        ("-9223372036854775808", Ok(i64::MIN)),
        ("9223372036854775808", Err(Unreadable)),
        ("1.0", Err(Unreadable)),
        ("1e3", Err(Unreadable)),
        ("-", Err(Unreadable)),
        ("\"1\"", Err(Unreadable)),
    ]);
    check::<u32>(&[("4294967295", Ok(u32::MAX)), ("4294967296", Err(Unreadable)), ("-1", Err(Unreadable))]);
}

#[test]
fn arrays_end_where_their_shape_ends() {
    let pair = Ok(Pair(Id(1), 2));
    check(&[
        ("[1,2]", pair.clone()),
        (" [ 1 , 2 ] ", pair),
        ("[1]", Err(Unreadable)),
        ("[1,2,3]", Err(Unreadable)),
        ("[1,2,]", Err(Unreadable)),
        ("[1 2]", Err(Unreadable)),
        ("[1,2", Err(Unreadable)),
    ]);
}

#[test]
fn what_is_not_known_is_left() {
    let both = Ok(Kind::Both { id: Id(1), more: None });
    check(&[
        (r#"{"Both":{"new":{"a":[1,-2.5e-3,"]}",null,true]},"id":1}}"#, both),
        (r#"{"Both":{"id":1,"id":2}}"#, Err(Unreadable)),
        (r#"{"Both":{"more":true}}"#, Err(Unreadable)),
        (r#"{"Both":{"id":1,"new":}}"#, Err(Unreadable)),
        (r#""Other""#, Err(Unreadable)),
        (r#""Holding""#, Err(Unreadable)),
        (r#"{"Bare":null}"#, Ok(Kind::Bare)),
    ]);
    let deep = format!("{{\"Both\":{{\"id\":1,\"new\":{}}}}}", "[".repeat(100_000));
    assert_eq!(read::<Kind>(&deep), Err(Unreadable));
}

#[test]
fn a_raw_value_is_the_text_as_it_stands() {
    #[derive(Deserialize)]
    struct Holds<'a> {
        #[serde(borrow)]
        one: Option<&'a RawValue>,
        all: Vec<Box<RawValue>>,
    }
    let holds: Holds<'_> = read(r#"{"one": {"a": [1, "}"]} , "all":[ 1, "two" ,{}]}"#).unwrap();
    assert_eq!(holds.one.unwrap().get(), r#"{"a": [1, "}"]}"#);
    assert_eq!(holds.all.iter().map(|raw| raw.get()).collect::<Vec<_>>(), ["1", "\"two\"", "{}"]);
    assert!(read::<Holds<'_>>(r#"{"all":[]}"#).unwrap().one.is_none());
}
