//! Who comes and goes is told exactly what is theirs, whatever the bus brings of it, and when.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chatter::protocol::{ConversationId, Event, Stream, UserId};
use chatter::server::bus::Received;
use fastrand::Rng;
use serde_json::Value;
use tokio::io::DuplexStream;

use crate::support::gateway_node::{Client, Node};
use crate::support::steered::Steered;

const ROOMS: [i64; 2] = [10, 11];

/// What is told of each room, by its log and by the inbox, in this order.
type Told = BTreeMap<i64, Vec<String>>;

/// Ada, who comes and goes; Bob, who is always there; and the bus between them.
struct World {
    node: Node,
    bus: std::sync::Arc<Steered>,
    ada: UserId,
    bob: UserId,
    is_in: BTreeMap<i64, bool>,
    /// Committed, and not brought yet.
    waiting: Vec<Event>,
    expected: Told,
}

impl World {
    fn new() -> Self {
        let (node, bus) = Steered::node();
        let (ada, bob) = (node.user(1, "ada"), node.user(2, "bob"));
        for room in ROOMS {
            node.store.add_member(room, bob);
        }
        Self { node, bus, ada, bob, is_in: BTreeMap::new(), waiting: Vec::new(), expected: Told::new() }
    }

    fn expect(&mut self, room: i64, event: &Event) {
        self.expected.entry(room).or_default().push(told(&event.encode()).1);
    }

    fn comes_or_goes(&mut self, room: i64) {
        let is_in = self.is_in.entry(room).or_default();
        *is_in = !*is_in;
        let events = if *is_in {
            let mut events = self.node.store.add_member(room, self.ada);
            events.reverse();
            events
        } else {
            self.node.store.remove_member(room, self.ada)
        };
        for event in events {
            self.expect(room, &event);
            self.waiting.push(event);
        }
    }

    fn says(&mut self, room: i64) {
        let event = self.node.store.commit(room, self.bob, "text");
        if self.is_in.get(&room) == Some(&true) {
            self.expect(room, &event);
        }
        self.waiting.push(event);
    }

    /// Brings, loses or doubles one of those that wait.
    async fn brings_one(&mut self, random: &mut Rng) {
        if self.waiting.is_empty() {
            return;
        }
        let event = self.waiting.remove(random.usize(..self.waiting.len()));
        for _ in 0..[0, 1, 1, 1, 1, 2][random.usize(..6)] {
            self.bus.brings_event(&event).await;
        }
    }

    /// A reader who connects now is told what is committed from now on.
    async fn reader(&self) -> (Client<DuplexStream>, Told) {
        (self.node.live(self.ada).await, self.expected.clone())
    }
}

/// The room that a frame concerns, and what it says.
fn told(frame: &str) -> (i64, String) {
    let frame: Value = serde_json::from_str(frame).unwrap();
    let op = frame["op"].as_str().unwrap();
    let id = if op.starts_with("CONVERSATION_") { &frame["d"]["id"] } else { &frame["c"] };
    (id.as_i64().unwrap(), format!("{op} {}", frame["s"]))
}

/// What comes next, whichever room it is of.
async fn hears(client: &mut Client<DuplexStream>, expected: &[&str]) {
    for expected in expected {
        assert_eq!(told(&client.text().await).1, *expected);
    }
}

async fn story(seed: u64) {
    let mut random = Rng::with_seed(seed);
    let mut world = World::new();
    let mut readers = vec![world.reader().await];
    for _ in 0..60 {
        let room = ROOMS[random.usize(..2)];
        match random.u8(..12) {
            0 | 1 => world.comes_or_goes(room),
            2..=5 => world.says(room),
            6..=9 => world.brings_one(&mut random).await,
            10 => tokio::time::sleep(Duration::from_millis(random.u64(..80))).await,
            _ if random.u8(..6) == 0 => world.bus.brings(Received::Lost).await,
            _ if readers.len() < 4 => readers.push(world.reader().await),
            _ => {}
        }
    }
    world.bus.brings(Received::Lost).await;
    for (number, (client, before)) in readers.iter_mut().enumerate() {
        let mut rest = world.expected.clone();
        for (room, told) in before {
            rest.get_mut(room).unwrap().drain(..told.len());
        }
        let count = rest.values().map(Vec::len).sum();
        let mut seen = Told::new();
        for _ in 0..count {
            let (room, told) = told(&client.text().await);
            seen.entry(room).or_default().push(told);
        }
        rest.retain(|_, told| !told.is_empty());
        assert_eq!(seen, rest, "reader {number} of story {seed}");
        tokio::time::sleep(Duration::from_secs(1)).await;
        client.assert_silent().await;
    }
}

