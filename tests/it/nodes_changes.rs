//! What is done at one node is told at another, to whom it concerns and to nobody else: everybody here acts at one node
//! and listens at the other one.

use serde_json::{Value, json};

use crate::nodes::{Cluster, on};
use crate::support::device::Device;
use crate::support::person::Person;
use crate::support::process::Program;
use crate::support::socket::Socket;

struct Nodes {
    here: Program,
    there: Program,
    /// Its folder goes after them.
    _cluster: Cluster,
}

impl Nodes {
    fn start() -> Self {
        let cluster = Cluster::new();
        Self { here: cluster.node("here"), there: cluster.node("there"), _cluster: cluster }
    }

    /// Somebody new, who acts there.
    async fn person(&self, name: &str) -> Person {
        Person::sign_up(&self.there.address, name).await
    }

    /// Their device, which listens here.
    async fn device(&self, person: &Person) -> Device {
        Device::new(on(person, &self.here)).await
    }

    /// The same as a socket, which shows what has no place in a log, too.
    async fn socket(&self, person: &Person) -> Socket {
        on(person, &self.here).socket().await
    }
}

/// Does this to a message, or up to it.
async fn act(who: &Person, function: &str, (conversation, seq): (i64, i64), more: &[(&str, &str)]) {
    let (conversation, seq) = (conversation.to_string(), seq.to_string());
    let mut form = vec![("conversation_id", conversation.as_str()), ("seq", seq.as_str())];
    form.extend_from_slice(more);
    who.ok(function, &form).await;
}

/// The next event of each device, which is the same for all: its `d`.
async fn told(devices: &mut [Device], op: &str) -> Value {
    let mut told = Vec::new();
    for device in devices {
        let mut event = device.event().await.unwrap();
        assert_eq!(event["op"], op, "{event}");
        told.push(event["d"].take());
    }
    assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{told:?}");
    told.remove(0)
}

