//! Where in a conversation's log a membership begins and ends.

use std::sync::Arc;

use chatter::protocol::{Seq, UserId, UserRef};
use chatter::server::store::{Absence, Keep, NewRoom, Target, all_in_full};

use super::bench::Bench;

/// For the first entries of a user's inbox; none beyond its end.
async fn edges(bench: &Bench, user: &UserRef, entries: i64) -> Vec<Option<i64>> {
    let entries: Vec<_> = (1..=entries).map(|seq| (user.id, Seq(seq))).collect();
    let edges = bench.store.membership_edges(&entries).await.unwrap();
    edges.into_iter().map(|edge| edge.map(|seq| seq.0)).collect()
}

/// For the same, where what they begin has ended.
async fn ends(bench: &Bench, user: &UserRef, entries: i64) -> Vec<Option<i64>> {
    let entries: Vec<_> = (1..=entries).map(|seq| (user.id, Seq(seq))).collect();
    let ends = bench.store.membership_ends(&entries).await.unwrap();
    ends.into_iter().map(|end| end.map(|seq| seq.0)).collect()
}

pub(super) async fn an_inbox_knows_where_memberships_begin_and_end(bench: Arc<Bench>) {
    let [ada, bob] = bench.users(["ada", "bob"]).await;
    let room = NewRoom { title: "all".into(), everyone: true, members: Vec::new(), now_ms: bench.now_ms() };
    let room = bench.store.room_create(room).await.unwrap();
    bench.post(&ada, Target::Conversation(room), "1").await;
    let [eve, dan] = bench.users(["eve", "dan"]).await;
    assert_eq!(edges(&bench, &ada, 2).await, [Some(1), None], "of what was created with them");
    assert_eq!((edges(&bench, &eve, 2).await, edges(&bench, &dan, 1).await), (vec![Some(2), None], vec![Some(3)]));

    let group = bench.group(&ada, &[&bob]).await.id;
    bench.post(&ada, Target::Conversation(group), "1").await;
    bench.add(&ada, group, &[&dan, &eve]).await;
    bench.post(&ada, Target::Conversation(group), "4").await;
    bench.remove(&ada, group, &dan).await;
    bench.add(&ada, group, &[&dan]).await;
    // The manager goes: what follows, that another is it, is theirs no more.
    bench.remove(&ada, group, &ada).await;
    assert_eq!(edges(&bench, &bob, 2).await, [Some(1), Some(1)]);
    assert_eq!(edges(&bench, &eve, 2).await[1], Some(2));
    assert_eq!(edges(&bench, &dan, 4).await[1..], [Some(3), Some(5), Some(6)]);
    assert_eq!(edges(&bench, &ada, 3).await[1..], [Some(1), Some(7)]);
    assert_eq!(ends(&bench, &dan, 4).await, [None, Some(5), None, None]);
    assert_eq!((ends(&bench, &ada, 3).await, ends(&bench, &eve, 2).await), (vec![None, Some(7), None], vec![None; 2]));
    let ready = bench.store.ready(dan.id, all_in_full()).await.unwrap();
    assert_eq!(ready.floors, [(group, Seq(6))], "of a room all is theirs to see");
    assert_eq!(bench.store.memberships(dan.id).await.unwrap().floors, ready.floors);
    assert_eq!(bench.store.ready(bob.id, all_in_full()).await.unwrap().floors, []);

    // Nothing in the log tells of blocking.
    let direct = bench.post(&ada, Target::User(bob.id), "1").await.conversation;
    bench.store.block_set(bob.id, ada.id, true, 7).await.unwrap();
    bench.post(&ada, Target::Conversation(direct), "2").await;
    bench.store.block_set(bob.id, ada.id, false, 7).await.unwrap();
    assert_eq!(edges(&bench, &bob, 5).await[2..], [Some(1), Some(1), Some(3)]);
    assert_eq!(ends(&bench, &bob, 5).await, [None, None, Some(1), None, None]);

    // An earlier version, which may run beside this one, notes nothing of it.
    (bench.execute)("UPDATE inbox_events SET edge_seq = 0");
    assert_eq!(edges(&bench, &ada, 3).await, [Some(1), Some(1), Some(7)]);
    assert_eq!(edges(&bench, &dan, 4).await, [Some(3), Some(6), None, Some(6)]);
    assert_eq!(edges(&bench, &bob, 5).await, [Some(1), Some(1), Some(2), None, Some(2)]);
    assert_eq!(ends(&bench, &ada, 3).await, [None, Some(0), None]);
    assert_eq!(ends(&bench, &bob, 5).await, [None, None, Some(0), None, None], "nothing is theirs for sure");

    // An entry of before the leaving is read as the leaving by now, and says where that was.
    let [fay, gil] = bench.users(["fay", "gil"]).await;
    let direct = bench.post(&fay, Target::User(gil.id), "1").await.conversation;
    assert_eq!(bench.store.direct_absences(direct).await.unwrap(), []);
    let pin = Keep { pinned: Some(true), ..Keep::default() };
    bench.store.mine_set(gil.id, direct, pin).await.unwrap().unwrap();
    assert_eq!(edges(&bench, &gil, 3).await[1..], [Some(1), None]);
    bench.post(&fay, Target::User(gil.id), "2").await;
    bench.store.block_set(gil.id, fay.id, true, 7).await.unwrap();
    bench.post(&fay, Target::User(gil.id), "3").await;
    assert_eq!(edges(&bench, &gil, 4).await[1..], [Some(1), Some(2), Some(2)]);
    // Who is away, and who is back, from where.
    let absences = async || bench.store.direct_absences(direct).await.unwrap();
    assert_eq!(absences().await, [Absence { user: gil.id, seq: Seq(2), is_over: false }]);
    bench.store.block_set(gil.id, fay.id, false, 7).await.unwrap();
    assert_eq!(absences().await, [Absence { user: gil.id, seq: Seq(3), is_over: true }]);
    assert_eq!(bench.store.direct_absences(group).await.unwrap(), [], "its log says who went");

    let nothing = [(ada.id, Seq(99)), (UserId(99), Seq(1)), (ada.id, Seq(0))];
    assert_eq!(bench.store.membership_edges(&nothing).await.unwrap(), [None; 3]);
    assert_eq!(bench.store.membership_edges(&[]).await.unwrap(), []);
    assert_eq!(bench.store.membership_ends(&nothing).await.unwrap(), [None; 3]);
}
