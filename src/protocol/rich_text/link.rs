//! Addresses: which of them become links, and what is said about where they lead.
//!
//! `http:`, `https:` and `mailto:` do, and paths of what is here. Entities are not decoded and white space ends an
//! address, so that nothing turns into another scheme on its way. An address with a name before its host does not:
//! people would take the name for the host.

use super::host::{DOTS, to_ascii};
use super::{Inline, Link};
use crate::protocol::content::is_invisible;

/// Brackets in each other, in one address.
const NESTED: usize = 8;

/// Characters of a host and its port, or of somebody's address, at most.
const LONGEST: usize = 320;

/// An address that may become a link.
pub(super) struct Target {
    href: String,
    /// The host in ASCII; of `mailto:`, all that follows; none of a path.
    place: Option<String>,
    /// Whether it was typed in other letters.
    is_foreign: bool,
}

impl Target {
    /// Of an address as it was typed, all of it.
    fn of(typed: &str) -> Option<Self> {
        if typed.chars().any(|c| !fits(c)) {
            return None;
        }
        if is_path_here(typed) {
            return Some(Self { href: typed.to_owned(), place: None, is_foreign: false });
        }
        let (scheme, rest) = typed.split_once(':')?;
        let scheme = scheme.to_ascii_lowercase();
        match scheme.as_str() {
            "mailto" => {
                let is_address = rest.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
                is_address.then(|| Self {
                    href: format!("mailto:{rest}"),
                    place: Some(rest.to_owned()),
                    is_foreign: false,
                })
            }
            "http" | "https" => {
                let rest = rest.strip_prefix("//")?;
                let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
                let (authority, path) = rest.split_at(end);
                let (host, port) = match authority.rsplit_once(':') {
                    Some((host, port)) if !authority.ends_with(']') => (host, Some(port)),
                    _ => (authority, None),
                };
                if port.is_some_and(|port| port.len() > 5 || !port.bytes().all(|b| b.is_ascii_digit())) {
                    return None;
                }
                let ascii = to_ascii(host).or_else(|| is_ipv6(host).then(|| host.to_owned()))?;
                let port = port.filter(|port| !port.is_empty()).map(|port| format!(":{port}")).unwrap_or_default();
                let href = format!("{scheme}://{ascii}{port}{path}");
                Some(Self { href, place: Some(ascii), is_foreign: !host.is_ascii() })
            }
            _ => None,
        }
    }

    /// A link with a text of its own, which reads `said`.
    pub(super) fn with_text(self, said: &str, text: Vec<Inline>) -> Link {
        let lies = |place: &String| self.is_foreign || says_another(said, place);
        Link { href: self.href, text, beside: self.place.filter(lies) }
    }
}

/// What may stand in an address. What shows nothing, or turns the direction, may not.
fn fits(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !is_invisible(c) && !matches!(c, '<' | '>' | '"' | '\\')
}

/// `/c/7`, or `/c/7/12`.
fn is_path_here(typed: &str) -> bool {
    let Some(ids) = typed.strip_prefix("/c/") else { return false };
    let is_id = |id: &str| (1..=19).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit());
    ids.split('/').count() <= 2 && ids.split('/').all(is_id)
}

fn is_ipv6(host: &str) -> bool {
    let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    inner.is_some_and(|inner| inner.contains(':') && inner.bytes().all(|b| b.is_ascii_hexdigit() || b":.".contains(&b)))
}

/// What stands between the brackets behind a link's text, which `rest` begins with, and how long that is with them.
pub(super) fn destination(rest: &str) -> Option<(Target, usize)> {
    let inner = rest.strip_prefix('(')?;
    let mut depth = 0;
    for (at, c) in inner.char_indices() {
        match c {
            '(' if depth < NESTED => depth += 1,
            ')' if depth == 0 => return Some((Target::of(&inner[..at])?, at + 2)),
            ')' => depth -= 1,
            c if c == '(' || !fits(c) => return None,
            _ => {}
        }
    }
    None
}

/// The address that `rest` begins with, as a link, and how long it is. Ends before what closes a bracket that it did
/// not open, and before punctuation that is the sentence's. What is behind the host is looked at only where there is a
/// host: so each part of a text is read once, however many schemes are in it.
pub(super) fn bare(rest: &str) -> Option<(Link, usize)> {
    let mut end = host_end(rest)?;
    if rest[end..].starts_with(['/', '?', '#']) {
        Target::of(&rest[..end])?;
        end += path_end(&rest[end..]);
    }
    let is_of_sentence = |c: char| ".,;:!?'*_~。！？：；…".contains(c);
    let typed = rest[..end].trim_end_matches(is_of_sentence);
    let target = Target::of(typed)?;
    let shown = if target.is_foreign { target.href.clone() } else { typed.to_owned() };
    Some((Link { href: target.href, text: vec![Inline::Text(shown)], beside: None }, typed.len()))
}

/// Where the host of an address ends, with its port; of `mailto:`, where the whole does.
fn host_end(rest: &str) -> Option<usize> {
    let (scheme, behind) = rest.split_once(':')?;
    let begin = scheme.len() + 1;
    if scheme.eq_ignore_ascii_case("mailto") {
        let ends = |c: char| !fits(c) || "()[]`:、，）」".contains(c);
        return Some(begin + first(behind, ends)?);
    }
    let behind = behind.strip_prefix("//")?;
    let (begin, behind) = (begin + 2, behind);
    let bracket = behind.char_indices().take(48).find(|(_, c)| *c == ']').filter(|_| behind.starts_with('['));
    let literal = bracket.map_or(0, |(at, _)| at + 1);
    let ends = |c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | ':') || DOTS.contains(&c));
    let end = begin + literal + first(&behind[literal..], ends)?;
    // What stands before is no host then.
    (!rest[end..].starts_with('@')).then_some(end)
}

