//! What stands in the lines of a paragraph: code, links, mentions, and runs of marks for `emphasis`.
//!
//! One pass from left to right. A backslash keeps a mark from being one, and only before marks, so that paths and shrugs
//! stay whole.

use super::emphasis::{Run, Token, resolve};
use super::{Inline, link};
use crate::protocol::mention;

/// Ends of code are looked for by how many backticks there are; more than these are text.
const TICKS: usize = 16;

pub(super) fn inlines(text: &str) -> Vec<Inline> {
    let mut scan = Scan { text, at: 0, from: 0, tokens: Vec::new(), brackets: Vec::new(), unclosed: [false; TICKS] };
    while let Some(ahead) = text[scan.at..].bytes().position(is_special) {
        scan.at += ahead;
        scan.special();
    }
    scan.flush(text.len());
    resolve(scan.tokens)
}

fn is_special(byte: u8) -> bool {
    matches!(byte, b'*' | b'_' | b'~' | b'`' | b'[' | b']' | b'@' | b'\\' | b':')
}

struct Scan<'t> {
    text: &'t str,
    at: usize,
    /// Where the text begins that is no token yet.
    from: usize,
    tokens: Vec<Token>,
    /// Tokens that may begin a link's text.
    brackets: Vec<usize>,
    /// Of how many backticks there is no end further on.
    unclosed: [bool; TICKS],
}

impl Scan<'_> {
    /// Makes a token of the text up to `end`.
    fn flush(&mut self, end: usize) {
        if self.from < end {
            self.tokens.push(Token::Text(self.text[self.from..end].to_owned()));
        }
        self.from = self.from.max(end);
    }

    /// A node in the place of `begin..end`.
    fn node(&mut self, begin: usize, end: usize, node: Inline) {
        self.flush(begin);
        self.tokens.push(Token::Node(node));
        (self.from, self.at) = (end, end);
    }

    fn before(&self) -> Option<char> {
        self.text[..self.at].chars().next_back()
    }

    /// At a byte that may be more than text. Goes on behind it in any case.
    fn special(&mut self) {
        let (begin, rest) = (self.at, &self.text[self.at..]);
        match rest.as_bytes()[0] {
            b'\\' => self.backslash(),
            b'`' => self.code(),
            b'[' => {
                self.flush(begin);
                self.brackets.push(self.tokens.len());
                self.at += 1;
                self.flush(begin + 1);
            }
            b']' => self.link(),
            b'@' => match mention::at_sign(self.before(), &rest[1..]) {
                Some((mention, long)) => self.node(begin, begin + 1 + long, Inline::Mention(mention)),
                None => self.at += 1,
            },
            b':' => {
                let scheme = link::scheme_before(self.text, begin).map(|long| begin - long);
                let found = scheme.filter(|scheme| *scheme >= self.from);
                match found.and_then(|begin| Some((begin, link::bare(&self.text[begin..])?))) {
                    Some((begin, (link, long))) => self.node(begin, begin + long, Inline::Link(link)),
                    None => self.at += 1,
                }
            }
            mark => {
                let count = rest.bytes().take_while(|byte| *byte == mark).count();
                let run = Run::new(mark, count, self.before(), rest[count..].chars().next());
                self.flush(begin);
                self.tokens.push(Token::Run(run));
                (self.from, self.at) = (begin + count, begin + count);
            }
        }
    }

    fn backslash(&mut self) {
        let begin = self.at;
        let line = self.text[..begin].rsplit('\n').next().unwrap_or_default().trim_start();
        let at_start = |mark: u8| match mark {
            b'-' | b'+' | b'>' => line.is_empty(),
            b'.' | b')' => (1..=9).contains(&line.len()) && line.bytes().all(|b| b.is_ascii_digit()),
            _ => false,
        };
        match self.text.as_bytes().get(begin + 1) {
            Some(b'*' | b'_' | b'~' | b'`' | b'[' | b']' | b'@' | b':') => {
                // The arm of a shrug stays on.
                let arm = usize::from(self.before() == Some('¯'));
                self.flush(begin + arm);
                (self.from, self.at) = (begin + 1, begin + 2);
            }
            Some(mark) if at_start(*mark) => {
                self.flush(begin);
                (self.from, self.at) = (begin + 1, begin + 2);
            }
            _ => self.at += 1,
        }
    }

    /// Backticks up to as many others. What is between them is nothing but text.
    fn code(&mut self) {
        let (begin, rest) = (self.at, &self.text[self.at..]);
        let count = rest.bytes().take_while(|byte| *byte == b'`').count();
        self.at += count;
        if count >= TICKS || self.unclosed[count] {
            return;
        }
        let mut at = count;
        while let Some(ahead) = rest[at..].find('`') {
            at += ahead;
            let end = rest[at..].bytes().take_while(|byte| *byte == b'`').count();
            if end == count {
                let code = &rest[count..at];
                // One space at each side, so that code may begin and end with a backtick.
                let inner = code.strip_prefix(' ').and_then(|code| code.strip_suffix(' '));
                let code = inner.filter(|inner| !inner.trim().is_empty()).unwrap_or(code);
                if code.trim().is_empty() {
                    self.at = begin + at + end;
                    return;
                }
                return self.node(begin, begin + at + end, Inline::Code(code.to_owned()));
            }
            at += end;
        }
        self.unclosed[count] = true;
    }

    /// At a `]`: the text of a link ends, if an address follows that may be one.
    fn link(&mut self) {
        let begin = self.at;
        self.at += 1;
        let Some(open) = self.brackets.pop() else { return };
        let Some((target, long)) = link::destination(&self.text[self.at..]) else { return };
        self.flush(begin);
        let mut inner = self.tokens.split_off(open);
        inner.remove(0);
        let text = unlinked(resolve(inner));
        let said = said(&text);
        if said.trim().is_empty() {
            // Nothing to press: as it was typed.
            self.tokens.push(Token::Text(format!("[{said}")));
            return;
        }
        // An image is a link to it.
        if let Some(Token::Text(before)) = self.tokens.last_mut().filter(|_| open > 0)
            && before.ends_with('!')
        {
            before.pop();
        }
        self.tokens.push(Token::Node(Inline::Link(target.with_text(&said, text))));
        // No link is in another.
        self.brackets.clear();
        (self.from, self.at) = (begin + 1 + long, begin + 1 + long);
    }
}

/// The same with no link and no mention in it.
fn unlinked(inlines: Vec<Inline>) -> Vec<Inline> {
    let mut flat = Vec::with_capacity(inlines.len());
    for inline in inlines {
        match inline {
            Inline::Link(link) => flat.extend(link.text),
            Inline::Mention(mention) => flat.push(Inline::Text(format!("@{}", mention.typed()))),
            Inline::Strong(inner) => flat.push(Inline::Strong(unlinked(inner))),
            Inline::Emphasis(inner) => flat.push(Inline::Emphasis(unlinked(inner))),
            Inline::Strike(inner) => flat.push(Inline::Strike(unlinked(inner))),
            plain => flat.push(plain),
        }
    }
    flat
}

fn said(inlines: &[Inline]) -> String {
    let mut said = String::new();
    super::write_inlines(inlines, &mut said);
    said
}
