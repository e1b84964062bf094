//! What went wrong where somebody blocked another.

use super::{Verdict, person};
use crate::History;
use crate::history::{Blocking, Contradiction};

pub(super) fn judge(history: &History, verdict: &mut Verdict) {
    verdict.blocks = history.blocks;
    for contradiction in &history.contradictions {
        let Contradiction::Blocking { blocker, other, fault } = *contradiction else { continue };
        let (blocker, other) = (person(history, blocker), person(history, other));
        let message = |n: u32| format!("message {n} of {other}, whom {blocker} had blocked and unblocked,");
        match fault {
            Blocking::Shown { how } => {
                verdict.leaked.add(|| format!("{blocker} had blocked {other} and was shown what they wrote: {how}"));
            }
            Blocking::Refused { function, status } => {
                verdict.refused.add(|| format!("{function} was refused ({status}) where {blocker} blocks {other}"));
            }
            Blocking::Unanswered { function } => {
                verdict.unanswered.add(|| format!("{function} was never answered where {blocker} blocks {other}"));
            }
            Blocking::Untold { n } => verdict.lost.add(|| format!("{} was not told live", message(n))),
            Blocking::Unlisted { status } => verdict.lost.add(|| {
                format!("{blocker} had unblocked {other}, and what they wrote meanwhile was not listed ({status})")
            }),
            Blocking::Missing { n } => verdict.lost.add(|| format!("{} is not listed", message(n))),
            Blocking::Doubled { n } => verdict.doubled.add(|| format!("{} is listed twice", message(n))),
            Blocking::Reordered { n } => {
                verdict.reordered.add(|| format!("{} is listed before an earlier one", message(n)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_has_its_class() {
        let faults = [
            (Blocking::Shown { how: "READY" }, "leaked"),
            (Blocking::Refused { function: "message-post", status: 403 }, "refused"),
            (Blocking::Unanswered { function: "user-block" }, "unanswered"),
            (Blocking::Untold { n: 1 }, "lost"),
            (Blocking::Unlisted { status: 404 }, "lost"),
            (Blocking::Missing { n: 1 }, "lost"),
            (Blocking::Doubled { n: 1 }, "doubled"),
            (Blocking::Reordered { n: 1 }, "reordered"),
        ];
        for (fault, class) in faults {
            let mut history = History { people: vec!["ada".into(), "bob".into()], ..History::default() };
            history.contradictions.push(Contradiction::Blocking { blocker: 1, other: 0, fault });
            let verdict = crate::judge(&history);
            assert_eq!(verdict.classes(), [class], "{verdict}");
            assert!(verdict.to_string().contains("bob"), "{verdict}");
        }
    }
}
