//! What stays of a reader's surroundings while messages come and go: all but the lines of their list, the way to older
//! messages, and the number that "Mark as read" names.
//!
//! Cut out of surroundings that our views drew, and filled to be surroundings again.

use super::pieces::{Holed, Surroundings};
use crate::protocol::{Conversation, ConversationId, ConversationList, Mine, UserRef};
use crate::ui::Opened;

/// All that an outline depends on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct OutlineKey {
    viewer: UserRef,
    open: Conversation,
    /// How the viewer keeps it.
    mine: Mine,
    has_older: bool,
    is_empty: bool,
    is_new: bool,
    /// After which conversation the rest of the list is, where there is more.
    more: Option<ConversationId>,
}

/// What is another on the next page: where it stands.
#[derive(Debug)]
pub(super) struct Varying {
    /// The beginning of the link to older messages.
    older: Option<String>,
    /// The number up to which all is read then.
    mark: Option<String>,
}

#[derive(Debug)]
pub(super) struct Outline {
    before_items: Box<str>,
    after_items: Box<str>,
    above_rows: Holed,
    after_rows: Box<str>,
    below_rows: Holed,
    composer: Box<str>,
}

/// What begins the rows.
const ROWS: &str = "<ol class=\"rows\">";

impl OutlineKey {
    /// None where the list and what is open do not say the same of the conversation.
    pub(super) fn of(viewer: &UserRef, list: &ConversationList, opened: &Opened) -> Option<Self> {
        let open = &opened.summary.conversation;
        list.conversations.iter().find(|listed| listed.conversation == *open)?;
        let last = list.conversations.last().filter(|_| list.more);
        Some(Self {
            viewer: viewer.clone(),
            open: open.clone(),
            mine: opened.summary.mine,
            has_older: opened.page.more,
            is_empty: opened.page.messages.is_empty(),
            is_new: opened.new_after().is_some(),
            more: last.map(|last| last.conversation.id),
        })
    }

    /// What it takes in memory beside itself, in bytes.
    pub(super) fn weight(&self) -> usize {
        let members = self.open.members.iter().map(|member| member.name.len() + size_of::<UserRef>());
        self.viewer.name.len() + self.open.title.as_ref().map_or(0, String::len) + members.sum::<usize>()
    }
}

impl Varying {
    /// Both begin with what no text of a user's has.
    pub(super) fn of(opened: &Opened) -> Self {
        let (id, page) = (opened.summary.conversation.id, &opened.page);
        let oldest = page.messages.first().filter(|_| page.more);
        let mark = opened.new_after().map(|_| page.as_of);
        Self {
            older: oldest.map(|oldest| format!("<a href=\"/c/{id}?before={}\"", oldest.seq)),
            mark: mark.map(|seq| format!("<input type=\"hidden\" name=\"seq\" value=\"{seq}\">")),
        }
    }
}

impl Outline {
    /// None where the surroundings are not what they are taken for.
    pub(super) fn cut(around: &Surroundings, rows: &str, varying: &Varying) -> Option<Self> {
        let (before_items, rest) = around.list.split_at(around.list.find("<ul><li>")? + "<ul>".len());
        let after_items = rest.split_at(rest.rfind("</li>")? + "</li>".len()).1;
        let after_rows = rows.strip_prefix(ROWS)?.rsplit_once("</li>")?.1;
        Some(Self {
            before_items: before_items.into(),
            after_items: after_items.into(),
            above_rows: Holed::cut_at(&around.above_rows, varying.older.as_deref())?,
            after_rows: after_rows.into(),
            below_rows: Holed::cut_at(&around.below_rows, varying.mark.as_deref())?,
            composer: around.composer.clone(),
        })
    }

    pub(super) fn fill(&self, title: String, items: &str, varying: &Varying) -> Surroundings {
        let filled = |part: &Holed, text: Option<&str>| {
            let mut filled = String::new();
            part.fill(text.unwrap_or_default(), &mut filled);
            filled.into()
        };
        Surroundings {
            title: title.into(),
            list: [&self.before_items, items, &self.after_items].concat().into(),
            above_rows: filled(&self.above_rows, varying.older.as_deref()),
            below_rows: filled(&self.below_rows, varying.mark.as_deref()),
            composer: self.composer.clone(),
        }
    }

    /// What stands before and after the rows' elements.
    pub(super) fn rows(&self) -> (&str, &str) {
        (ROWS, &self.after_rows)
    }

    /// In bytes.
    pub(super) fn len(&self) -> usize {
        let texts = [&self.before_items, &self.after_items, &self.after_rows, &self.composer];
        texts.iter().map(|part| part.len()).sum::<usize>() + self.above_rows.len() + self.below_rows.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = "<ol class=\"rows\"><li>row</li><!></ol>";
    const OLDER: &str = "<a href=\"/c/7?before=3\"";
    const MARK: &str = "<input type=\"hidden\" name=\"seq\" value=\"52\">";

    fn around() -> Surroundings {
        Surroundings {
            title: "(1) t".into(),
            list: "<nav><ul><li>one</li><li>two</li><!></ul></nav>".into(),
            above_rows: format!("<h1>t</h1>{OLDER} class=\"older\">").into(),
            below_rows: format!("<noscript>{MARK}</noscript>").into(),
            composer: "</form>".into(),
        }
    }

    fn varying(older: Option<&str>, mark: Option<&str>) -> Varying {
        Varying { older: older.map(Into::into), mark: mark.map(Into::into) }
    }

    fn text(around: &Surroundings) -> String {
        [&around.title, &around.list, &around.above_rows, &around.below_rows, &around.composer]
            .map(|part| &**part)
            .concat()
    }

    #[test]
    fn surroundings_are_filled_as_they_were() {
        let before = varying(Some(OLDER), Some(MARK));
        let outline = Outline::cut(&around(), ROW, &before).unwrap();
        let filled = outline.fill("(1) t".into(), "<li>one</li><li>two</li>", &before);
        assert_eq!(text(&filled), text(&around()));
        assert_eq!(outline.rows(), (ROWS, "<!></ol>"));
        let after = varying(Some("OLDER"), Some("MARK"));
        let filled = outline.fill("(2) t".into(), "<li>three</li>", &after);
        let expected = text(&around())
            .replace("(1)", "(2)")
            .replace("<li>one</li><li>two</li>", "<li>three</li>")
            .replace(OLDER, "OLDER")
            .replace(MARK, "MARK");
        assert_eq!(text(&filled), expected);
    }

    #[test]
    fn what_is_not_where_it_is_looked_for_is_not_cut() {
        let cases = [
            (ROW, varying(Some("<a href=\"/c/7?before=30\""), Some(MARK))),
            (ROW, varying(Some(OLDER), Some("<input type=\"hidden\" name=\"seq\" value=\"5\">"))),
            ("<ol class=\"rows\"><!></ol>", varying(Some(OLDER), Some(MARK))),
        ];
        for (rows, varying) in cases {
            assert!(Outline::cut(&around(), rows, &varying).is_none(), "{rows} {varying:?}");
        }
        let empty = Surroundings { list: "<nav><ul></ul></nav>".into(), ..around() };
        assert!(Outline::cut(&empty, ROW, &varying(Some(OLDER), Some(MARK))).is_none(), "a list without lines");
    }
}
