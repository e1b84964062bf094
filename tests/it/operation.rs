//! The program as an operator meets it: start, stop, health, commands beside a running server.

use std::collections::BTreeSet;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::JoinSet;

use crate::support::app::TestApp;
use crate::support::person::{PASSWORD, Person, http};
use crate::support::postgres;
use crate::support::process::{Program, command, run};
use crate::support::socket::Socket;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn add_user(data: &Path, name: &str) {
    let mut command = command(data);
    command.args(["user", "add", name]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"correct horse\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
}

#[tokio::test]
async fn health_and_readiness() {
    let app = TestApp::start().await;
    assert_eq!(reqwest::get(app.url("/healthz")).await.unwrap().status(), 200);
    assert_eq!(reqwest::get(app.url("/readyz")).await.unwrap().status(), 200);
}

#[test]
fn secrets_and_data_are_for_their_owner_alone() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("data");
    let mut program = Program::serve(&folder);
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.iter().any(|path| path.ends_with("chatter.db")), "{files:?}");
    for path in files {
        assert_eq!(mode(&path) & 0o077, 0, "{}", path.display());
    }
    program.kill();
}

#[test]
fn sigterm_ends_with_0_in_time_and_one_folder_has_one_server() {
    let data = tempfile::tempdir().unwrap();
    let mut program = Program::serve(data.path());
    let second = command(data.path()).args(["serve"]).env("LEPTOS_SITE_ADDR", "127.0.0.1:0").output().unwrap();
    assert!(!second.status.success());
    assert!(text(&second.stderr).contains("CHATTER_DATA"), "{}", text(&second.stderr));
    program.terminate();
    let (code, took) = program.ended(Duration::from_secs(10));
    assert_eq!(code, Some(0), "after {took:?}");
}

#[test]
fn listening_beyond_this_machine_needs_the_public_url() {
    let data = tempfile::tempdir().unwrap();
    let output = command(data.path()).args(["serve"]).env("LEPTOS_SITE_ADDR", "0.0.0.0:0").output().unwrap();
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("CHATTER_PUBLIC_URL"), "{}", text(&output.stderr));
}

