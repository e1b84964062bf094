//! What is being asked of the server, so that nothing is asked twice at a time and nothing asked meanwhile is
//! forgotten: the answer on its way may be older than what it is asked for. Pure.

use std::cell::RefCell;

use crate::protocol::ConversationId;

/// Conversations of which something is being fetched; true: once more after that.
#[derive(Debug, Default)]
pub struct Asked(RefCell<Vec<(ConversationId, bool)>>);

impl Asked {
    /// Whether to begin; an answer that is on its way is followed by another question.
    pub fn ask(&self, id: ConversationId) -> bool {
        let mut asked = self.0.borrow_mut();
        match asked.iter_mut().find(|(asking, _)| *asking == id) {
            Some((_, again)) => *again = true,
            None => {
                asked.push((id, false));
                return true;
            }
        }
        false
    }

    /// An answer came. Whether to ask once more; if not, it is done.
    pub fn again(&self, id: ConversationId) -> bool {
        let mut asked = self.0.borrow_mut();
        let Some(at) = asked.iter().position(|(asking, _)| *asking == id) else { return false };
        let again = std::mem::take(&mut asked[at].1);
        if !again {
            asked.swap_remove(at);
        }
        again
    }

    /// It is given up.
    pub fn forget(&self, id: ConversationId) {
        self.0.borrow_mut().retain(|(asking, _)| *asking != id);
    }

    /// No answer is counted on any longer.
    pub fn clear(&self) {
        self.0.borrow_mut().clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_again_meanwhile_is_asked_once_more() {
        let (one, two) = (ConversationId(1), ConversationId(2));
        let asked = Asked::default();
        assert!(asked.ask(one) && asked.ask(two));
        assert!(!asked.ask(one) && !asked.ask(one), "on its way");
        assert!(asked.again(one), "asked for meanwhile");
        assert!(!asked.again(one) && !asked.again(two));
        assert!(asked.ask(one), "done: begins anew");
        asked.ask(one);
        asked.forget(one);
        assert!(!asked.again(one) && asked.ask(one));
        asked.clear();
        assert!(asked.ask(one));
    }
}
