//! Cutting a conversation's page, as our views drew it, into pieces that outlive it; and putting a page together again.
//!
//! A page is the document's frame, which is the same for everybody; what surrounds the messages, which is one reader's;
//! the rows of messages; and what is new on each page: two nonces and the page's data. The cuts are at elements that
//! stand once in a page. No text of a user's can stand for one: there is no `<` in it. Where a cut is not found, nothing
//! is cut, and the page has been drawn all the same.

use axum::http::{HeaderMap, HeaderValue, header};

/// A text with holes, for the nonce of the page's scripts above all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Holed(Vec<Box<str>>);

/// What is the same on every conversation's page: head, scripts, and the response's headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    headers: HeaderMap,
    policy: Holed,
    before_title: Holed,
    before_list: Holed,
    before_data: Holed,
    end: Holed,
}

/// What is one reader's: the list, and the pane without its messages.
#[derive(Debug)]
pub(super) struct Surroundings {
    pub(super) title: Box<str>,
    pub(super) list: Box<str>,
    pub(super) above_rows: Box<str>,
    pub(super) below_rows: Box<str>,
    /// The composer's form, from behind its nonce on.
    pub(super) composer: Box<str>,
}

/// What is new on each page, and the rows.
pub(super) struct Fresh<'p> {
    pub(super) script_nonce: &'p str,
    pub(super) form_nonce: &'p str,
    pub(super) data: &'p str,
    pub(super) rows: &'p str,
}

impl Holed {
    fn cut(text: &str, nonce: &str) -> Self {
        Self(text.split(nonce).map(Box::from).collect())
    }

    /// A text with the one hole that there must be, or none where nothing is looked for.
    pub(super) fn cut_at(text: &str, hole: Option<&str>) -> Option<Self> {
        let holed = hole.map_or_else(|| Self(vec![text.into()]), |hole| Self::cut(text, hole));
        (holed.0.len() == 1 + usize::from(hole.is_some())).then_some(holed)
    }

    pub(super) fn fill(&self, nonce: &str, page: &mut String) {
        for (at, part) in self.0.iter().enumerate() {
            if at > 0 {
                page.push_str(nonce);
            }
            page.push_str(part);
        }
    }

    /// With a nonce of 22 characters, as Leptos makes them.
    pub(super) fn len(&self) -> usize {
        self.0.iter().map(|part| part.len() + 22).sum()
    }
}

/// The nonce of a page's scripts, as its policy names it.
pub(super) fn script_nonce(headers: &HeaderMap) -> Option<&str> {
    let policy = headers.get(header::CONTENT_SECURITY_POLICY)?.to_str().ok()?;
    Some(policy.split_once("'nonce-")?.1.split_once('\'')?.0)
}

/// The pieces of a page; none where it is not what it is taken for.
pub(super) fn cut(headers: &HeaderMap, page: &str, fresh: &Fresh<'_>) -> Option<(Frame, Surroundings)> {
    let policy = headers.get(header::CONTENT_SECURITY_POLICY)?.to_str().ok()?;
    // A cookie is one reader's, and no part of a frame.
    if headers.contains_key(header::SET_COOKIE) {
        return None;
    }
    let (before_title, rest) = after(page, "<title>")?;
    let (title, rest) = before(rest, "</title>")?;
    let (before_list, rest) = before(rest, "<div class=\"sidebar\">")?;
    let (list, rest) = before(rest, "<div class=\"pane\">")?;
    let (above_rows, rest) = before(rest, "<ol class=\"rows\">")?;
    let (below_rows, rest) = before(rest.strip_prefix(fresh.rows)?, fresh.form_nonce)?;
    let (composer, rest) = after(rest.strip_prefix(fresh.form_nonce)?, "</form>")?;
    // By its first characters: to look for a text as long as the data takes as long as to draw it.
    let (before_data, rest) = before(rest, fresh.data.get(..11).unwrap_or(fresh.data))?;
    let end = rest.strip_prefix(fresh.data)?;
    let mut headers = headers.clone();
    headers.remove(header::CONTENT_SECURITY_POLICY);
    let holed = |text| Holed::cut(text, fresh.script_nonce);
    let frame = Frame {
        policy: holed(policy),
        headers,
        before_title: holed(before_title),
        before_list: holed(before_list),
        before_data: holed(before_data),
        end: holed(end),
    };
    let surroundings = Surroundings {
        title: title.into(),
        list: list.into(),
        above_rows: above_rows.into(),
        below_rows: below_rows.into(),
        composer: composer.into(),
    };
    Some((frame, surroundings))
}

