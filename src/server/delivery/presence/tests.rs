//! Who is there and who is told, as stories: what happens, and what is said at the next turn.

use super::*;

const ME: NodeId = NodeId(1);
const OTHER: NodeId = NodeId(2);
const THIRD: NodeId = NodeId(3);
const ADA: UserId = UserId(1);
const BOB: UserId = UserId(2);
const EVE: UserId = UserId(3);

use Status::{Away, Offline, Online};

/// A node, and what time it is there.
struct Stage {
    presence: Presence,
    now: Instant,
}

impl Stage {
    fn new(node: NodeId) -> Self {
        let now = Instant::now();
        Self { presence: Presence::new(node, now), now }
    }

    /// With these users connected, who are each other's contacts.
    fn with(users: &[UserId]) -> Self {
        let mut stage = Self::new(ME);
        users.iter().for_each(|user| stage.enters(*user, users));
        let _ = stage.turn();
        stage
    }

    fn enters(&mut self, user: UserId, contacts: &[UserId]) {
        self.presence.enter(user, contacts, false);
        self.presence.status(self.now, user, Online);
    }

    fn is(&mut self, user: UserId, status: Status) {
        self.presence.status(self.now, user, status);
    }

    fn hears(&mut self, from: NodeId, said: NodeSaid) {
        self.presence.heard(self.now, NodeWord { from, said });
    }

    fn changes(&mut self, from: NodeId, users: &[(UserId, Status)]) {
        self.hears(from, NodeSaid::Changes(users.to_vec()));
    }

    /// The next turn, when it is due.
    fn turn(&mut self) -> (Vec<NodeSaid>, Vec<Told>) {
        self.now = self.presence.due().max(self.now);
        let (words, mut told) = self.presence.turn(self.now);
        told.sort_unstable();
        (words.into_iter().map(|word| word.said).collect(), told)
    }

    /// All that is told here within so long.
    fn told_within(&mut self, time: Duration) -> Vec<Told> {
        let until = self.now + time;
        let mut told = Vec::new();
        while self.presence.due() <= until {
            told.extend(self.turn().1);
        }
        self.now = until;
        told
    }

    fn told(&mut self) -> Vec<Told> {
        self.turn().1
    }

    fn present(&self, user: UserId) -> Vec<(UserId, Status)> {
        let mut present: Vec<_> = self.presence.present(user).into_iter().map(|one| (one.0, one.1)).collect();
        present.sort_unstable();
        present
    }

    /// Nobody is remembered who is not here.
    fn is_empty(&self) -> bool {
        let Presence { own, hidden, held, owed, changed, .. } = &self.presence;
        own.users().next().is_none()
            && hidden.is_empty()
            && held.is_empty()
            && owed.is_empty()
            && changed.is_empty()
            && self.presence.contacts.by(ADA).is_empty()
            && self.presence.contacts.by(BOB).is_empty()
    }
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn who_comes_is_told_to_their_contacts_and_says_so_to_other_nodes() {
    let mut stage = Stage::with(&[ADA, BOB]);
    stage.enters(EVE, &[ADA]);
    assert_eq!(stage.present(EVE), [(ADA, Online)]);
    assert_eq!(stage.turn(), (vec![NodeSaid::Changes(vec![(EVE, Online)])], vec![(ADA, EVE, Online)]));
    assert_eq!(stage.present(ADA), [(BOB, Online), (EVE, Online)]);
    assert_eq!(stage.present(BOB), [(ADA, Online)], "they share nothing");
}

#[test]
fn what_gets_worse_must_last() {
    // What Bob's connections come to, and when; what Ada is told in the minute.
    type Case<'a> = (&'a str, &'a [(u64, Status)], &'a [(u64, Status)]);
    let cases: &[Case<'_>] = &[
        ("goes", &[(0, Offline)], &[(10_000, Offline)]),
        ("idle", &[(0, Away)], &[(10_000, Away)]),
        ("reloads", &[(0, Offline), (2_000, Online)], &[]),
        ("reloads again and again", &[(0, Offline), (9_000, Online), (9_500, Offline), (15_000, Online)], &[]),
        ("moves the mouse", &[(0, Away), (9_999, Online)], &[]),
        ("idle, and goes", &[(0, Away), (3_000, Offline)], &[(13_000, Offline)]),
        ("idle, goes and comes", &[(0, Away), (3_000, Offline), (4_000, Away)], &[(14_000, Away)]),
        ("away and back", &[(0, Away), (20_000, Online)], &[(10_000, Away), (20_000, Online)]),
        ("says it twice", &[(0, Away), (5_000, Away)], &[(10_000, Away)]),
        ("reload of one that is away", &[(0, Away), (20_000, Offline), (21_000, Away)], &[(10_000, Away)]),
    ];
    for (name, happens, told) in cases {
        let mut stage = Stage::with(&[ADA, BOB]);
        let began = stage.now;
        let mut found = Vec::new();
        let mut run = |stage: &mut Stage, until: Instant| {
            while stage.presence.due() <= until {
                for (to, of, status) in stage.told() {
                    assert_eq!((to, of), (ADA, BOB), "{name}");
                    found.push(((stage.now - began).as_millis() as u64, status));
                }
            }
            stage.now = until;
        };
        for (at, status) in *happens {
            run(&mut stage, began + Duration::from_millis(*at));
            stage.is(BOB, *status);
        }
        run(&mut stage, began + Duration::from_secs(60));
        // A turn may be a quarter of a second late.
        let close = found.len() == told.len()
            && found
                .iter()
                .zip(*told)
                .all(|(one, other)| one.1 == other.1 && (other.0..=other.0 + 250).contains(&one.0));
        assert!(close, "{name}: {found:?}");
    }
}

