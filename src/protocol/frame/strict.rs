//! JSON as the protocol wants it: no key twice in an object, no deep nesting.
//!
//! serde_json keeps the last of two equal keys, so two readers of one frame could see two different
//! frames; here the frame is refused.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::protocol::limits::JSON_DEPTH;

/// Whether `text` is one JSON value without double keys and within [`JSON_DEPTH`].
pub(super) fn check(text: &str) -> Result<(), serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    Value { depth: 0 }.deserialize(&mut reader)?;
    reader.end()
}

/// Reads and forgets one value, `depth` levels below the top.
struct Value {
    depth: usize,
}

impl Value {
    fn deeper<E: Error>(&self) -> Result<usize, E> {
        if self.depth < JSON_DEPTH { Ok(self.depth + 1) } else { Err(E::custom("nested too deep")) }
    }
}

impl<'de> DeserializeSeed<'de> for Value {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let depth = self.deeper()?;
        while seq.next_element_seed(Value { depth })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let depth = self.deeper()?;
        let mut seen = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if !seen.insert(key) {
                return Err(A::Error::custom("a key stands twice"));
            }
            map.next_value_seed(Value { depth })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strictness() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        let cases = [
            (r#"{"op":"HEARTBEAT"}"#.to_owned(), true),
            (r#"{"a":{"b":[1,2.5,-3,null,true,"x"]}}"#.to_owned(), true),
            (r#"{"op":"A","op":"B"}"#.to_owned(), false),
            (r#"{"d":{"x":1,"\u0078":2}}"#.to_owned(), false),
            (r#"{"op":"A"} {"op":"B"}"#.to_owned(), false),
            ("{".to_owned(), false),
            (String::new(), false),
            (nested(JSON_DEPTH), true),
            (nested(JSON_DEPTH + 1), false),
            (nested(10_000), false),
            ("[".repeat(60_000), false),
            (r#"{"token":"\ud800"}"#.to_owned(), false),
        ];
        for (text, good) in cases {
            assert_eq!(check(&text).is_ok(), good, "{text:.60}");
        }
    }
}
