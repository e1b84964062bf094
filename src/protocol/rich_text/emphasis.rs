//! Runs of `*`, `_` and `~` to what they embrace, by the rules of CommonMark; with two changes for what people write in
//! chats: `2*3*4` is no emphasis, and characters that are not ASCII count as letters, so that emphasis works beside the
//! punctuation of languages without spaces.

use super::{DEPTH, Inline};

pub(super) enum Token {
    Text(String),
    Run(Run),
    Node(Inline),
}

/// Equal marks in a row.
pub(super) struct Run {
    mark: u8,
    count: usize,
    left: usize,
    opens: bool,
    closes: bool,
    /// How many of its marks each thing took that it ends, from within outwards.
    closed: Vec<usize>,
    /// The same of things that it begins.
    opened: Vec<usize>,
}

impl Run {
    /// `before` and `behind`: what stands there; none at an end of the text.
    pub(super) fn new(mark: u8, count: usize, before: Option<char>, behind: Option<char>) -> Self {
        let is_space = |c: Option<char>| c.is_none_or(char::is_whitespace);
        let is_mark = |c: Option<char>| c.is_some_and(|c| c.is_ascii_punctuation());
        let reaches =
            |to: Option<char>, from: Option<char>| !is_space(to) && (!is_mark(to) || is_space(from) || is_mark(from));
        let is_word = |c: Option<char>| match mark {
            b'_' => c.is_some_and(char::is_alphanumeric),
            _ => c.is_some_and(|c| c.is_ascii_alphanumeric()),
        };
        // One tilde is "about", and three are a fence.
        let takes = mark != b'~' || count == 2;
        let word_ends = mark == b'~';
        // Faces have the line between two marks.
        let is_face = |c: Option<char>| mark == b'_' && c.is_some_and(|c| "^<>-".contains(c));
        let is_bound = |c: Option<char>| !is_face(c) && (word_ends || !is_word(c));
        let opens = takes && reaches(behind, before) && is_bound(before);
        let closes = takes && reaches(before, behind) && is_bound(behind);
        Self { mark, count, left: count, opens, closes, closed: Vec::new(), opened: Vec::new() }
    }

    fn takes(&self, opener: &Self) -> bool {
        let both = self.opens || opener.closes;
        let thirds = (self.count + opener.count).is_multiple_of(3) && !self.count.is_multiple_of(3);
        opener.mark == self.mark && !(both && thirds && self.mark != b'~')
    }

    /// What of earlier searches holds for it, too.
    fn kind(&self) -> usize {
        let mark = match self.mark {
            b'*' => 0,
            b'_' => 1,
            _ => 2,
        };
        mark * 6 + usize::from(self.opens) * 3 + self.count % 3
    }
}

/// Finds what belongs together.
fn pair(runs: &mut [Run]) {
    // Those that may begin something, and for each kind of end before which of them none is.
    let mut open: Vec<usize> = Vec::new();
    let mut floors = [0; 18];
    for at in 0..runs.len() {
        let (before, rest) = runs.split_at_mut(at);
        let run = &mut rest[0];
        while run.closes && run.left > 0 {
            let floor = &mut floors[run.kind()];
            let found = open.iter().rposition(|one| *one < *floor || run.takes(&before[*one]));
            let Some(found) = found.filter(|found| open[*found] >= *floor) else {
                *floor = at;
                break;
            };
            let opener = &mut before[open[found]];
            let taken = if run.left >= 2 && opener.left >= 2 { 2 } else { 1 };
            opener.left -= taken;
            opener.opened.push(taken);
            run.left -= taken;
            run.closed.push(taken);
            open.truncate(found + usize::from(opener.left > 0));
        }
        if run.opens && run.left > 0 {
            open.push(at);
        }
    }
}

/// Things in each other that are being made; none for what is too deep and stays as it was typed.
#[derive(Default)]
struct Tree {
    done: Vec<Vec<Inline>>,
    here: Vec<Inline>,
    open: Vec<bool>,
}

impl Tree {
    fn text(&mut self, text: &str) {
        match self.here.last_mut() {
            _ if text.is_empty() => {}
            Some(Inline::Text(last)) => last.push_str(text),
            _ => self.here.push(Inline::Text(text.to_owned())),
        }
    }

    fn marks(&mut self, mark: u8, count: usize) {
        self.text(&char::from(mark).to_string().repeat(count));
    }

    fn open(&mut self, mark: u8, count: usize) {
        let fits = self.done.len() < DEPTH;
        self.open.push(fits);
        if fits {
            self.done.push(std::mem::take(&mut self.here));
        } else {
            self.marks(mark, count);
        }
    }

    fn close(&mut self, mark: u8, count: usize) {
        let around = self.open.pop().filter(|fits| *fits).and_then(|_| self.done.pop());
        let Some(around) = around else { return self.marks(mark, count) };
        let inner = std::mem::replace(&mut self.here, around);
        // Of marks alone nothing comes.
        if let [Inline::Text(text)] = &inner[..]
            && text.bytes().all(|byte| matches!(byte, b'*' | b'_' | b'~'))
        {
            self.marks(mark, count);
            self.text(text);
            return self.marks(mark, count);
        }
        self.here.push(match (mark, count) {
            (b'~', _) => Inline::Strike(inner),
            (_, 2) => Inline::Strong(inner),
            _ => Inline::Emphasis(inner),
        });
    }
}

pub(super) fn resolve(tokens: Vec<Token>) -> Vec<Inline> {
    let mut runs = Vec::new();
    // Where a run was: its turn.
    let mut rest = Vec::with_capacity(tokens.len());
    for token in tokens {
        match token {
            Token::Run(run) => {
                runs.push(run);
                rest.push(None);
            }
            other => rest.push(Some(other)),
        }
    }
    pair(&mut runs);
    let mut runs = runs.into_iter();
    let mut tree = Tree::default();
    for token in rest {
        match token {
            Some(Token::Text(text)) => tree.text(&text),
            Some(Token::Node(node)) => tree.here.push(node),
            Some(Token::Run(_)) | None => {
                let Some(run) = runs.next() else { continue };
                run.closed.iter().for_each(|count| tree.close(run.mark, *count));
                tree.marks(run.mark, run.left);
                run.opened.iter().rev().for_each(|count| tree.open(run.mark, *count));
            }
        }
    }
    tree.here
}