#[test]
fn who_left_is_told_nothing_and_nothing_is_kept() {
    let mut stage = Stage::with(&[ADA, BOB]);
    stage.is(ADA, Offline);
    stage.presence.leave(ADA);
    assert_eq!(stage.told_within(11 * SECOND), [(BOB, ADA, Offline)]);
    stage.is(BOB, Offline);
    stage.presence.leave(BOB);
    assert_eq!(stage.told_within(20 * SECOND), []);
    assert!(stage.is_empty());
}

#[test]
fn the_most_of_all_nodes_counts() {
    let mut stage = Stage::with(&[ADA]);
    stage.presence.meet(ADA, &[BOB]);
    // Who says what of Bob, and what Ada is told.
    let steps = [
        (OTHER, Away, Some(Away)),
        (THIRD, Online, Some(Online)),
        (OTHER, Offline, None),
        (OTHER, Online, None),
        (THIRD, Away, None),
        (OTHER, Offline, Some(Away)),
        (THIRD, Offline, Some(Offline)),
    ];
    for (node, status, told) in steps {
        stage.changes(node, &[(BOB, status)]);
        let expected: Vec<Told> = told.map(|status| (ADA, BOB, status)).into_iter().collect();
        assert_eq!(stage.told(), expected, "{node:?} {status:?}");
    }
    assert_eq!(stage.present(ADA), []);
}

#[test]
fn a_silent_node_is_forgotten_with_its_users() {
    let mut stage = Stage::with(&[ADA]);
    stage.presence.meet(ADA, &[BOB, EVE]);
    stage.changes(OTHER, &[(BOB, Online), (EVE, Online)]);
    stage.changes(THIRD, &[(EVE, Away)]);
    assert_eq!(stage.told(), [(ADA, BOB, Online), (ADA, EVE, Online)]);
    for _ in 0..2 {
        assert_eq!(stage.told_within(7 * SECOND), []);
        stage.hears(THIRD, NodeSaid::Asks(None));
    }
    assert_eq!(stage.told_within(2 * SECOND), [(ADA, BOB, Offline), (ADA, EVE, Away)]);
    assert_eq!(stage.told_within(60 * SECOND), [(ADA, EVE, Offline)]);
    // Back again, as if nothing had been.
    stage.changes(OTHER, &[(BOB, Online)]);
    assert_eq!(stage.told(), [(ADA, BOB, Online)]);
}

#[test]
fn two_nodes_come_to_know_the_same_whatever_is_lost() {
    let (mut one, mut other) = (Stage::with(&[ADA]), Stage::new(OTHER));
    one.presence.meet(ADA, &(10..3_000).map(UserId).collect::<Vec<_>>()[..CONTACTS - 1]);
    for user in 10..3_000 {
        other.enters(UserId(user), &[]);
    }
    // What it says of them is lost, all of it; and so is a part when it is asked.
    let _ = other.turn();
    let (mut told, mut losing) = (0, 1);
    for _ in 0..400 {
        let (said, heard) = one.turn();
        told += heard.len();
        said.into_iter().for_each(|word| other.hears(ME, word));
        let (said, _) = other.turn();
        for word in said {
            if matches!(word, NodeSaid::All { part: 2, .. }) && losing > 0 {
                losing -= 1;
                continue;
            }
            one.hears(OTHER, word);
        }
        let later = one.now.max(other.now);
        (one.now, other.now) = (later, later);
    }
    assert_eq!((losing, one.present(ADA).len(), told), (0, CONTACTS - 1, CONTACTS - 1));
    // A last change is lost; that the node lives says so.
    other.is(UserId(10), Offline);
    let until = other.now + 11 * SECOND;
    while other.presence.due() <= until {
        let _ = other.turn();
    }
    let (mut said, _) = other.turn();
    while !said.iter().any(|word| matches!(word, NodeSaid::Alive { .. })) {
        said = other.turn().0;
    }
    one.now = other.now;
    said.into_iter().for_each(|word| one.hears(OTHER, word));
    let (asks, _) = one.turn();
    assert!(asks.contains(&NodeSaid::Asks(Some(OTHER))), "{asks:?}");
}