#[test]
fn a_wrong_setting_is_named() {
    let data = tempfile::tempdir().unwrap();
    std::fs::write(data.path().join("Leptos.toml"), "[chatter]\nsing_up = \"open\"\n").unwrap();
    let output = run(data.path(), &["serve"]);
    assert!(!output.status.success());
    let error = text(&output.stderr);
    assert!(error.contains("Leptos.toml") && error.contains("sing_up"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_work_beside_a_running_server_and_are_seen_live() {
    commands_beside_a_server(tempfile::tempdir().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_work_beside_a_server_on_postgresql() {
    let data = tempfile::tempdir().unwrap();
    let setting = format!("[chatter]\ndatabase = \"{}\"\n", postgres::database());
    std::fs::write(data.path().join("Leptos.toml"), setting).unwrap();
    let doctor = || text(&run(data.path(), &["doctor"]).stdout);
    assert!(doctor().contains("ok       database"), "{}", doctor());
    commands_beside_a_server(data).await;
}

async fn commands_beside_a_server(data: tempfile::TempDir) {
    let program = Program::serve(data.path());
    add_user(data.path(), "ada");
    add_user(data.path(), "bob");
    let ada = Person::sign_in(&program.address, "ada").await;
    let mut socket = ada.socket().await;

    let room = run(data.path(), &["room", "add", "Everyone", "--all"]);
    assert!(room.status.success(), "{}", text(&room.stderr));
    let created = socket.until("CONVERSATION_CREATE").await;
    assert_eq!((&created["d"]["title"], &created["d"]["kind"]), (&"Everyone".into(), &"room".into()));
    let id = created["d"]["id"].to_string();
    ada.ok("message-post", &[("conversation_id", &id), ("content", "welcome")]).await;
    socket.until("MESSAGE_CREATE").await;

    let carol = Person::sign_up(&program.address, "carol").await;
    let list = carol.ok("message-list", &[("conversation_id", &id)]).await;
    assert_eq!(list["messages"][0]["content"], "welcome", "later sign-ups are in, with the whole history");
    assert_eq!(socket.until("MEMBER_ADD").await["d"]["user"]["name"], "carol");

    let named = run(data.path(), &["room", "add", "Two of us", "ada", "carol"]);
    assert!(named.status.success(), "{}", text(&named.stderr));
    assert_eq!(socket.until("CONVERSATION_CREATE").await["d"]["member_count"], 2);
    let unknown = run(data.path(), &["room", "add", "Nobody", "nobody"]);
    assert!(!unknown.status.success() && text(&unknown.stderr).contains("nobody"), "{}", text(&unknown.stderr));

    let session = run(data.path(), &["user", "session", "ada"]);
    assert!(text(&session.stdout).starts_with("ada\t"), "{}", text(&session.stdout));

    let mut change = command(data.path());
    change.args(["user", "password", "ada"]).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut change = change.spawn().unwrap();
    change.stdin.take().unwrap().write_all(b"another horse\n").unwrap();
    assert!(change.wait().unwrap().success());
    assert_eq!(socket.until_closed().await, 4011, "a new password ends the sessions, from another process too");
    assert_eq!(ada.refused("conversation-list", &[]).await.0, 401);
}

#[test]
fn a_bad_line_of_an_import_is_named() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("people.jsonl");
    std::fs::write(&file, "{\"name\":\"ada\"}\n{\"name\":\"12345\"}\nnonsense\n").unwrap();
    let output = run(data.path(), &["user", "import", file.to_str().unwrap()]);
    assert!(!output.status.success());
    let error = text(&output.stderr);
    assert!(error.contains('2') && error.contains('3'), "{error}");
}

#[test]
fn an_empty_variable_is_one_that_is_not_set() {
    let data = tempfile::tempdir().unwrap();
    let mut program = Program::serve_with(data.path(), |command| {
        for name in ["LEPTOS_OUTPUT_NAME", "LEPTOS_SITE_ROOT", "LEPTOS_SITE_PKG_DIR", "LEPTOS_ENV", "LEPTOS_HASH_FILES"]
        {
            command.env(name, "");
        }
        for name in ["LEPTOS_RELOAD_PORT", "LEPTOS_RELOAD_EXTERNAL_PORT", "LEPTOS_RELOAD_WS_PROTOCOL"] {
            command.env(name, "");
        }
        command.env("CHATTER_SIGN_UP", "").env("CHATTER_TRUSTED_PROXIES", "");
    });
    program.kill();
}

#[test]
fn lost_secrets_are_not_replaced_beside_a_database() {
    let data = tempfile::tempdir().unwrap();
    add_user(data.path(), "ada");
    let secrets = data.path().join("secrets.toml");
    std::fs::rename(&secrets, data.path().join("elsewhere")).unwrap();
    for arguments in [&["serve"][..], &["user", "session", "ada"], &["room", "add", "Lobby"]] {
        let output = command(data.path()).args(arguments).env("LEPTOS_SITE_ADDR", "127.0.0.1:0").output().unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        let error = text(&output.stderr);
        assert!(error.contains("secrets.toml") && error.contains("backup"), "{error}");
        assert!(!secrets.exists(), "{arguments:?}");
    }
    std::fs::rename(data.path().join("elsewhere"), &secrets).unwrap();
    assert!(run(data.path(), &["user", "session", "ada"]).status.success());
}

#[test]
fn a_database_of_a_newer_program_is_left_alone() {
    let data = tempfile::tempdir().unwrap();
    add_user(data.path(), "ada");
    let database = rusqlite::Connection::open(data.path().join("chatter.db")).unwrap();
    database.pragma_update(None, "user_version", 9_999).unwrap();
    drop(database);
    let output = command(data.path()).args(["serve"]).env("LEPTOS_SITE_ADDR", "127.0.0.1:0").output().unwrap();
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("newer program"), "{}", text(&output.stderr));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_and_no_text_reaches_the_logs_even_at_trace() {
    look_for_secrets("trace", "text").await;
    look_for_secrets("trace,tungstenite::protocol=trace,tokio_tungstenite=trace", "json").await;
}

async fn look_for_secrets(filter: &str, format: &str) {
    let data = tempfile::tempdir().unwrap();
    let log = data.path().join("log");
    let stderr = std::fs::File::create(&log).unwrap();
    let mut program = Program::serve_with(&data.path().join("data"), |command| {
        command.env("CHATTER_LOG_FILTER", filter).env("CHATTER_LOG_FORMAT", format).stderr(stderr);
    });
    let (ada, bob) = (Person::sign_up(&program.address, "ada").await, Person::sign_up(&program.address, "bob").await);
    let mut socket = bob.socket().await;
    let token = ada.token().await;
    let secret_text = "the eagle lands at midnight";
    let form = [("target_id", "bob"), ("content", secret_text), ("nonce", "nonce-of-the-eagle")];
    ada.ok("message-post", &form).await;
    socket.until("MESSAGE_CREATE").await;
    ada.page("/c/1").await;
    ada.form("message-post", &[("target_id", "nobody"), ("content", secret_text)]).await;
    let mut refused = Socket::open(&program.address).await;
    refused.identify(&format!("{token}x")).await;
    assert_eq!(refused.until_closed().await, 4004);
    let wrong = "a password that is nobody's";
    let form = [("name", "ada"), ("password", wrong)];
    let request = http().post(format!("http://{}/api/sign-in", program.address)).form(&form);
    assert_eq!(request.send().await.unwrap().status(), 401);
    program.terminate();
    assert_eq!(program.ended(Duration::from_secs(10)).0, Some(0));
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("TRACE") || log.contains("DEBUG"), "the level is really on");
    let session = ada.session.strip_prefix("session=").unwrap();
    let texts = [PASSWORD, secret_text, wrong].map(|text| [text.to_owned(), urlencoded(text)]).concat();
    for secret in texts.iter().map(String::as_str).chain([session, &token]) {
        let line = log.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "a secret is in the log: {}", line.unwrap_or_default());
    }
}

/// As forms send it.
fn urlencoded(text: &str) -> String {
    text.replace(' ', "+").replace('\'', "%27")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_under_load_loses_nothing_that_was_acknowledged() {
    let data = tempfile::tempdir().unwrap();
    let mut program = Program::serve(data.path());
    let mut ada = Person::sign_up(&program.address, "ada").await;
    let mut socket = ada.socket().await;
    let acknowledged = Arc::new(Mutex::new(BTreeSet::new()));
    let mut writers = JoinSet::new();
    for writer in 0..4 {
        let (address, session, acknowledged) = (program.address.clone(), ada.session.clone(), acknowledged.clone());
        writers.spawn(async move {
            let http = http();
            for n in 0.. {
                let content = format!("{writer}-{n}");
                let form = [("target_id", "ada"), ("content", content.as_str())];
                let request = http.post(format!("http://{address}/api/message-post")).header("cookie", &session);
                match request.form(&form).send().await {
                    Ok(answer) if answer.status() == 200 => acknowledged.lock().unwrap().insert(content),
                    _ => return,
                };
            }
        });
    }
    while acknowledged.lock().unwrap().len() < 50 {
        socket.until("MESSAGE_CREATE").await;
    }
    program.terminate();
    socket.until("RECONNECT").await;
    assert_eq!(socket.until_closed().await, 1012);
    let (code, took) = program.ended(Duration::from_secs(10));
    assert_eq!(code, Some(0), "after {took:?}");
    writers.join_all().await;

    let again = Program::serve(data.path());
    ada.address = again.address.clone();
    let mut after = "0".to_owned();
    let mut left = std::mem::take(&mut *acknowledged.lock().unwrap());
    loop {
        let form = [("conversation_id", "1"), ("after", after.as_str()), ("limit", "100")];
        let page = ada.ok("message-list", &form).await;
        for message in page["messages"].as_array().unwrap() {
            left.remove(message["content"].as_str().unwrap());
            after = message["seq"].to_string();
        }
        if page["more"] == false {
            break;
        }
    }
    assert!(left.is_empty(), "acknowledged and lost: {left:?}");
}

#[test]
fn a_server_does_not_start_beside_a_command() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    assert!(run(&data, &["room", "add", "lobby"]).status.success());
    let beside = std::fs::File::open(data.join("lock-commands")).unwrap();
    beside.lock_shared().unwrap();
    assert!(run(&data, &["room", "add", "another"]).status.success(), "commands share");
    let refused = run(&data, &["--addr", "127.0.0.1:0", "serve"]);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("works with") && said.contains("let it end"), "{said}");
    drop(beside);
    let _program = Program::serve(&data);
    assert!(run(&data, &["room", "add", "beside it"]).status.success());
}
