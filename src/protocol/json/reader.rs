//! The place in the text, and what can stand there.

use std::borrow::Cow;
use std::mem::take;

use super::Unreadable;

pub(super) struct Reader<'de> {
    text: &'de str,
    at: usize,
}

impl<'de> Reader<'de> {
    pub(super) fn new(text: &'de str) -> Self {
        Self { text, at: 0 }
    }

    /// The next byte that is no space; 0 at the end.
    pub(super) fn peek(&mut self) -> u8 {
        while matches!(self.byte(), b' ' | b'\n' | b'\r' | b'\t') {
            self.at += 1;
        }
        self.byte()
    }

    fn byte(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or_default()
    }

    pub(super) fn end(&mut self) -> Result<(), Unreadable> {
        self.peek();
        if self.at == self.text.len() { Ok(()) } else { Err(Unreadable) }
    }

    #[inline(never)]
    pub(super) fn expect(&mut self, byte: u8) -> Result<(), Unreadable> {
        if self.peek() != byte {
            return Err(Unreadable);
        }
        self.at += 1;
        Ok(())
    }

    /// Whether something stands before the bracket that ends what is read.
    #[inline(never)]
    pub(super) fn is_more(&mut self, end: u8, is_first: &mut bool) -> Result<bool, Unreadable> {
        if self.peek() == end {
            return Ok(false);
        }
        if !take(is_first) {
            self.expect(b',')?;
        }
        Ok(true)
    }

    /// Takes `word`, where it comes next.
    #[inline(never)]
    pub(super) fn is_next(&mut self, word: &str) -> bool {
        self.peek();
        let is_next = self.text.as_bytes()[self.at..].starts_with(word.as_bytes());
        if is_next {
            self.at += word.len();
        }
        is_next
    }

    #[inline(never)]
    pub(super) fn number(&mut self) -> Result<i64, Unreadable> {
        self.word().parse().map_err(|_| Unreadable)
    }

    /// What stands before the next comma, bracket or space.
    fn word(&mut self) -> &'de str {
        self.peek();
        let start = self.at;
        while !matches!(self.byte(), 0 | b',' | b':' | b'"' | b'{' | b'}' | b'[' | b']' | b' ' | b'\n' | b'\r' | b'\t')
        {
            self.at += 1;
        }
        &self.text[start..self.at]
    }

    /// A name and its colon.
    #[inline(never)]
    pub(super) fn key(&mut self) -> Result<Cow<'de, str>, Unreadable> {
        let key = self.string()?;
        self.expect(b':').map(|()| key)
    }

    #[inline(never)]
    pub(super) fn string(&mut self) -> Result<Cow<'de, str>, Unreadable> {
        self.expect(b'"')?;
        let mut before = String::new();
        loop {
            let start = self.at;
            // Bytes below 32 must be written as escapes; 0 is the end, too.
            while !matches!(self.byte(), b'"' | b'\\' | 0..32) {
                self.at += 1;
            }
            let run = &self.text[start..self.at];
            let stop = self.byte();
            self.at += 1;
            match stop {
                b'"' if before.is_empty() => return Ok(Cow::Borrowed(run)),
                b'"' => return Ok(Cow::Owned(before + run)),
                b'\\' => {
                    before.push_str(run);
                    before.push(self.escaped()?);
                }
                _ => return Err(Unreadable),
            }
        }
    }

    fn escaped(&mut self) -> Result<char, Unreadable> {
        let byte = self.byte();
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.unit()?;
                // Outside of the first plane a character is written as two.
                let is_half = matches!(unit, 0xd800..0xdc00) && self.text[self.at..].starts_with("\\u");
                if is_half {
                    self.at += 2;
                }
                let second = if is_half { Some(self.unit()?) } else { None };
                let mut read = char::decode_utf16([unit].into_iter().chain(second));
                match (read.next(), read.next()) {
                    (Some(Ok(character)), None) => character,
                    _ => return Err(Unreadable),
                }
            }
            _ => return Err(Unreadable),
        })
    }

    /// The four digits behind a `\u`.
    fn unit(&mut self) -> Result<u16, Unreadable> {
        let digits = self.text.get(self.at..self.at + 4).ok_or(Unreadable)?;
        self.at += 4;
        u16::from_str_radix(digits, 16).map_err(|_| Unreadable)
    }

    /// Passes over one value.
    #[inline(never)]
    pub(super) fn skip(&mut self) -> Result<(), Unreadable> {
        let mut depth = 0;
        loop {
            match self.peek() {
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' if depth > 0 => {
                    depth -= 1;
                    self.at += 1;
                }
                b',' | b':' if depth > 0 => self.at += 1,
                b'"' => drop(self.string()?),
                _ if self.word().is_empty() => return Err(Unreadable),
                _ => {}
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// The next value as it is written.
    #[inline(never)]
    pub(super) fn raw(&mut self) -> Result<&'de str, Unreadable> {
        self.peek();
        let start = self.at;
        self.skip()?;
        Ok(&self.text[start..self.at])
    }
}
