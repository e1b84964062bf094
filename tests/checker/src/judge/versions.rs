//! How everybody holds the messages that were changed, at each version and in the end.

use std::collections::{BTreeMap, HashSet};

use super::changes::{At, Changes};
use super::expected::{Expected, Found};
use super::spans::Spans;
use super::{Verdict, person};
use crate::history::{Contradiction, Kind, Outcome, State, Text, View, ViewKind};
use crate::stamp::ChangeId;

impl Changes<'_> {
    /// Every version that anybody saw is one that somebody made.
    pub(super) fn judge_versions(&self, verdict: &mut Verdict) {
        for (conversation, of) in (0_u32..).zip(&self.history.conversations) {
            for ((message, version), (state, seen_by)) in &of.versions {
                let at = (conversation, *message);
                let whose =
                    || format!("{} in version {version}, seen by {}", self.place(at), person(self.history, *seen_by));
                let is_made = match state.text {
                    Text::Edited(number) => self.made(at, number),
                    Text::Posted | Text::Gone => true,
                    Text::Altered { .. } => false,
                };
                if !is_made {
                    verdict.phantom.add(|| format!("{}: it says what nobody wrote", whose()));
                } else if state.is_edited != matches!(state.text, Text::Edited(_)) {
                    verdict.diverged.add(|| format!("{}: edited, and not marked so, or the contrary", whose()));
                }
            }
        }
    }

    fn made(&self, (conversation, of): At, ChangeId { writer, n }: ChangeId) -> bool {
        let writer = usize::try_from(writer).ok().and_then(|writer| self.history.writers.get(writer));
        let change = usize::try_from(n).ok().and_then(|n| writer?.changes.get(n));
        change.is_some_and(|change| {
            (change.conversation, change.of, change.kind) == (conversation, of, Kind::Edit)
                && !matches!(change.outcome, Outcome::Failed { .. })
        })
    }

    /// How everybody holds the messages in the end. `broken`: views that lack something, or have too much; found.
    pub(super) fn judge_states(&self, spans: &[Spans], broken: &HashSet<(u32, u32)>, verdict: &mut Verdict) {
        let expected = |(at, changes): (&At, &Vec<_>)| (*at, Expected::of(self.history, changes));
        let expected: BTreeMap<At, Expected> =
            self.by_message.iter().filter(|(at, _)| !self.bad.contains(at)).map(expected).collect();
        for (conversation, of) in (0_u32..).zip(&self.history.conversations) {
            for view in of.views.iter().filter(|view| !broken.contains(&(conversation, view.person))) {
                let spans = &spans[conversation as usize];
                let floor = match (spans.of(view.person), spans.open(view.person)) {
                    (None, _) => 0,
                    (Some(_), Some(span)) => span.first,
                    (Some(_), None) => continue,
                };
                for (at, expected) in expected.range((conversation, floor)..=(conversation, u32::MAX)) {
                    self.judge_state(*at, view, expected, verdict);
                }
            }
        }
    }

    fn judge_state(&self, at: At, view: &View, expected: &Expected, verdict: &mut Verdict) {
        let state = view.states.get(&at.1).copied().unwrap_or(State::posted(at.1));
        let last = self.logged.get(&at).and_then(|logged| logged.last()).copied().unwrap_or(at.1);
        let whose = || {
            let how = match view.kind {
                ViewKind::Live { .. } => "live",
                ViewKind::Events => "in the event-list",
                ViewKind::Messages => "in the message-list",
            };
            format!("{} as {} has it {how}", self.place(at), person(self.history, view.person))
        };
        if state.version != last {
            let version = state.version;
            verdict.diverged.add(|| format!("{}: in version {version}, and it was changed at {last}", whose()));
            return;
        }
        match expected.compare(&state) {
            // Found with the versions.
            _ if matches!(state.text, Text::Altered { .. }) => {}
            Found::Right => {}
            Found::Revived => verdict.revived.add(|| format!("{}: {:?}, and it is deleted", whose(), state.text)),
            Found::Otherwise(what) => verdict.diverged.add(|| format!("{}: {what}", whose())),
        }
    }

    /// Versions that are not the same to all, and what is deleted and was shown.
    pub(super) fn contradictions(&self, broken: &HashSet<(u32, u32)>, verdict: &mut Verdict) {
        for contradiction in &self.history.contradictions {
            match *contradiction {
                Contradiction::Diverged { conversation, of, version, first, then } => {
                    let at = (conversation, of);
                    let is_broken = [first, then].iter().any(|who| broken.contains(&(conversation, *who)));
                    if is_broken || self.bad.contains(&at) {
                        continue;
                    }
                    let said = || {
                        let (first, then) = (person(self.history, first), person(self.history, then));
                        format!("{}: version {version} is one thing to {first} and another to {then}", self.place(at))
                    };
                    // To one of them there is nothing left of it.
                    if self.deleted_at(at) == Some(version) { &mut verdict.revived } else { &mut verdict.diverged }
                        .add(said);
                }
                Contradiction::Revived { conversation, of, person: who } if !self.bad.contains(&(conversation, of)) => {
                    verdict.revived.add(|| {
                        let who = person(self.history, who);
                        format!("{}: shown to {who}, and it is deleted", self.place((conversation, of)))
                    });
                }
                _ => {}
            }
        }
    }

    fn deleted_at(&self, at: At) -> Option<u32> {
        let deletion = self.by_message.get(&at)?.iter().find(|(_, change)| change.kind == Kind::Delete)?;
        if let Outcome::Acknowledged { seq, .. } = deletion.1.outcome { Some(seq) } else { None }
    }
}
