//! Lines to blocks: fenced code, quotes, lists, paragraphs.
//!
//! A line belongs to a quote or an item only if it says so itself, by its `>` or by standing further in: no paragraph
//! goes on in the next line as if the mark were there.

use super::{Block, DEPTH, Item, inline};

/// The least that a line stands further in than an item's mark to belong to it.
const INSIDE: usize = 2;

pub(super) fn blocks(lines: &[&str], depth: usize) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut begun = 0;
    let mut at = 0;
    while at < lines.len() {
        let is_fresh = begun == at;
        let (block, next) = match is_blank(lines[at]) {
            true => (None, at + 1),
            false => match special(lines, at, depth, is_fresh) {
                Some((block, next)) => (Some(block), next),
                None => {
                    at += 1;
                    continue;
                }
            },
        };
        paragraph(&lines[begun..at], &mut blocks);
        blocks.extend(block);
        (begun, at) = (next, next);
    }
    paragraph(&lines[begun..], &mut blocks);
    blocks
}

fn paragraph(lines: &[&str], blocks: &mut Vec<Block>) {
    if !lines.is_empty() {
        let text = lines.join("\n");
        blocks.push(Block::Paragraph(inline::inlines(text.trim_end())));
    }
}

/// What begins at this line, if it is no paragraph, and the line after it.
fn special(lines: &[&str], at: usize, depth: usize, is_fresh: bool) -> Option<(Block, usize)> {
    fenced(lines, at).or_else(|| {
        let deeper = depth < DEPTH;
        deeper.then(|| quote(lines, at, depth).or_else(|| list(lines, at, depth, is_fresh)))?
    })
}

fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

/// How many columns a line stands in, a tab reaching to the next fourth, and what stands there.
fn indented(line: &str) -> (usize, &str) {
    let mut columns = 0;
    for (at, c) in line.char_indices() {
        match c {
            ' ' => columns += 1,
            '\t' => columns = (columns / 4 + 1) * 4,
            _ => return (columns, &line[at..]),
        }
    }
    (columns, "")
}

/// The line without so many columns of the white space that it begins with.
fn dedented(line: &str, columns: usize) -> &str {
    let mut passed = 0;
    for (at, c) in line.char_indices() {
        if passed >= columns || !matches!(c, ' ' | '\t') {
            return &line[at..];
        }
        passed = if c == ' ' { passed + 1 } else { (passed / 4 + 1) * 4 };
    }
    ""
}

fn fenced(lines: &[&str], at: usize) -> Option<(Block, usize)> {
    let (columns, rest) = indented(lines[at]);
    let mark = rest.chars().next().filter(|c| matches!(c, '`' | '~') && columns < 4)?;
    let said = rest.trim_start_matches(mark);
    let fence = &rest[..rest.len() - said.len()];
    let said = said.trim();
    // With another in its own line it is code within the line.
    if fence.len() < 3 || said.contains('`') {
        return None;
    }
    let is_language = !said.contains(char::is_whitespace) && said.len() <= 24;
    let mut code: Vec<&str> = if is_language { Vec::new() } else { vec![said] };
    let mut next = at + 1;
    while let Some(&line) = lines.get(next) {
        next += 1;
        let line = dedented(line, columns);
        let before = line.trim_end().trim_end_matches(mark);
        if line.trim_end().len() - before.len() >= fence.len() {
            // People close it behind the last line of code, too.
            if !is_blank(before) {
                code.push(before);
            }
            break;
        }
        code.push(line);
    }
    while code.last().is_some_and(|line| is_blank(line)) {
        code.pop();
    }
    // Three marks and nothing in them are no code.
    let language = (is_language && !said.is_empty()).then(|| said.to_owned());
    (!code.is_empty()).then(|| (Block::Code { language, text: code.join("\n") }, next))
}

/// What stands behind the mark of a quote. `>_<` is none.
fn quoted(line: &str) -> Option<&str> {
    let (columns, rest) = indented(line);
    let rest = rest.strip_prefix('>').filter(|_| columns < 4)?;
    match rest.chars().next() {
        None => Some(rest),
        Some(' ') => Some(&rest[1..]),
        Some('>') => quoted(rest).map(|_| rest),
        Some(_) => None,
    }
}

fn quote(lines: &[&str], at: usize, depth: usize) -> Option<(Block, usize)> {
    // A quote of nothing is text.
    quoted(lines[at]).filter(|line| !line.trim_matches(['>', ' ', '\t']).is_empty())?;
    let inner: Vec<&str> = lines[at..].iter().map_while(|line| quoted(line)).collect();
    Some((Block::Quote(blocks(&inner, depth + 1)), at + inner.len()))
}

struct Mark<'l> {
    number: Option<u32>,
    columns: usize,
    /// Where its text begins.
    width: usize,
    text: &'l str,
}

/// A line that begins an item. A mark with nothing behind it is text.
fn mark(line: &str) -> Option<Mark<'_>> {
    let (columns, rest) = indented(line);
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (number, long) = match rest.as_bytes().get(digits)? {
        b'-' | b'*' | b'+' if digits == 0 => (None, 1),
        b'.' | b')' if (1..=9).contains(&digits) => (Some(rest[..digits].parse().ok()?), digits + 1),
        _ => return None,
    };
    let behind = &rest[long..];
    let text = behind.strip_prefix([' ', '\t'])?;
    let (space, trimmed) = indented(text);
    // Four and more belong to the text, but for a list's mark in it nothing comes of them.
    let text = if space < 4 { trimmed } else { text };
    let width = columns + long + 1 + if space < 4 { space } else { 0 };
    (!is_blank(text)).then_some(Mark { number, columns, width, text })
}

fn list(lines: &[&str], at: usize, depth: usize, is_fresh: bool) -> Option<(Block, usize)> {
    let first = mark(lines[at])?;
    // A number in the midst of a paragraph is one that happens to begin a line.
    if !is_fresh && first.number.is_some_and(|number| number != 1) {
        return None;
    }
    let (base, is_numbered) = (first.columns, first.number.is_some());
    let mut items = Vec::new();
    let (mut number, mut width, mut inner) = (first.number, first.width, vec![first.text]);
    let mut next = at + 1;
    while next < lines.len() {
        let shown = (next..lines.len()).find(|line| !is_blank(lines[*line]));
        let Some(shown) = shown else { break };
        let line = lines[shown];
        let (columns, _) = indented(line);
        if columns >= base + INSIDE {
            inner.extend((next..shown).map(|_| ""));
            inner.push(dedented(line, width));
        } else if let Some(other) = mark(line).filter(|other| other.number.is_some() == is_numbered) {
            items.push(Item { number, blocks: blocks(&inner, depth + 1) });
            let following = number.map(|number| number.saturating_add(1));
            (number, width, inner) = (other.number.max(following), other.width, vec![other.text]);
        } else {
            break;
        }
        next = shown + 1;
    }
    items.push(Item { number, blocks: blocks(&inner, depth + 1) });
    Some((Block::List(items), next))
}
