//! As much of XMPP over WebSocket (RFC 7395) as the load needs: a frame is one stanza, of which the first tag is read.

use memchr::memmem;

/// Where the rooms are.
pub const ROOMS: &str = "conference.localhost";
pub const OPEN: &str = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0'/>";
pub const BIND: &str =
    "<iq xmlns='jabber:client' type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";
pub const AVAILABLE: &str = "<presence xmlns='jabber:client'/>";

/// A stanza, split into its first tag's parts and what is inside.
#[derive(Debug, PartialEq)]
pub struct Stanza<'a> {
    pub name: &'a [u8],
    /// From behind the name to the tag's end.
    attributes: &'a [u8],
    inside: &'a [u8],
}

impl<'a> Stanza<'a> {
    pub fn read(text: &'a [u8]) -> Option<Self> {
        let text = text.strip_prefix(b"<")?;
        let (tag, inside) = text.split_at(memchr::memchr(b'>', text)?);
        let tag = tag.strip_suffix(b"/").unwrap_or(tag);
        let end = tag.iter().position(u8::is_ascii_whitespace).unwrap_or(tag.len());
        let (name, attributes) = tag.split_at(end);
        Some(Self { name, attributes, inside: &inside[1..] })
    }

    /// As it is written, in whichever quotes.
    pub fn attribute(&self, name: &str) -> Option<&'a [u8]> {
        let mut rest = self.attributes;
        loop {
            let (before, value) = rest.split_at(memchr::memchr(b'=', rest)?);
            let (quote, value) = value[1..].split_first()?;
            let (value, after) = value.split_at(memchr::memchr(*quote, value)?);
            if before.trim_ascii() == name.as_bytes() {
                return Some(value);
            }
            rest = &after[1..];
        }
    }

    pub fn is_error(&self) -> bool {
        self.attribute("type") == Some(b"error")
    }

    pub fn has(&self, inside: &str) -> bool {
        memmem::find(self.inside, inside.as_bytes()).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::Stanza;

    #[test]
    fn a_stanza_is_split_into_its_name_its_attributes_and_what_is_inside() {
        let text = b"<message xml:lang='en' to='u2@localhost/a=b' from=\"u1@localhost/it's\" id='~1.2~'><body>~1.2~</body></message>";
        let stanza = Stanza::read(text).unwrap();
        assert_eq!(stanza.name, b"message");
        for (name, value) in [("to", "u2@localhost/a=b"), ("from", "u1@localhost/it's"), ("id", "~1.2~")] {
            assert_eq!(stanza.attribute(name), Some(value.as_bytes()), "{name}");
        }
        // No part of another's name, and no value of another's.
        for name in ["lang", "a", "type"] {
            assert_eq!(stanza.attribute(name), None, "{name}");
        }
        assert!(stanza.has("<body>") && !stanza.has("<message") && !stanza.is_error());
    }

    #[test]
    fn a_stanza_may_be_empty_or_have_no_attributes() {
        for text in
            ["<presence from='u1@localhost/1' type='error'/>", "<presence from='u1@localhost/1' type='error' />"]
        {
            let stanza = Stanza::read(text.as_bytes()).unwrap();
            assert_eq!((stanza.name, stanza.attribute("from")), (&b"presence"[..], Some(&b"u1@localhost/1"[..])));
            assert!(stanza.is_error() && !stanza.has("/"), "{text}");
        }
        for text in ["<success>x</success>", "<success/>"] {
            let stanza = Stanza::read(text.as_bytes()).unwrap();
            assert_eq!((stanza.name, stanza.attribute("to")), (&b"success"[..], None));
        }
        assert_eq!(Stanza::read(b"no stanza"), None);
        assert_eq!(Stanza::read(b"<message to='"), None);
    }
}