#[test]
fn a_node_answers_whom_it_concerns() {
    let mut stage = Stage::with(&[ADA]);
    stage.hears(THIRD, NodeSaid::Asks(Some(OTHER)));
    let of = |said: Vec<NodeSaid>| said.iter().any(|said| matches!(said, NodeSaid::All { .. }));
    assert!(!of(stage.turn().0));
    for asked in [Some(ME), None] {
        stage.hears(THIRD, NodeSaid::Asks(asked));
        assert!(of(stage.turn().0), "{asked:?}");
    }
    // Its own words come back to it.
    stage.changes(ME, &[(ADA, Away)]);
    stage.hears(ME, NodeSaid::Asks(None));
    assert_eq!((stage.present(ADA), of(stage.turn().0)), (vec![], false));
}

#[test]
fn a_reader_is_told_of_so_many_at_once() {
    let contacts: Vec<UserId> = (10..110).map(UserId).collect();
    let mut stage = Stage::with(&[ADA]);
    stage.presence.meet(ADA, &contacts);
    stage.changes(OTHER, &contacts.iter().map(|user| (*user, Online)).collect::<Vec<_>>());
    let turns: Vec<usize> = (0..8).map(|_| stage.told().len()).collect();
    assert_eq!(turns, [16, 16, 16, 16, 16, 16, 4, 0]);
    // Who comes and goes before it is told is told of once, as it is then.
    stage.changes(OTHER, &[(contacts[0], Away)]);
    stage.changes(OTHER, &[(contacts[0], Offline)]);
    assert_eq!(stage.told(), [(ADA, contacts[0], Offline)]);
}

#[test]
fn who_meets_is_told_and_who_parts_is_told_no_more() {
    let mut stage = Stage::with(&[ADA]);
    stage.enters(BOB, &[]);
    assert_eq!(stage.told(), []);
    // Ada's inbox says that they have a conversation now.
    assert!(stage.presence.concerns(ADA, false));
    stage.presence.meet(ADA, &[BOB]);
    assert_eq!(stage.told(), [(ADA, BOB, Online), (BOB, ADA, Online)]);
    stage.presence.meet(ADA, &[BOB]);
    assert_eq!(stage.told(), []);
    // Eve is at another node; she came into a group with Bob.
    stage.changes(OTHER, &[(EVE, Away)]);
    assert!(!stage.presence.concerns(EVE, false) && stage.presence.concerns(EVE, true));
    stage.presence.meet(EVE, &[BOB]);
    assert_eq!(stage.told(), [(BOB, EVE, Away)]);
    assert!(stage.presence.concerns(EVE, false));
    stage.presence.meet(EVE, &[]);
    assert_eq!(stage.told(), [(BOB, EVE, Offline)]);
    stage.changes(OTHER, &[(EVE, Online)]);
    assert_eq!(stage.told(), []);
}

#[test]
fn the_hidden_see_and_are_not_seen() {
    let mut stage = Stage::with(&[ADA, BOB]);
    stage.presence.enter(BOB, &[ADA], true);
    assert_eq!(stage.turn(), (vec![NodeSaid::Changes(vec![(BOB, Offline)])], vec![(ADA, BOB, Offline)]), "at once");
    for status in [Online, Away, Online] {
        stage.is(BOB, status);
        assert_eq!(stage.told_within(11 * SECOND), []);
    }
    assert_eq!((stage.present(ADA), stage.present(BOB)), (vec![], vec![(ADA, Online)]));
    stage.is(ADA, Away);
    assert_eq!(stage.told_within(11 * SECOND), [(BOB, ADA, Away)]);
    for _ in 0..2 {
        stage.presence.hide(BOB, false);
        stage.is(BOB, Online);
        assert_eq!(stage.told(), [(ADA, BOB, Online)]);
        stage.presence.hide(BOB, true);
        assert_eq!(stage.told(), [(ADA, BOB, Offline)], "at once");
    }
    stage.presence.enter(BOB, &[ADA], false);
    stage.is(BOB, Online);
    assert_eq!(stage.told(), [(ADA, BOB, Online)]);
}