/// Reads on until that is told of who is there.
async fn seen(watcher: &mut Socket, user: i64, status: &str) {
    while watcher.presence().await != (user, status.to_owned()) {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_becomes_of_a_message_is_told_at_another_node() {
    let nodes = Nodes::start();
    let (ada, bob) = (nodes.person("ada").await, nodes.person("bob").await);
    let mut devices = [nodes.device(&ada).await, nodes.device(&bob).await];
    let (direct, first) = ada.post_to("bob", "one").await;
    assert_eq!(told(&mut devices, "CONVERSATION_CREATE").await["id"], direct);
    assert_eq!(told(&mut devices, "MESSAGE_CREATE").await["content"], "one");
    let (_, second) = bob.post_to("ada", "two").await;
    assert_eq!(told(&mut devices, "MESSAGE_CREATE").await["content"], "two");

    act(&ada, "message-edit", (direct, first), &[("content", "one, in other words")]).await;
    let edited = told(&mut devices, "MESSAGE_UPDATE").await;
    assert_eq!((&edited["seq"], &edited["content"]), (&json!(first), &json!("one, in other words")));
    for (pinned, stands) in [("true", json!(true)), ("false", Value::Null)] {
        act(&bob, "message-pin", (direct, first), &[("pinned", pinned)]).await;
        assert_eq!(told(&mut devices, "MESSAGE_UPDATE").await["pinned"], stands);
    }
    let reaction = json!({"seq": first, "emoji": "👍", "user": {"id": bob.id, "name": "bob"}});
    for (function, op) in [("reaction-add", "REACTION_ADD"), ("reaction-remove", "REACTION_REMOVE")] {
        act(&bob, function, (direct, first), &[("emoji", "👍")]).await;
        assert_eq!(told(&mut devices, op).await, reaction);
    }
    act(&bob, "message-delete", (direct, second), &[]).await;
    let gone = told(&mut devices, "MESSAGE_DELETE").await;
    assert_eq!((&gone["seq"], &gone["content"], &gone["deleted"]), (&json!(second), &json!(""), &json!(true)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_to_a_group_and_goes_is_told_what_is_theirs_at_another_node() {
    let nodes = Nodes::start();
    let (ada, bob, eve) = (nodes.person("ada").await, nodes.person("bob").await, nodes.person("eve").await);
    let mut devices = [nodes.device(&ada).await, nodes.device(&bob).await, nodes.device(&eve).await];
    let made = ada.ok("conversation-create", &[("kind", "group"), ("title", "Tea"), ("members", "bob")]).await;
    let group = made["id"].to_string();
    assert_eq!(told(&mut devices[..2], "CONVERSATION_CREATE").await["title"], "Tea");
    bob.ok("conversation-update", &[("conversation_id", &group), ("title", "Coffee")]).await;
    assert_eq!(told(&mut devices[..2], "CONVERSATION_UPDATE").await["title"], "Coffee");
    let says = async |who: &Person, content: &str| {
        who.ok("message-post", &[("conversation_id", &group), ("content", content)]).await;
    };
    says(&ada, "before").await;
    assert_eq!(told(&mut devices[..2], "MESSAGE_CREATE").await["content"], "before");

    ada.ok("member-add", &[("conversation_id", &group), ("members", "eve")]).await;
    let joined = told(&mut devices[2..], "CONVERSATION_CREATE").await;
    assert_eq!((&joined["title"], &joined["member_count"]), (&json!("Coffee"), &json!(3)));
    // Her part of the log begins with her coming.
    devices[2].cursors.insert(group.clone(), 2);
    assert_eq!(told(&mut devices, "MEMBER_ADD").await["user"]["name"], "eve");
    says(&bob, "hello, eve").await;
    assert_eq!(told(&mut devices, "MESSAGE_CREATE").await["content"], "hello, eve");

    let id = eve.id.to_string();
    ada.ok("member-remove", &[("conversation_id", &group), ("user_id", &id)]).await;
    assert_eq!(told(&mut devices, "MEMBER_REMOVE").await["user"]["name"], "eve");
    assert_eq!(told(&mut devices[2..], "CONVERSATION_DELETE").await, json!({"id": made["id"]}));
    says(&bob, "without eve").await;
    says(&ada, "and once more").await;
    for content in ["without eve", "and once more"] {
        assert_eq!(told(&mut devices[..2], "MESSAGE_CREATE").await["content"], content);
    }
    for device in &mut devices {
        device.assert_silent().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_keeps_has_read_is_called_and_hides_is_told_at_another_node() {
    let nodes = Nodes::start();
    let (ada, bob) = (nodes.person("ada").await, nodes.person("bob").await);
    let (direct, _) = bob.post_to("ada", "one").await;
    let (mut own, mut other) = (nodes.socket(&ada).await, nodes.socket(&bob).await);
    let id = direct.to_string();
    let steps = [
        ("level", "mentions", json!({"level": "mentions"})),
        ("pinned", "true", json!({"level": "mentions", "pinned": true})),
        ("marked", "true", json!({"level": "mentions", "pinned": true, "marked": true})),
    ];
    for (field, value, mine) in steps {
        ada.ok("conversation-keep", &[("conversation_id", &id), (field, value)]).await;
        assert_eq!(own.expect("CONVERSATION_UPDATE").await["d"], json!({"id": direct, "mine": mine}));
    }
    other.assert_silent().await;

    // What is no event is told once: so the bus must bring them all of theirs by then, and has brought the second.
    for content in ["two", "three"] {
        bob.post_to("ada", content).await;
        for socket in [&mut own, &mut other] {
            assert_eq!(socket.until("MESSAGE_CREATE").await["d"]["content"], content);
        }
    }
    act(&ada, "read-mark", (direct, 3), &[]).await;
    for socket in [&mut own, &mut other] {
        let read = socket.until("READ_UPDATE").await;
        assert_eq!(read["d"], json!({"conversation": direct, "user": ada.id, "read_seq": 3}));
    }
    ada.ok("profile-update", &[("display_name", "Countess")]).await;
    for socket in [&mut own, &mut other] {
        let update = socket.until("USER_UPDATE").await;
        assert_eq!(update["d"]["user"], json!({"id": ada.id, "name": "ada", "display": "Countess"}));
    }

    // The node at which she is speaks of her to the other one, which knows of her after the first time at the latest.
    let mut elsewhere = bob.socket().await;
    let steps = [("true", "offline"), ("false", "online")];
    for (hidden, status) in steps {
        ada.ok("profile-update", &[("presence_hidden", hidden)]).await;
        seen(&mut other, ada.id, status).await;
    }
    seen(&mut elsewhere, ada.id, "online").await;
    for (hidden, status) in steps {
        ada.ok("profile-update", &[("presence_hidden", hidden)]).await;
        for watcher in [&mut other, &mut elsewhere] {
            seen(watcher, ada.id, status).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_one_node_changed_is_changed_back_at_another() {
    let nodes = Nodes::start();
    let ada = nodes.person("ada").await;
    let here = on(&ada, &nodes.here);
    // By now this node knows by what name she goes.
    here.ok("conversation-list", &[]).await;
    ada.ok("profile-update", &[("display_name", "Countess")]).await;
    let account = here.ok("profile-update", &[("display_name", "")]).await;
    assert_eq!(account["profile"].get("display"), None, "{account}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_blocks_at_one_node_hears_no_more_at_another_until_they_unblock() {
    let nodes = Nodes::start();
    let (ada, bob) = (nodes.person("ada").await, nodes.person("bob").await);
    let (direct, first) = ada.post_to("bob", "hello").await;
    let group = bob.ok("conversation-create", &[("kind", "group"), ("members", "ada")]).await["id"].to_string();
    let (mut hers, mut his) = (nodes.socket(&ada).await, nodes.device(&bob).await);
    let (from_here, id) = (on(&ada, &nodes.here), ada.id.to_string());
    bob.ok("user-block", &[("user_id", &id)]).await;
    let gone = his.event().await.unwrap();
    assert_eq!((&gone["op"], &gone["d"]), (&json!("CONVERSATION_DELETE"), &json!({"id": direct})));
    for author in [&ada, &from_here] {
        author.post_to("bob", "do you hear me?").await;
        hers.until("MESSAGE_CREATE").await;
    }
    act(&ada, "message-edit", (direct, first), &[("content", "hello!")]).await;
    hers.until("MESSAGE_UPDATE").await;
    his.assert_silent().await;
    // What they share with others goes on.
    ada.ok("message-post", &[("conversation_id", &group), ("content", "and here?")]).await;
    let shared = his.event().await.unwrap();
    assert_eq!((shared["c"].to_string(), &shared["d"]["content"]), (group, &json!("and here?")));

    bob.ok("user-unblock", &[("user_id", &id)]).await;
    let back = his.event().await.unwrap();
    assert_eq!((&back["op"], &back["d"]["id"]), (&json!("CONVERSATION_CREATE"), &json!(direct)));
    // Three numbers were taken meanwhile.
    his.cursors.insert(direct.to_string(), first + 3);
    for (author, content) in [(&ada, "thank you"), (&from_here, "from here, too")] {
        author.post_to("bob", content).await;
        let event = his.event().await.unwrap();
        assert_eq!((&event["op"], &event["d"]["content"]), (&json!("MESSAGE_CREATE"), &json!(content)));
    }
    his.assert_silent().await;
}
