//! What it reads, and what it refuses, beside serde_json.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::*;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Shape {
    Nothing,
    One(Option<bool>),
    Many {
        pairs: Vec<(i64, String)>,
        #[serde(default)]
        marked: bool,
    },
    Told(Result<BTreeMap<String, u32>, String>),
}

#[test]
fn it_reads_what_serde_json_writes() {
    let text = "a\"b\\c/\n\t\u{8}\u{1}é😀<".to_owned();
    let map = BTreeMap::from([("k".to_owned(), 7), (text.clone(), u32::MAX)]);
    let shapes = vec![
        Shape::Nothing,
        Shape::One(None),
        Shape::One(Some(true)),
        Shape::Many { pairs: vec![(i64::MIN, text), (i64::MAX, String::new())], marked: true },
        Shape::Told(Ok(map)),
        Shape::Told(Err("no".into())),
    ];
    for json in [serde_json::to_string(&shapes).unwrap(), serde_json::to_string_pretty(&shapes).unwrap()] {
        assert_eq!(read::<Vec<Shape>>(&json), Ok(shapes.clone()), "{json}");
    }
}

#[test]
fn it_agrees_with_serde_json() {
    let texts = [
        r#"{"Many":{"pairs":[[1,"\ud83d\ude00\u00e9\/"]],"new":{"a":[1.5e3,null,"}",{}],"b":false}}}"#,
        r#"{"Many":{"pairs":[]}} "#,
        r#""Nothing""#,
        r#"{"Many":{}}"#,
        r#"{"Many":{"pairs":[[1]]}}"#,
        r#"{"Many":{"pairs":[[1,"a",2]]}}"#,
        r#"{"Many":{"pairs":[[1.5,"a"]]}}"#,
        r#"{"Many":{"pairs":[[1,"a"],]}}"#,
        r#"{"Many":{"pairs":[[1,"\ud83d"]]}}"#,
        r#"{"Many":{"pairs":[[1,"\ude00"]]}}"#,
        r#"{"Many":{"pairs":[[1,"\ud83d\u0041"]]}}"#,
        r#"{"Many":{"pairs":[[1,"\x"]]}}"#,
        "{\"Many\":{\"pairs\":[[1,\"\n\"]]}}",
        r#"{"Told":{"Ok":{"a":-1}}}"#,
        r#"{"Told":{"Ok":{"a":4294967296}}}"#,
        r#"{"Other":1}"#,
        r#"{"One":tru}"#,
        r#"{"One":true"#,
        r#"{"One":true}}"#,
        r#"{"Many":{"pairs":[],"new":}}"#,
        r#"{"Many":{"pairs":[],"new":["#,
        "é",
        "",
    ];
    for text in texts {
        assert_eq!(read::<Shape>(text).ok(), serde_json::from_str(text).ok(), "{text}");
    }
}

#[test]
fn a_part_can_stay_as_it_is_written() {
    let text = r#" [ {"a" : [1, "]"]} ,null]"#;
    let parts = [r#"{"a" : [1, "]"]}"#, "null"];
    let borrowed: Vec<&RawValue> = read(text).unwrap();
    let owned: Vec<Box<RawValue>> = read(text).unwrap();
    assert_eq!(borrowed.iter().map(|part| part.get()).collect::<Vec<_>>(), parts);
    assert_eq!(owned.iter().map(|part| part.get()).collect::<Vec<_>>(), parts);
}
