//! `chatter migrate`: everything there, everything back, whatever breaks it off; and what it refuses.

mod broken_off;
mod refusals;
pub mod world;

use std::time::Duration;

use serde_json::Value;

use self::world::{beside, columns_of, filled, good, migrate, rows, same};
use crate::support::person::Person;
use crate::support::postgres;
use crate::support::process::{Program, command, run};

#[test]
fn there_and_back_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let data = filled(folder.path());
    let before = rows(&data);
    assert!(good(&run(&data, &["doctor", "--addr", "127.0.0.1:0"])).contains("is whole"), "the world is one");
    let url = postgres::database();
    let said = good(&migrate(&data, "--to", &url).output().unwrap());
    assert!(said.contains("12,500 rows") && said.contains("CHATTER_DATABASE"), "{said}");
    same(&rows(&data), &before);
    let columns = "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public'
        AND table_name NOT IN ('chatter_schema', 'installation')";
    assert_eq!(postgres::column(&url, columns), [columns_of(&data)], "one that SQLite lacks would stay behind");
    let ids = "SELECT last_value FROM sessions_id_seq UNION ALL SELECT last_value FROM conversations_id_seq";
    assert_eq!(postgres::column(&url, ids), [6, 12], "the next ids are new");

    let back = beside(&data, "back");
    // Its address from the settings this time.
    let mut command = command(&back);
    command.args(["migrate", "--from"]);
    let said = good(&command.env("CHATTER_DATABASE", &url).output().unwrap());
    assert!(said.contains("unset CHATTER_DATABASE"), "{said}");
    same(&rows(&back), &before);
}

/// What somebody sees of their conversations: lists with unread counts, and the first one's history.
async fn seen(person: &Person, conversation: i64) -> [Value; 2] {
    let id = conversation.to_string();
    [person.ok("conversation-list", &[]).await, person.ok("message-list", &[("conversation_id", &id)]).await]
}

fn stop(mut program: Program) {
    program.terminate();
    assert_eq!(program.ended(Duration::from_secs(10)).0, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_signed_in_goes_on_in_the_new_house() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let program = Program::serve(&data);
    let (ada, bob) = (Person::sign_up(&program.address, "ada").await, Person::sign_up(&program.address, "bob").await);
    let form = [("target_id", "bob"), ("content", "kept 日本"), ("nonce", "the-nonce")];
    let first = ada.ok("message-post", &form).await;
    let (conversation, _) = ada.post_to("bob", "not read yet").await;
    bob.ok("read-mark", &[("conversation_id", &conversation.to_string()), ("seq", "1")]).await;
    let before = seen(&bob, conversation).await;
    assert_eq!(before[0]["conversations"][0]["unread"], 1);
    stop(program);

    let url = postgres::database();
    good(&migrate(&data, "--to", &url).output().unwrap());
    let program = Program::serve_with(&data, |command| {
        command.env("CHATTER_DATABASE", &url);
    });
    let (ada, bob) = (ada.at(&program.address), bob.at(&program.address));
    assert_eq!(seen(&bob, conversation).await, before);
    assert_eq!(ada.ok("message-post", &form).await, first, "the same nonce is the same message");
    assert_eq!(bob.post_to("ada", "written in PostgreSQL").await, (conversation, 3));
    let cleo = Person::sign_up(&program.address, "cleo").await;
    assert_eq!(cleo.id, 3, "the next id");
    let (with_cleo, _) = cleo.post_to("bob", "hello").await;
    assert_eq!(with_cleo, conversation + 1);
    let before = [seen(&bob, conversation).await, seen(&bob, with_cleo).await].concat();
    stop(program);

    let back = beside(&data, "back");
    good(&migrate(&back, "--from", &url).output().unwrap());
    let program = Program::serve(&back);
    let (ada, bob) = (ada.at(&program.address), bob.at(&program.address));
    assert_eq!([seen(&bob, conversation).await, seen(&bob, with_cleo).await].concat(), before);
    assert_eq!(ada.ok("message-post", &form).await, first);
    assert_eq!(cleo.at(&program.address).post_to("bob", "again").await, (with_cleo, 2));
    stop(program);
}
