//! What is refused, with a sentence, and nothing touched.

use super::world::{beside, filled, good, migrate, refused, rows, same};
use crate::support::postgres;
use crate::support::process::{Program, run};

#[test]
fn a_server_that_runs_on_either_side() {
    let folder = tempfile::tempdir().unwrap();
    let (data, url) = (folder.path().join("data"), postgres::database());
    let program = Program::serve(&data);
    refused(&migrate(&data, "--to", &url).output().unwrap(), &["stop the server", "data"]);
    drop(program);
    good(&run(&data, &["room", "add", "Lobby"]));
    let beside_it = std::fs::File::open(data.join("lock-commands")).unwrap();
    beside_it.lock_shared().unwrap();
    refused(&migrate(&data, "--to", &url).output().unwrap(), &["let commands end"]);
    drop(beside_it);

    let elsewhere = beside(&data, "elsewhere");
    let _node = Program::serve_with(&elsewhere, |command| {
        command.env("CHATTER_DATABASE", &url);
    });
    refused(&migrate(&data, "--to", &url).output().unwrap(), &["stop every node"]);
}

#[test]
fn a_target_with_other_data_and_a_source_with_none() {
    let folder = tempfile::tempdir().unwrap();
    let (data, url) = (filled(folder.path()), postgres::database());
    let empty = beside(&data, "empty");
    refused(&migrate(&empty, "--to", &url).output().unwrap(), &["nothing to move", "chatter.db"]);
    assert!(!empty.join("chatter.db").exists());
    refused(&migrate(&empty, "--from", &url).output().unwrap(), &["no Chatter in it"]);
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(postgres::column(&url, tables), [0], "a source is not begun");
    assert!(!empty.join("chatter.db").exists());

    good(&migrate(&data, "--to", &url).output().unwrap());
    assert!(good(&migrate(&data, "--to", &url).output().unwrap()).contains("All was there already"));
    let unseen = "UPDATE users SET password_hash = 'changed' WHERE id = 2";
    postgres::execute(&url, unseen);
    let said = ["holds data already", "nothing was changed"];
    refused(&migrate(&data, "--to", &url).output().unwrap(), &said);
    assert_eq!(postgres::column(&url, "SELECT count(*) FROM users WHERE password_hash = 'changed'"), [1]);
    good(&run(&data, &["user", "session", "person1"]));
    refused(&migrate(&data, "--to", &url).output().unwrap(), &said);
    let before = rows(&data);
    refused(&migrate(&data, "--from", &url).output().unwrap(), &said);
    same(&rows(&data), &before);
    // It was not marked either.
    drop(Program::serve(&data));
}

#[test]
fn another_secret_file() {
    let folder = tempfile::tempdir().unwrap();
    let (data, url) = (filled(folder.path()), postgres::database());
    good(&migrate(&data, "--to", &url).output().unwrap());
    let other = folder.path().join("other");
    refused(&migrate(&other, "--from", &url).output().unwrap(), &["secret file", "is missing"]);
    assert!(!other.join("secrets.toml").exists(), "none is made");
    good(&run(&other, &["room", "add", "Lobby"]));
    refused(&migrate(&other, "--to", &url).output().unwrap(), &["another secret file"]);
    let third = beside(&other, "third");
    refused(&migrate(&third, "--from", &url).output().unwrap(), &["another secret file"]);
    assert!(!third.join("chatter.db").exists());
}

/// A command on PostgreSQL takes no lock that nodes know.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_who_still_writes_to_the_source() {
    let folder = tempfile::tempdir().unwrap();
    let (data, url) = (filled(folder.path()), postgres::database());
    good(&migrate(&data, "--to", &url).output().unwrap());
    let back = beside(&data, "back");
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    client.batch_execute("BEGIN; UPDATE users SET password_hash = 'new' WHERE id = 1").await.unwrap();
    let mut command = migrate(&back, "--from", &url);
    refused(&tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap(), &["is not done", "lock"]);
    client.batch_execute("COMMIT").await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
    good(&migrate(&back, "--from", &url).output().unwrap());
    assert!(rows(&back).iter().any(|row| row.contains("Text(\"new\")")));
}