#[tokio::test(start_paused = true)]
async fn whatever_the_bus_brings_they_are_told_what_is_theirs() {
    for seed in 0..400 {
        story(seed).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_membership_whose_end_no_log_tells_ends_where_it_ended() {
    let mut world = World::new();
    world.comes_or_goes(ROOMS[0]);
    world.says(ROOMS[0]);
    let (mut client, _) = world.reader().await;
    world.waiting.clear();
    // Their inbox comes first.
    world.says(ROOMS[0]);
    let gone = world.node.store.leave_unsaid(ROOMS[0], world.ada);
    world.is_in.insert(ROOMS[0], false);
    world.says(ROOMS[0]);
    world.bus.brings_event(&gone).await;
    world.bus.brings_events(&world.waiting).await;
    hears(&mut client, &["MESSAGE_CREATE 4", "CONVERSATION_DELETE 2"]).await;
    client.assert_silent().await;
    // Back again, without what was said meanwhile.
    let back = world.node.store.return_unsaid(ROOMS[0], world.ada);
    world.bus.brings_event(&back).await;
    let event = world.node.store.commit(ROOMS[0], world.bob, "welcome back");
    world.bus.brings_event(&event).await;
    hears(&mut client, &["CONVERSATION_CREATE 3", "MESSAGE_CREATE 6"]).await;
    client.assert_silent().await;
}

/// What the log says of no leaving is not told beyond it, however long it takes to read what was before.
#[tokio::test(start_paused = true)]
async fn who_blocks_again_while_their_return_is_read_hears_nothing_more() {
    let mut world = World::new();
    world.comes_or_goes(ROOMS[0]);
    let (mut client, _) = world.reader().await;
    let away = world.node.store.leave_unsaid(ROOMS[0], world.ada);
    let back = world.node.store.return_unsaid(ROOMS[0], world.ada);
    let heard = world.node.store.commit(ROOMS[0], world.bob, "welcome back");
    {
        let _closed = world.node.store.hold_back(Stream::Conversation(ConversationId(ROOMS[0]))).await;
        world.bus.brings_events([&away, &back, &heard]).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let gone = world.node.store.leave_unsaid(ROOMS[0], world.ada);
        let unheard = world.node.store.commit(ROOMS[0], world.bob, "do you hear me?");
        world.bus.brings_events([&gone, &unheard]).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let expected = ["CONVERSATION_DELETE 2", "CONVERSATION_CREATE 3", "MESSAGE_CREATE 3", "CONVERSATION_DELETE 4"];
    hears(&mut client, &expected).await;
    client.assert_silent().await;
}

/// While their inbox waits for what is read of another conversation, too.
#[tokio::test(start_paused = true)]
async fn who_leaves_is_told_no_more_even_while_their_inbox_waits() {
    let mut world = World::new();
    world.comes_or_goes(ROOMS[0]);
    let (mut client, _) = world.reader().await;
    world.waiting.clear();
    world.comes_or_goes(ROOMS[1]);
    let joining = std::mem::take(&mut world.waiting);
    {
        let _closed = world.node.store.hold_back(Stream::Conversation(ConversationId(ROOMS[1]))).await;
        world.bus.brings_events(&joining).await;
        let theirs = world.node.store.commit(ROOMS[0], world.bob, "bye");
        let gone = world.node.store.leave_unsaid(ROOMS[0], world.ada);
        let unheard = world.node.store.commit(ROOMS[0], world.bob, "do you hear me?");
        world.bus.brings_events([&gone, &theirs, &unheard]).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let mut seen = Vec::new();
    for _ in 0..4 {
        let (room, what) = told(&client.text().await);
        seen.push(format!("{room} {what}"));
    }
    let expected = ["11 CONVERSATION_CREATE 2", "11 MEMBER_ADD 2", "10 MESSAGE_CREATE 3", "10 CONVERSATION_DELETE 3"];
    assert_eq!(seen, expected);
    client.assert_silent().await;
}

/// While what their inbox says is read from the store, too, as after a comparison of all logs.
#[tokio::test(start_paused = true)]
async fn who_blocks_is_told_no_more_even_while_their_inbox_is_read() {
    let mut world = World::new();
    world.comes_or_goes(ROOMS[0]);
    let (mut client, _) = world.reader().await;
    let _closed = world.node.store.hold_back(Stream::Inbox(world.ada)).await;
    let gone = world.node.store.leave_unsaid(ROOMS[0], world.ada);
    world.bus.brings(Received::Lost).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let unheard = world.node.store.commit(ROOMS[0], world.bob, "do you hear me?");
    world.bus.brings_events([&gone, &unheard]).await;
    assert_eq!(told(&client.text().await).1, "CONVERSATION_DELETE 2");
    client.assert_silent().await;
}

/// Whatever else their inbox waits for first.
#[tokio::test(start_paused = true)]
async fn who_blocks_again_behind_another_joining_is_told_no_more() {
    let mut world = World::new();
    world.comes_or_goes(ROOMS[0]);
    let (mut client, _) = world.reader().await;
    // By whom the log has its place here.
    let _bobs = world.node.live(world.bob).await;
    world.waiting.clear();
    let away = world.node.store.leave_unsaid(ROOMS[0], world.ada);
    let back = world.node.store.return_unsaid(ROOMS[0], world.ada);
    world.comes_or_goes(ROOMS[1]);
    let joining = std::mem::take(&mut world.waiting);
    let gone = world.node.store.leave_unsaid(ROOMS[0], world.ada);
    // The one is not read however often it is tried, the other takes its time.
    world.node.store.failing_reads.store(64, Ordering::Relaxed);
    let _closed = world.node.store.hold_back(Stream::Conversation(ConversationId(ROOMS[1]))).await;
    world.bus.brings_events([&away, &back].into_iter().chain(&joining).chain([&gone])).await;
    tokio::time::sleep(Duration::from_secs(20)).await;
    let unheard = world.node.store.commit(ROOMS[0], world.bob, "do you hear me?");
    world.bus.brings_event(&unheard).await;
    hears(&mut client, &["CONVERSATION_DELETE 2", "CONVERSATION_CREATE 3", "CONVERSATION_CREATE 4"]).await;
    client.assert_silent().await;
}

/// An inbox's entry that comes before its turn is heeded, and a page of the log that is further than the bus is not told
/// to who had left by then.
#[tokio::test(start_paused = true)]
async fn who_blocks_is_told_no_more_where_the_inbox_or_the_bus_is_behind() {
    for early in [true, false] {
        let mut world = World::new();
        world.comes_or_goes(ROOMS[0]);
        world.says(ROOMS[0]);
        let (mut client, _) = world.reader().await;
        world.waiting.clear();
        let theirs = world.node.store.commit(ROOMS[0], world.bob, "bye");
        world.bus.brings_event(&theirs).await;
        assert_eq!(told(&client.text().await).1, "MESSAGE_CREATE 4");
        let inbox = Stream::Inbox(world.ada);
        let closed = world.node.store.hold_back(inbox).await;
        if early {
            // Something else of theirs, which the bus does not bring.
            world.node.store.add_member(ROOMS[1], world.ada);
        }
        let gone = world.node.store.leave_unsaid(ROOMS[0], world.ada);
        let unheard = world.node.store.commit(ROOMS[0], world.bob, "do you hear me?");
        if early {
            world.bus.brings_event(&gone).await;
            world.bus.brings_event(&unheard).await;
        } else {
            world.bus.brings(Received::Lost).await;
        }
        client.assert_silent().await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        client.assert_silent().await;
        drop(closed);
        let expected: &[&str] = match early {
            true => &["CONVERSATION_CREATE 2", "MEMBER_ADD 2", "CONVERSATION_DELETE 3"],
            false => &["CONVERSATION_DELETE 2"],
        };
        hears(&mut client, expected).await;
        client.assert_silent().await;
    }
}

/// What is written at one node may come before the leaving that another one has committed.
#[tokio::test(start_paused = true)]
async fn who_blocks_is_told_no_more_even_where_their_leaving_is_behind() {
    let mut world = World::new();
    world.comes_or_goes(ROOMS[0]);
    let (mut client, _) = world.reader().await;
    let mut bobs = world.node.live(world.bob).await;
    world.waiting.clear();
    let theirs = world.node.store.commit(ROOMS[0], world.bob, "bye");
    let gone = world.node.store.leave_unsaid(ROOMS[0], world.ada);
    let unheard = ["do you hear me?", "hello?"].map(|text| world.node.store.commit(ROOMS[0], world.bob, text));
    world.bus.brings_event(&theirs).await;
    world.bus.brings_without(&unheard[0], world.ada).await;
    hears(&mut client, &["MESSAGE_CREATE 3"]).await;
    hears(&mut bobs, &["MESSAGE_CREATE 3", "MESSAGE_CREATE 4"]).await;
    client.assert_silent().await;
    world.bus.brings_event(&gone).await;
    hears(&mut client, &["CONVERSATION_DELETE 2"]).await;
    // Back again, and following, before the last of it has come or was read.
    let log = Stream::Conversation(ConversationId(ROOMS[0]));
    let joining = world.node.store.hold_back(log).await;
    let back = world.node.store.return_unsaid(ROOMS[0], world.ada);
    world.bus.brings_event(&back).await;
    hears(&mut client, &["CONVERSATION_CREATE 3"]).await;
    drop(joining);
    let _closed = world.node.store.hold_back(log).await;
    client.assert_silent().await;
    world.bus.brings_without(&unheard[1], world.ada).await;
    let heard = world.node.store.commit(ROOMS[0], world.bob, "welcome back");
    world.bus.brings_event(&heard).await;
    hears(&mut bobs, &["MESSAGE_CREATE 5", "MESSAGE_CREATE 6"]).await;
    hears(&mut client, &["MESSAGE_CREATE 6"]).await;
    client.assert_silent().await;
}

/// Where they were told nothing of the conversation before, too.
#[tokio::test(start_paused = true)]
async fn who_blocks_as_they_arrive_is_told_no_more_where_the_bus_is_behind() {
    let mut world = World::new();
    world.comes_or_goes(ROOMS[0]);
    let (mut client, _) = world.reader().await;
    world.waiting.clear();
    let closed = world.node.store.hold_back(Stream::Inbox(world.ada)).await;
    world.node.store.leave_unsaid(ROOMS[0], world.ada);
    world.node.store.commit(ROOMS[0], world.bob, "do you hear me?");
    world.bus.brings(Received::Lost).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    client.assert_silent().await;
    drop(closed);
    hears(&mut client, &["CONVERSATION_DELETE 2"]).await;
    client.assert_silent().await;
}

/// And where they are back before anybody has looked: what was said meanwhile is no news.
#[tokio::test(start_paused = true)]
async fn who_was_away_between_two_looks_is_told_nothing_of_it() {
    let mut world = World::new();
    world.comes_or_goes(ROOMS[0]);
    let (mut client, _) = world.reader().await;
    world.waiting.clear();
    let closed = world.node.store.hold_back(Stream::Inbox(world.ada)).await;
    world.node.store.commit(ROOMS[0], world.bob, "bye");
    world.node.store.leave_unsaid(ROOMS[0], world.ada);
    world.node.store.commit(ROOMS[0], world.bob, "do you hear me?");
    world.node.store.return_unsaid(ROOMS[0], world.ada);
    world.node.store.commit(ROOMS[0], world.bob, "welcome back");
    world.bus.brings(Received::Lost).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    client.assert_silent().await;
    drop(closed);
    let expected = ["MESSAGE_CREATE 3", "CONVERSATION_DELETE 2", "CONVERSATION_CREATE 3", "MESSAGE_CREATE 5"];
    hears(&mut client, &expected).await;
    client.assert_silent().await;
}

#[tokio::test]
async fn who_is_removed_while_a_replay_is_read_gets_all_that_was_theirs() {
    let (node, bus) = Steered::node();
    let (ada, bob) = (node.user(1, "ada"), node.user(2, "bob"));
    node.store.add_member(ROOMS[0], ada);
    node.store.add_member(ROOMS[0], bob);
    node.store.commit(ROOMS[0], bob, "missed");
    let mut client = node.connect().await;
    assert_eq!(client.op().await, "HELLO");
    let removed = {
        let _closed = node.store.hold_back(Stream::Conversation(ConversationId(ROOMS[0]))).await;
        client.identify_with(&node.token(ada), &[("10", 1), ("inbox", 1)]).await;
        assert_eq!(client.op().await, "READY");
        node.store.remove_member(ROOMS[0], ada)
    };
    bus.brings_events(&removed).await;
    hears(&mut client, &["MEMBER_ADD 2", "MESSAGE_CREATE 3", "MEMBER_REMOVE 4", "CONVERSATION_DELETE 2"]).await;
    client.assert_silent().await;
}
