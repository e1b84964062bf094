//! What the browser reads, read with little code: a reader for serde that says no more than that it could not.
//!
//! serde_json words every mistake and reads every shape in every way that there is, which costs the first load some
//! 20 kB. This one takes what serde_json writes of the protocol's own shapes: structs as objects, whole numbers of 64
//! bits at most, and text. It trusts its writer in the rest, so a document that is not JSON may be read all the same;
//! the server reads what comes from outside with serde_json.

mod access;
mod scan;

use serde::de::{Deserialize, Deserializer, Visitor};
use serde::forward_to_deserialize_any;

use self::access::{Items, Raw, Variant};

/// The text is not of the expected form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

/// Reads `text` to its end.
///
/// # Errors
///
/// The text is not of the form of `T`.
pub fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, Unreadable> {
    let mut reader = Reader { text, at: 0 };
    let value = T::deserialize(&mut reader)?;
    if reader.peek().is_some() { Err(Unreadable) } else { Ok(value) }
}

struct Reader<'de> {
    text: &'de str,
    /// Up to where it was read, in bytes.
    at: usize,
}

impl<'de> Reader<'de> {
    /// What stands between `open` and `close`, with commas between its parts.
    fn items<V>(
        &mut self,
        [open, close]: [u8; 2],
        visit: impl FnOnce(&mut Items<'_, 'de>) -> Result<V, Unreadable>,
    ) -> Result<V, Unreadable> {
        self.expect(open)?;
        let mut items = Items::new(self, close);
        let value = visit(&mut items)?;
        items.end()?;
        Ok(value)
    }
}

macro_rules! whole_numbers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
            visitor.visit_i64(self.number()?)
        })*
    };
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Unreadable;

    whole_numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let value = self.takes("true");
        if value || self.takes("false") { visitor.visit_bool(value) } else { Err(Unreadable) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if self.takes("null") { visitor.visit_unit() } else { Err(Unreadable) }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if self.takes("null") { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_string(self.string()?.into_owned())
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_str(&self.string()?)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.items([b'[', b']'], |items| visitor.visit_seq(items))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.items([b'{', b'}'], |items| visitor.visit_map(items))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_map(visitor)
    }

    /// serde_json's `RawValue` asks for itself by a name of its own; no other newtype is told from what it holds.
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        if name == access::RAW { visitor.visit_map(Raw::of(self)?) } else { visitor.visit_newtype_struct(self) }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        let bare = self.peek() == Some(b'"');
        if !bare {
            self.expect(b'{')?;
        }
        let value = visitor.visit_enum(Variant::new(self, bare))?;
        if !bare {
            self.expect(b'}')?;
        }
        Ok(value)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.skip()?;
        visitor.visit_unit()
    }

    /// Nothing of the protocol asks what comes.
    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Unreadable> {
        Err(Unreadable)
    }

    forward_to_deserialize_any! { i128 u128 f32 f64 char str bytes byte_buf unit_struct }
}

#[cfg(test)]
mod tests;
