//! `chatter demo`: a world as large as it says and the same every time, made only where nobody is yet.

use std::path::Path;

use rusqlite::Connection;

use crate::migrate::world::{good, refused, rows, same};
use crate::support::person::Person;
use crate::support::process::{Program, run};

/// The fewest with which something is said in each conversation.
const MESSAGES: &str = "200";
const PASSWORD: &str = "chatter-demo";

/// Makes a world in this folder: what the program says of it.
fn world(data: &Path) -> String {
    good(&run(data, &["demo", "--messages", MESSAGES]))
}

/// How many rows there are of this.
fn count(data: &Path, of: &str) -> i64 {
    let database = Connection::open(data.join("chatter.db")).unwrap();
    database.query_row(&format!("SELECT count(*) FROM {of}"), [], |row| row.get(0)).unwrap()
}

/// Every message, by its nonce: who says what.
fn said(data: &Path) -> Vec<(String, i64, String)> {
    let database = Connection::open(data.join("chatter.db")).unwrap();
    let mut statement = database.prepare("SELECT nonce, author_id, content FROM messages ORDER BY nonce").unwrap();
    let messages = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    messages.map(Result::unwrap).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_world_to_look_at_is_as_large_as_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let told = world(&data);
    assert!(told.contains("50 people, 20 conversations, 200 messages.") && told.contains(PASSWORD), "{told}");
    for (of, number) in [("users", 50), ("conversations", 20), ("messages", 200)] {
        assert_eq!(count(&data, of), number, "{of}");
    }
    let silent = "conversations c WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.conversation_id = c.id)";
    assert_eq!(count(&data, silent), 0, "something is said in each");
    assert!(good(&run(&data, &["doctor", "--addr", "127.0.0.1:0"])).contains("is whole"));

    // And a server shows it.
    let program = Program::serve(&data);
    let ada = Person::sign_in_with(&program.address, "ada", PASSWORD).await;
    let list = ada.ok("conversation-list", &[]).await;
    assert_eq!(list["conversations"].as_array().unwrap().len(), 20, "she is in all of them");
    let people = ada.ok("user-list", &[("limit", "100")]).await;
    assert_eq!(people["users"].as_array().unwrap().len(), 50);
    let another = Person::sign_in_with(&program.address, "佐藤", PASSWORD).await;
    let list = another.ok("conversation-list", &[]).await;
    assert!(list.to_string().contains("居酒屋"), "{list}");
}

#[test]
fn of_few_messages_it_counts_the_conversations_that_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let told = good(&run(&data, &["demo", "--messages", "5"]));
    let there = count(&data, "conversations");
    assert!(there < 20 && told.contains(&format!("50 people, {there} conversations, 5 messages.")), "{told}");
}

#[test]
fn the_same_seed_says_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let [one, other] = ["one", "other"].map(|name| {
        let data = folder.path().join(name);
        world(&data);
        said(&data)
    });
    assert_eq!(one.len(), 200);
    let differ = one.iter().zip(&other).find(|(one, other)| one != other);
    assert!(differ.is_none() && one.len() == other.len(), "{differ:?}");
    let texts: std::collections::BTreeSet<_> = one.iter().map(|(_, _, text)| text).collect();
    assert!(texts.len() > 100, "they do not all say one thing: {texts:?}");
}

#[test]
fn where_somebody_is_already_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let (data, people) = (folder.path().join("data"), folder.path().join("people.jsonl"));
    std::fs::write(&people, "{\"name\":\"Ada\"}\n").unwrap();
    good(&run(&data, &["user", "import", people.to_str().unwrap()]));
    good(&run(&data, &["room", "add", "Lobby", "ada"]));
    let before = rows(&data);
    let output = run(&data, &["demo", "--messages", MESSAGES]);
    assert_eq!(output.status.code(), Some(1));
    refused(&output, &["accounts already", "Name a new folder", "--data"]);
    same(&rows(&data), &before);
}