/// Where the first such character is, or the text's end; none where that is further than any host is long.
fn first(text: &str, ends: impl Fn(char) -> bool) -> Option<usize> {
    let mut chars = text.char_indices();
    let found = chars.by_ref().take(LONGEST).find(|(_, c)| ends(*c)).map(|(at, _)| at);
    found.or_else(|| chars.next().is_none().then_some(text.len()))
}

fn path_end(path: &str) -> usize {
    let mut open: Vec<char> = Vec::new();
    for (at, c) in path.char_indices() {
        match c {
            '(' => open.push(')'),
            '[' => open.push(']'),
            ')' | ']' if open.pop() != Some(c) => return at,
            c if !fits(c) || matches!(c, '`' | '、' | '，' | '）' | '」') => return at,
            _ => {}
        }
    }
    path.len()
}

/// How many bytes before a colon a scheme begins that addresses are found by.
pub(super) fn scheme_before(text: &str, colon: usize) -> Option<usize> {
    let behind = &text[colon + 1..];
    let ends = |scheme: &str, needs: &str| {
        let begin = colon.checked_sub(scheme.len())?;
        let is_scheme = text.get(begin..colon)?.eq_ignore_ascii_case(scheme);
        let is_apart = text[..begin].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
        (is_scheme && is_apart && behind.starts_with(needs)).then_some(scheme.len())
    };
    ends("https", "//").or_else(|| ends("http", "//")).or_else(|| ends("mailto", ""))
}

/// Whether a link's text reads like an address of another place.
fn says_another(said: &str, place: &str) -> bool {
    let bare = |host: &str| host.trim_start_matches("www.").to_owned();
    let between = |c: char| c.is_whitespace() || is_invisible(c) || "/\\()[]{}<>\"'`,;:!?#&=|".contains(c);
    let alike =
        |c: char| DOTS.contains(&c) || matches!(c, '\u{2024}' | '\u{b7}' | '\u{2027}' | '\u{30fb}' | '\u{ff65}');
    said.split(between).any(|word| {
        let word = word.trim_matches(alike).to_lowercase();
        // Its end, as of a name in a country or the like: `1.2` is a version, and `e.g` a word.
        let last = word.rsplit(alike).next().unwrap_or_default();
        let is_address = last.len() < word.len() && last.chars().count() >= 2 && last.chars().all(char::is_alphabetic);
        is_address && bare(&word) != bare(place)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_becomes_a_link() {
        let long = format!("https://{}.org/", "a".repeat(64));
        let cases: &[(&str, Option<&str>)] = &[
            ("https://example.org", Some("https://example.org")),
            ("HTTP://Example.org/A", Some("http://example.org/A")),
            ("http://localhost:3000/x?y#z", Some("http://localhost:3000/x?y#z")),
            ("http://[::1]:8080/", Some("http://[::1]:8080/")),
            ("https://münchen.de/ä", Some("https://xn--mnchen-3ya.de/ä")),
            ("mailto:ada@example.org", Some("mailto:ada@example.org")),
            ("/c/7/12", Some("/c/7/12")),
            ("/c/7", Some("/c/7")),
            ("/c/7/12/3", None),
            ("/c/../settings", None),
            ("/settings", None),
            ("//evil.example", None),
            ("javascript:alert(1)", None),
            ("JaVaScRiPt:alert(1)", None),
            ("java\tscript:alert(1)", None),
            ("java\nscript:alert(1)", None),
            ("\u{1}javascript:alert(1)", None),
            ("java\u{200b}script:alert(1)", None),
            ("javascript&colon;alert(1)", None),
            ("&#106;avascript:alert(1)", None),
            ("javascript://https://example.org", None),
            ("data:text/html,<script>", None),
            ("data:text/html;base64,AAAA", None),
            ("vbscript:x", None),
            ("file:///etc/passwd", None),
            ("blob:https://example.org/1", None),
            ("ftp://example.org", None),
            ("https:example.org", None),
            ("https:/example.org", None),
            ("https:///example.org", None),
            ("https://", None),
            ("https://bank.example@evil.example/", None),
            ("https://evil.example\\@bank.example/", None),
            ("https://example.org\u{202e}/", None),
            ("https://example.org/\u{202e}gpj.exe", None),
            ("https://exa mple.org", None),
            ("https://example.org:x/", None),
            ("https://example.org/\"onclick=\"x", None),
            ("mailto:", None),
            ("mailto:@", None),
            ("example.org", None),
            (&long, None),
        ];
        for (typed, expected) in cases {
            let href = Target::of(typed).map(|target| target.href);
            assert_eq!(href.as_deref(), *expected, "{typed:?}");
        }
    }

    #[test]
    fn a_text_that_looks_like_another_address() {
        let cases = [
            ("click here", false),
            ("example.org", false),
            ("www.example.org", false),
            ("https://Example.org/a", false),
            ("version 1.2", false),
            ("e.g. this", false),
            ("bank.example", true),
            ("see https://bank.example/login", true),
            ("example.org.evil.test", true),
            ("bank\u{2024}example", true),
            ("bank\u{ff0e}example", true),
            ("bánk.example", true),
        ];
        for (said, expected) in cases {
            assert_eq!(says_another(said, "example.org"), expected, "{said:?}");
        }
    }
}
