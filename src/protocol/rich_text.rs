//! What the text of a message means: paragraphs, code, quotes, lists, and what stands in a line.
//!
//! A part of Markdown, as people write it in a chat, and of our own making: the common library for it would be a fifth
//! of what a first visit loads. Both halves read a text by it, so what the server draws is what the browser expects,
//! and whom the server counts as mentioned is whom the page shows as such.
//!
//! A line break is a line break, and what is no markup is shown as it was typed: HTML, headings, indented text, tables,
//! footnotes and images, which become links. Nothing is looked up elsewhere in the text. Bounded in depth, and linear in
//! the text's length: no construct is tried again after it failed.

mod blocks;
mod emoji;
mod emphasis;
mod host;
mod inline;
mod link;
#[cfg(test)]
mod tests;

pub use emoji::is_large;

use super::limits::CONTENT_BYTES;
use super::mention::Mention;

/// Quotes and lists in each other; and as deep again what stands in a line. What is deeper stays as it was typed.
pub const DEPTH: usize = 6;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// Line breaks are in its texts.
    Paragraph(Vec<Inline>),
    Code {
        language: Option<String>,
        text: String,
    },
    Quote(Vec<Block>),
    List(Vec<Item>),
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// As it was typed, unless it would not be more than the one before. None where it is not numbered, as are then all
    /// others of the list.
    pub number: Option<u32>,
    pub blocks: Vec<Block>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inline {
    Text(String),
    Code(String),
    Strong(Vec<Inline>),
    Emphasis(Vec<Inline>),
    Strike(Vec<Inline>),
    Link(Link),
    Mention(Mention),
}

/// A link that may be followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// `http:`, `https:` or `mailto:`, with a host in ASCII; or the path of a conversation or message here.
    pub href: String,
    /// No link nor mention is among them.
    pub text: Vec<Inline>,
    /// Where it leads, to be shown beside a text that looks as if it led elsewhere.
    pub beside: Option<String>,
}

/// The text as a tree. A blank text has no blocks.
#[must_use]
pub fn parse(content: &str) -> Vec<Block> {
    // Twice what may be sent: nothing reads so far that was stored by another program.
    if is_plain(content) || content.len() > 2 * CONTENT_BYTES {
        return vec![Block::Paragraph(vec![Inline::Text(content.to_owned())])];
    }
    let lines: Vec<&str> = content.split('\n').collect();
    blocks::blocks(&lines, 0)
}

/// Whether nothing in it can be markup: most of what people write.
fn is_plain(content: &str) -> bool {
    let marks = |byte: u8| matches!(byte, b'*' | b'_' | b'~' | b'`' | b'[' | b'@' | b'\\' | b':' | b'\n');
    let begins = |byte: u8| matches!(byte, b'>' | b'-' | b'+' | b'0'..=b'9');
    let first = content.bytes().find(|byte| !matches!(byte, b' ' | b'\t'));
    first.is_some_and(|first| !begins(first)) && !content.bytes().any(marks)
}

/// The text without markup, a line for each of its lines.
#[must_use]
pub fn plain(content: &str) -> String {
    if is_plain(content) {
        return content.to_owned();
    }
    let mut text = String::with_capacity(content.len());
    write_blocks(&parse(content), &mut text);
    text.truncate(text.trim_end().len());
    text
}

/// The same on one line.
#[must_use]
pub fn plain_line(content: &str) -> String {
    if is_plain(content) { content.to_owned() } else { plain(content).replace(['\n', '\t'], " ") }
}

/// All that stands in its lines, in order: code is not among it, nor are the texts of links.
pub fn each_inline<'t>(blocks: &'t [Block], found: &mut dyn FnMut(&'t Inline)) {
    for block in blocks {
        match block {
            Block::Paragraph(inlines) => each_of(inlines, found),
            Block::Code { .. } => {}
            Block::Quote(blocks) => each_inline(blocks, found),
            Block::List(items) => items.iter().for_each(|item| each_inline(&item.blocks, found)),
        }
    }
}

fn each_of<'t>(inlines: &'t [Inline], found: &mut dyn FnMut(&'t Inline)) {
    for inline in inlines {
        found(inline);
        if let Inline::Strong(inner) | Inline::Emphasis(inner) | Inline::Strike(inner) = inline {
            each_of(inner, found);
        }
    }
}

fn write_blocks(blocks: &[Block], text: &mut String) {
    for block in blocks {
        match block {
            Block::Paragraph(inlines) => {
                write_inlines(inlines, text);
                text.push('\n');
            }
            Block::Code { text: code, .. } => {
                text.push_str(code);
                text.push('\n');
            }
            Block::Quote(blocks) => write_blocks(blocks, text),
            Block::List(items) => {
                for item in items {
                    if let Some(number) = item.number {
                        text.push_str(&format!("{number}. "));
                    }
                    write_blocks(&item.blocks, text);
                }
            }
        }
    }
}

/// What is read of them, without where links lead.
fn write_inlines(inlines: &[Inline], text: &mut String) {
    for inline in inlines {
        match inline {
            Inline::Text(plain) | Inline::Code(plain) => text.push_str(plain),
            Inline::Strong(inner) | Inline::Emphasis(inner) | Inline::Strike(inner) => write_inlines(inner, text),
            Inline::Link(link) => write_inlines(&link.text, text),
            Inline::Mention(mention) => {
                text.push('@');
                text.push_str(mention.typed());
            }
        }
    }
}
