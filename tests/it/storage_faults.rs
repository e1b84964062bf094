//! A disk that fails and a disk that is full, for real: system calls that are made to fail (strace), and a file system
//! of four megabytes in a mount namespace of the server's own (unshare). Neither needs to be root.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::task::JoinSet;

use crate::support::person::{Person, http};
use crate::support::process::{Program, run};

/// What the program ends with when a sync has failed.
const STORE_FAILED: i32 = 74;
const WRITERS: usize = 8;

/// A server whose system calls fail as `fault` says; what it says on standard error goes to `log`.
fn serve_with_fault(data: &Path, log: &Path, fault: &[&str]) -> Program {
    let trace = ["strace", "-D", "-f", "-qq", "-o", "/dev/null"];
    let stderr = std::fs::File::create(log).unwrap();
    Program::serve_by(data, &[&trace[..], fault].concat(), |command| {
        command.stderr(stderr);
    })
}

/// Every sync of the database itself fails, which only a checkpoint writes: the log is not concerned.
fn serve_with_fault_in_checkpoints(data: &Path, log: &Path) -> Program {
    let database = data.join("chatter.db");
    let fault = ["-P", database.to_str().unwrap(), "-e", "trace=fsync,fdatasync"];
    let inject = ["-e", "inject=fsync,fdatasync:error=EIO"];
    serve_with_fault(data, log, &[&fault[..], &inject].concat())
}

/// nonce → the seq that was acknowledged, if one was.
type Wanted = BTreeMap<String, Option<i64>>;

/// Posts until the first answer that is no success; the last message is then without an acknowledgement.
async fn write(address: String, session: String, writer: usize, size: usize) -> (Wanted, Option<u16>) {
    let http = http();
    let mut wanted = Wanted::new();
    for n in 0.. {
        let nonce = format!("{writer}-{n}");
        let answer = post(&http, &address, &session, &nonce, size).await;
        wanted.insert(nonce, answer.as_ref().ok().copied());
        if let Err(status) = answer {
            return (wanted, status);
        }
    }
    unreachable!("the numbers do not end");
}

/// The seq, or the status; no status when no answer came.
async fn post(
    http: &reqwest::Client,
    address: &str,
    session: &str,
    nonce: &str,
    size: usize,
) -> Result<i64, Option<u16>> {
    let form = [("target_id", "ada"), ("content", &"é".repeat(size / 2)), ("nonce", nonce)];
    let request = http.post(format!("http://{address}/api/message-post")).header("cookie", session);
    let answer = request.form(&form).send().await.map_err(|_| None)?;
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.map_err(|_| None)?;
    body["seq"].as_i64().ok_or(Some(status))
}

/// The conversation holds what was acknowledged under its seq, each nonce once, and no hole.
async fn compare(person: &Person, wanted: &Wanted) {
    let mut stored = BTreeMap::new();
    let mut after = 0;
    loop {
        let form = [("conversation_id", "1"), ("after", &after.to_string()), ("limit", "100")];
        let page = person.ok("message-list", &form).await;
        for message in page["messages"].as_array().unwrap() {
            assert_eq!(message["seq"].as_i64(), Some(after + 1), "no hole");
            after += 1;
            let nonce = message["nonce"].as_str().unwrap().to_owned();
            assert!(stored.insert(nonce, after).is_none(), "doubled: {message}");
        }
        if page["more"] == false {
            break;
        }
    }
    for (nonce, seq) in wanted {
        if let Some(seq) = seq {
            assert_eq!(stored.get(nonce), Some(seq), "acknowledged, and lost: {nonce}");
        }
    }
    assert!(stored.keys().all(|nonce| wanted.contains_key(nonce)), "nothing is there that nobody wanted");
}

/// Watches `/readyz`: answers how often it was green after `red` was raised.
async fn green_after(address: String, red: Arc<AtomicBool>) -> usize {
    let (http, mut green) = (http(), 0);
    loop {
        let was_red = red.load(Ordering::SeqCst);
        match http.get(format!("http://{address}/readyz")).send().await {
            Ok(answer) if answer.status() == 200 => green += usize::from(was_red),
            Ok(_) => {}
            Err(_) => return green,
        }
    }
}