fn before<'t>(text: &'t str, mark: &str) -> Option<(&'t str, &'t str)> {
    Some(text.split_at(text.find(mark)?))
}

fn after<'t>(text: &'t str, mark: &str) -> Option<(&'t str, &'t str)> {
    Some(text.split_at(text.find(mark)? + mark.len()))
}

impl Surroundings {
    /// In bytes.
    pub(super) fn len(&self) -> usize {
        [&self.title, &self.list, &self.above_rows, &self.below_rows, &self.composer]
            .map(|part| part.len())
            .iter()
            .sum()
    }
}

impl Frame {
    /// A page, and its headers.
    pub(super) fn page(&self, around: &Surroundings, fresh: &Fresh<'_>) -> Option<(HeaderMap, String)> {
        let nonce = fresh.script_nonce;
        let mut policy = String::with_capacity(self.policy.len());
        self.policy.fill(nonce, &mut policy);
        let mut headers = self.headers.clone();
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::try_from(policy).ok()?);
        let frame: usize =
            [&self.before_title, &self.before_list, &self.before_data, &self.end].map(Holed::len).iter().sum();
        let length = frame + around.len() + fresh.rows.len() + fresh.form_nonce.len() + fresh.data.len();
        let mut page = String::with_capacity(length);
        self.before_title.fill(nonce, &mut page);
        page.push_str(&around.title);
        self.before_list.fill(nonce, &mut page);
        for part in [&around.list, &around.above_rows, fresh.rows, &around.below_rows, fresh.form_nonce] {
            page.push_str(part);
        }
        page.push_str(&around.composer);
        self.before_data.fill(nonce, &mut page);
        page.push_str(fresh.data);
        self.end.fill(nonce, &mut page);
        Some((headers, page))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<script nonce=\"N\"></script><title>t</title><main><div class=\"sidebar\">list</div>\
        <div class=\"pane\"><ol class=\"rows\"><li></li></ol><form><input value=\"F\"></form></div></main>\
        <script nonce=\"N\">{}</script><script nonce=\"N\"></script>";

    fn headers() -> HeaderMap {
        [(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("script-src 'nonce-N' 'self'"))]
            .into_iter()
            .collect()
    }

    const ROWS: &str = "<ol class=\"rows\"><li></li></ol>";
    const FRESH: Fresh<'_> = Fresh { script_nonce: "N", form_nonce: "F", data: "{}", rows: ROWS };

    #[test]
    fn a_page_is_put_together_as_it_was() {
        assert_eq!(script_nonce(&headers()), Some("N"));
        let (frame, around) = cut(&headers(), PAGE, &FRESH).unwrap();
        assert_eq!(frame.page(&around, &FRESH).unwrap(), (headers(), PAGE.to_owned()));
        let other = Fresh { script_nonce: "M", form_nonce: "G", data: "[]", rows: "" };
        let (headers, page) = frame.page(&around, &other).unwrap();
        assert_eq!(headers[header::CONTENT_SECURITY_POLICY], "script-src 'nonce-M' 'self'");
        let expected = PAGE.replace(ROWS, "").replace("\"N\"", "\"M\"").replace("\"F\"", "\"G\"").replace("{}", "[]");
        assert_eq!(page, expected);
    }

    #[test]
    fn what_is_not_whole_is_not_cut() {
        for part in ["<title>", "<div class=\"sidebar\">", ROWS, "\"F\"", "{}"] {
            assert!(cut(&headers(), &PAGE.replace(part, ""), &FRESH).is_none(), "{part}");
        }
        assert!(cut(&HeaderMap::new(), PAGE, &FRESH).is_none(), "no policy");
        let mut headers = headers();
        headers.insert(header::SET_COOKIE, HeaderValue::from_static("session=hers"));
        assert!(cut(&headers, PAGE, &FRESH).is_none(), "somebody's cookie");
    }
}
