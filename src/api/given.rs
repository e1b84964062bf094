//! A field that may be left out of a form, where empty is something else than left out.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// None: it was left out. An `Option` alone is none for what is empty, too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Given(pub Option<String>);

impl Serialize for Given {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Some(text)))
    }
}