/// Writers post until the disk fails; the server must stop with its reason, and know everything after a new start.
async fn stops_with_a_reason(data: &Path, mut program: Program, log: &Path, size: usize) {
    let ada = Person::sign_in(&program.address, "ada").await;
    // Nobody writes to Bob: a socket that is told all of it may be closed for falling behind.
    let mut socket = Person::sign_in(&program.address, "bob").await.socket().await;
    let red = Arc::new(AtomicBool::new(false));
    let watch = tokio::spawn(green_after(program.address.clone(), red.clone()));
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let (red, write) = (red.clone(), write(program.address.clone(), ada.session.clone(), writer, size));
        writers.spawn(async move {
            let (wanted, status) = write.await;
            red.store(true, Ordering::SeqCst);
            // An answer, if there is one, is "unknown": try again.
            assert!(status.is_none_or(|status| status == 503), "{status:?}");
            wanted
        });
    }
    let closed = tokio::time::timeout(Duration::from_secs(60), socket.until_closed()).await;
    assert_eq!(closed.expect("the server stops in time"), 1012);
    let (code, took) = program.ended(Duration::from_secs(15));
    assert_eq!(code, Some(STORE_FAILED), "after {took:?}");
    assert_eq!(watch.await.unwrap(), 0, "/readyz was green after a change was refused");
    let wanted: Wanted = writers.join_all().await.into_iter().flatten().collect();
    let said = std::fs::read_to_string(log).unwrap();
    let sentence = said.lines().find(|line| line.starts_with("chatter: ")).unwrap_or_else(|| panic!("{said}"));
    assert!(sentence.contains("sync failed") && sentence.contains("look at the disk"), "{sentence}");
    assert_eq!(said.matches("nothing can be saved any more").count(), 1, "{said}");

    // The disk works again: what was unknown is there whole or not at all, and a retry settles it.
    let mut program = Program::serve(data);
    let ada = Person::sign_in(&program.address, "ada").await;
    compare(&ada, &wanted).await;
    let (mut settled, http) = (Wanted::new(), http());
    for (nonce, seq) in wanted {
        let again = post(&http, &ada.address, &ada.session, &nonce, size).await.unwrap();
        assert!(seq.is_none_or(|seq| seq == again), "{nonce}: {seq:?} and {again}");
        settled.insert(nonce, Some(again));
    }
    compare(&ada, &settled).await;
    program.terminate();
    assert_eq!(program.ended(Duration::from_secs(10)).0, Some(0));
    let doctor = run(data, &["doctor"]);
    assert!(doctor.status.success(), "{}", String::from_utf8_lossy(&doctor.stdout));
}

