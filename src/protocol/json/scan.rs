//! The text itself: what stands next, and where it ends.

use std::borrow::Cow;

use super::{Reader, Unreadable};
use crate::protocol::limits::JSON_DEPTH;

impl<'de> Reader<'de> {
    /// The next byte that is no white space, left where it is.
    pub(super) fn peek(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..)?;
        self.at += rest.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).count();
        self.byte()
    }

    /// The byte that stands here.
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Takes `word`, where it stands next.
    pub(super) fn takes(&mut self, word: &str) -> bool {
        let _next = self.peek();
        let here = self.text.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes()));
        self.at += if here { word.len() } else { 0 };
        here
    }

    pub(super) fn expect(&mut self, byte: u8) -> Result<(), Unreadable> {
        if self.peek() != Some(byte) {
            return Err(Unreadable);
        }
        self.at += 1;
        Ok(())
    }

    /// From `start` to where it was read.
    pub(super) fn since(&self, start: usize) -> Result<&'de str, Unreadable> {
        self.text.get(start..self.at).ok_or(Unreadable)
    }

    /// A whole number: a fraction or an exponent stays behind, and is nothing that may follow.
    pub(super) fn number(&mut self) -> Result<i64, Unreadable> {
        let _next = self.peek();
        let start = self.at;
        while matches!(self.byte(), Some(b'-' | b'0'..=b'9')) {
            self.at += 1;
        }
        self.since(start)?.parse().map_err(|_| Unreadable)
    }

    /// Text, borrowed where nothing in it is escaped.
    pub(super) fn string(&mut self) -> Result<Cow<'de, str>, Unreadable> {
        self.expect(b'"')?;
        let mut text = String::new();
        loop {
            let start = self.at;
            while !matches!(self.byte().ok_or(Unreadable)?, b'"' | b'\\') {
                self.at += 1;
            }
            let piece = self.since(start)?;
            self.at += 1;
            if self.text.as_bytes().get(self.at - 1) == Some(&b'\\') {
                text.push_str(piece);
                text.push(self.escaped()?);
            } else if text.is_empty() {
                return Ok(Cow::Borrowed(piece));
            } else {
                text.push_str(piece);
                return Ok(Cow::Owned(text));
            }
        }
    }

    /// What stands behind a backslash.
    fn escaped(&mut self) -> Result<char, Unreadable> {
        let byte = self.byte().ok_or(Unreadable)?;
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.unit()?;
                // The first half of a pair: the other is escaped behind it.
                let second =
                    if (0xD800..0xDC00).contains(&first) && self.takes("\\u") { Some(self.unit()?) } else { None };
                let mut units = char::decode_utf16([first].into_iter().chain(second));
                units.next().and_then(Result::ok).ok_or(Unreadable)?
            }
            _ => return Err(Unreadable),
        })
    }

    /// Four digits of an escaped UTF-16 unit.
    fn unit(&mut self) -> Result<u16, Unreadable> {
        let start = self.at;
        self.at += 4;
        u16::from_str_radix(self.since(start)?, 16).map_err(|_| Unreadable)
    }

    /// Reads over one value, whatever it is.
    pub(super) fn skip(&mut self) -> Result<(), Unreadable> {
        let mut depth = 0_usize;
        loop {
            match self.peek().ok_or(Unreadable)? {
                b'"' => drop(self.string()?),
                b'[' | b'{' if depth < JSON_DEPTH => {
                    self.at += 1;
                    depth += 1;
                }
                b']' | b'}' if depth > 0 => {
                    self.at += 1;
                    depth -= 1;
                }
                b',' | b':' if depth > 0 => self.at += 1,
                b'-' | b'+' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'E' => {
                    while matches!(self.byte(), Some(b'-' | b'+' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'E')) {
                        self.at += 1;
                    }
                }
                _ => return Err(Unreadable),
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }
}
