//! How serde comes by the parts of a value, and what it is told when one is missing.

use std::fmt::{self, Display};

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, EnumAccess, Error, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::{Deserializer, de};

use super::{Reader, Unreadable};

/// The name by which serde_json's `RawValue` asks for text as it stands.
pub(super) const RAW: &str = "$serde_json::private::RawValue";

impl Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not of the expected form")
    }
}

impl std::error::Error for Unreadable {}

impl Error for Unreadable {
    /// Whatever it was: the sentence would bring all of its parts along.
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

/// The parts of an array or an object.
pub(super) struct Items<'a, 'de> {
    reader: &'a mut Reader<'de>,
    close: u8,
    begun: bool,
    ended: bool,
}

impl<'a, 'de> Items<'a, 'de> {
    pub(super) fn new(reader: &'a mut Reader<'de>, close: u8) -> Self {
        Self { reader, close, begun: false, ended: false }
    }

    /// Whether one more comes; if so, the reader stands before it.
    fn more(&mut self) -> Result<bool, Unreadable> {
        if self.reader.peek() == Some(self.close) {
            self.ended = true;
            self.reader.at += 1;
        } else if self.begun {
            self.reader.expect(b',')?;
        }
        self.begun = true;
        Ok(!self.ended)
    }

    /// Nothing may be left: who asked for a certain number of parts did not see the end.
    pub(super) fn end(&mut self) -> Result<(), Unreadable> {
        if self.ended || !self.more()? { Ok(()) } else { Err(Unreadable) }
    }
}

impl<'de> SeqAccess<'de> for &mut Items<'_, 'de> {
    type Error = Unreadable;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Unreadable> {
        if self.more()? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }
}

impl<'de> MapAccess<'de> for &mut Items<'_, 'de> {
    type Error = Unreadable;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unreadable> {
        if self.more()? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unreadable> {
        self.reader.expect(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}

/// A variant: its name alone, or `{NAME: CONTENT}`.
pub(super) struct Variant<'a, 'de> {
    reader: &'a mut Reader<'de>,
    bare: bool,
}

impl<'a, 'de> Variant<'a, 'de> {
    pub(super) fn new(reader: &'a mut Reader<'de>, bare: bool) -> Self {
        Self { reader, bare }
    }

    fn content(self) -> Result<&'a mut Reader<'de>, Unreadable> {
        if self.bare { Err(Unreadable) } else { Ok(self.reader) }
    }
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Unreadable;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Unreadable> {
        let name = seed.deserialize(&mut *self.reader)?;
        if !self.bare {
            self.reader.expect(b':')?;
        }
        Ok((name, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Unreadable;

    fn unit_variant(self) -> Result<(), Unreadable> {
        if self.bare || self.reader.takes("null") { Ok(()) } else { Err(Unreadable) }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Unreadable> {
        seed.deserialize(self.content()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unreadable> {
        self.content()?.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Unreadable> {
        self.content()?.deserialize_map(visitor)
    }
}

/// A value as it stands in the text, in the form in which `RawValue` takes it: an object with that name and the text.
pub(super) struct Raw<'de> {
    text: &'de str,
    told: bool,
}

impl<'de> Raw<'de> {
    pub(super) fn of(reader: &mut Reader<'de>) -> Result<Self, Unreadable> {
        let _next = reader.peek();
        let start = reader.at;
        reader.skip()?;
        Ok(Self { text: reader.since(start)?, told: false })
    }
}

impl<'de> MapAccess<'de> for Raw<'de> {
    type Error = Unreadable;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unreadable> {
        if std::mem::replace(&mut self.told, true) {
            return Ok(None);
        }
        let name: de::value::StrDeserializer<'_, Unreadable> = RAW.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unreadable> {
        seed.deserialize(BorrowedStrDeserializer::new(self.text))
    }
}