/// A data folder with Ada in it, and Bob.
async fn with_ada(data: &Path) {
    let mut program = Program::serve(data);
    Person::sign_up(&program.address, "ada").await;
    Person::sign_up(&program.address, "bob").await;
    program.terminate();
    assert_eq!(program.ended(Duration::from_secs(10)).0, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_that_fails_in_a_commit_stops_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let (data, log) = (folder.path().join("data"), folder.path().join("log"));
    with_ada(&data).await;
    let fault = ["-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO:when=40+"];
    let program = serve_with_fault(&data, &log, &fault);
    stops_with_a_reason(&data, program, &log, 10).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_that_fails_in_a_checkpoint_stops_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let (data, log) = (folder.path().join("data"), folder.path().join("log"));
    with_ada(&data).await;
    let program = serve_with_fault_in_checkpoints(&data, &log);
    stops_with_a_reason(&data, program, &log, 8_000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_that_fails_while_stopping_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let (data, log) = (folder.path().join("data"), folder.path().join("log"));
    with_ada(&data).await;
    let mut program = serve_with_fault_in_checkpoints(&data, &log);
    let ada = Person::sign_in(&program.address, "ada").await;
    // Too little for a checkpoint before the end.
    let seq = post(&http(), &ada.address, &ada.session, "kept", 10).await.unwrap();
    program.terminate();
    assert_eq!(program.ended(Duration::from_secs(15)).0, Some(STORE_FAILED));
    let said = std::fs::read_to_string(log).unwrap();
    assert!(said.contains("sync failed"), "{said}");
    let mut program = Program::serve(&data);
    compare(&Person::sign_in(&program.address, "ada").await, &[("kept".into(), Some(seq))].into()).await;
    program.terminate();
    assert_eq!(program.ended(Duration::from_secs(10)).0, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_whose_name_is_not_sure_is_not_built_on() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    with_ada(&data).await;
    assert!(!data.join("chatter.db-wal").exists());
    // The folder itself and nothing in it: SQLite alone would start as if all were well.
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new("timeout");
        command.args(["20", "strace", "-D", "-f", "-qq", "-o", "/dev/null", "-P", data.to_str().unwrap()]);
        command.args(["-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO"]);
        command.arg(env!("CARGO_BIN_EXE_chatter")).args(arguments);
        command.env("LEPTOS_SITE_ADDR", "127.0.0.1:0").env("CHATTER_DATA", &data).output().unwrap()
    };
    for arguments in [&["serve"][..], &["room", "add", "lobby"]] {
        let output = run(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(STORE_FAILED), "{said}");
        assert!(said.contains("the folder's sync failed"), "{said}");
    }
    let output = run(&["doctor"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("problem  database"), "{output:?}");

    // Beside a running server, which has made it sure, a command does not.
    let mut program = Program::serve(&data);
    assert_eq!(run(&["room", "add", "lobby"]).status.code(), Some(0));
    program.terminate();
    assert_eq!(program.ended(Duration::from_secs(10)).0, Some(0));
}

/// A server on a file system of its own of so many megabytes; and where the test reaches it.
fn serve_on_a_small_disk(data: &Path) -> (Program, PathBuf) {
    std::fs::create_dir(data).unwrap();
    let mount = r#"mount -t tmpfs -o size=4m,mode=700 tmpfs "$CHATTER_DATA" && exec "$0" "$@""#;
    let program = Program::serve_by(data, &["unshare", "-rm", "sh", "-c", mount], |_| {});
    let inside = PathBuf::from(format!("/proc/{}/root{}", program.pid(), data.display()));
    assert!(inside.join("chatter.db").exists(), "{}", inside.display());
    (program, inside)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_said_and_passes_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let (mut program, disk) = serve_on_a_small_disk(&folder.path().join("data"));
    std::fs::write(disk.join("ballast"), vec![1; 1_500_000]).unwrap();
    let ada = Person::sign_up(&program.address, "ada").await;
    let (http, mut wanted) = (http(), Wanted::new());
    let mut socket = ada.socket().await;
    let try_post = async |nonce: &str| post(&http, &ada.address, &ada.session, nonce, 8_000).await;

    // What a checkpoint frees is used first; then it stays full.
    let mut full_since: Option<Instant> = None;
    for n in 0.. {
        let nonce = format!("n{n}");
        match try_post(&nonce).await {
            Ok(seq) => {
                full_since = None;
                wanted.insert(nonce, Some(seq));
            }
            Err(status) => {
                assert_eq!(status, Some(507));
                let since = full_since.get_or_insert_with(Instant::now);
                if since.elapsed() > Duration::from_secs(3) {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        assert!(n < 2_000, "four megabytes are never full");
    }
    assert!(wanted.len() > 50, "{}", wanted.len());
    let form = [("target_id", "ada"), ("content", &"é".repeat(4_000)), ("nonce", "last")];
    let answer = ada.call("message-post", &form).await;
    assert_eq!(answer.status(), 507);
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["code"], "storage_full");
    assert!(body["message"].as_str().unwrap().contains("disk is full"), "{body}");
    let ready = async || {
        let answer = http.get(format!("http://{}/readyz", ada.address)).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    assert_eq!(ready().await, (503, "the disk is full\n".into()));
    compare(&ada, &wanted).await;
    let last = wanted.len();
    for _ in 0..last {
        socket.until("MESSAGE_CREATE").await;
    }
    socket.assert_silent().await;

    std::fs::remove_file(disk.join("ballast")).unwrap();
    let seq = try_post("last").await.unwrap();
    assert_eq!(seq, i64::try_from(last).unwrap() + 1, "what failed took no number");
    wanted.insert("last".into(), Some(seq));
    assert_eq!(ready().await, (200, "ready\n".into()));
    assert_eq!(socket.until("MESSAGE_CREATE").await["s"], seq);
    compare(&ada, &wanted).await;
    program.terminate();
    assert_eq!(program.ended(Duration::from_secs(10)).0, Some(0));
}
