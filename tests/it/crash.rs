//! kill -9 in the middle of posting: nothing that was acknowledged is lost, and nothing is doubled by a retry.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::support::person::http;
use crate::support::process::{Program, run};

const KILLS: usize = 20;
const WRITERS: usize = 8;

/// A message that its writer wants posted once: acknowledged with a seq, or not answered yet.
#[derive(Debug, Clone)]
struct Wanted {
    nonce: String,
    content: String,
    acknowledged: Option<i64>,
}

/// What one writer wanted, in order.
type Log = Vec<Wanted>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_loses_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let sessions = people(&data);
    let mut logs: Vec<Log> = vec![Log::new(); WRITERS];
    let mut unanswered = 0;
    for round in 0..KILLS {
        let mut program = Program::serve(&data);
        let (acknowledged_tx, mut acknowledged) = mpsc::unbounded_channel();
        let stop = Arc::new(AtomicBool::new(false));
        let mut writers = JoinSet::new();
        for (writer, log) in logs.drain(..).enumerate() {
            let (address, session) = (program.address.clone(), sessions[writer].clone());
            let (acknowledged, stop) = (acknowledged_tx.clone(), stop.clone());
            writers.spawn(async move { (writer, write(writer, log, &address, &session, &acknowledged, &stop).await) });
        }
        // A different moment each round: some acknowledgements pass, then up to 40 ms after one, the end.
        let mut last = acknowledged.recv().await.unwrap();
        for _ in 0..5 + round * 7 {
            last = acknowledged.recv().await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis((round as u64 * 13) % 40)).await;
        while let Ok(at) = acknowledged.try_recv() {
            last = at;
        }
        program.kill();
        assert!(last.elapsed() < Duration::from_millis(100), "killed {:?} after an acknowledgement", last.elapsed());
        stop.store(true, Ordering::Relaxed);
        let mut back: Vec<_> = writers.join_all().await;
        back.sort_by_key(|(writer, _)| *writer);
        logs = back.into_iter().map(|(_, log)| log).collect();
        unanswered += logs.iter().flatten().filter(|wanted| wanted.acknowledged.is_none()).count();
    }
    assert!(unanswered >= 10, "only {unanswered} posts were left without an answer");

    let mut program = Program::serve(&data);
    for (writer, log) in logs.iter_mut().enumerate() {
        for wanted in log.iter_mut().filter(|wanted| wanted.acknowledged.is_none()) {
            wanted.acknowledged = Some(post(&program.address, &sessions[writer], writer, wanted).await.unwrap());
        }
    }
    for (writer, log) in logs.iter().enumerate() {
        compare(&program.address, &sessions[writer], log).await;
    }
    program.terminate();
    assert_eq!(program.ended(Duration::from_secs(10)).0, Some(0));
    let doctor = run(&data, &["doctor"]);
    assert!(doctor.status.success(), "{}", String::from_utf8_lossy(&doctor.stdout));
}

/// Makes the writers and, for each, somebody to write to; answers the writers' cookies.
fn people(data: &Path) -> Vec<String> {
    let names: Vec<String> = (0..WRITERS).flat_map(|n| [format!("writer{n}"), format!("reader{n}")]).collect();
    let lines: String = names.iter().map(|name| format!("{{\"name\":\"{name}\"}}\n")).collect();
    let file = data.with_file_name("people.jsonl");
    std::fs::write(&file, lines).unwrap();
    let imported = run(data, &["user", "import", file.to_str().unwrap()]);
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
    let writers: Vec<&str> = names.iter().map(String::as_str).filter(|name| name.starts_with("writer")).collect();
    let sessions = run(data, &[&["user", "session"], &writers[..]].concat());
    let sessions = String::from_utf8(sessions.stdout).unwrap();
    sessions.lines().map(|line| format!("session={}", line.split_once('\t').unwrap().1)).collect()
}

/// Retries what was not answered, then posts new messages until the server is gone.
async fn write(
    writer: usize,
    mut log: Log,
    address: &str,
    session: &str,
    acknowledged: &mpsc::UnboundedSender<Instant>,
    stop: &AtomicBool,
) -> Log {
    loop {
        let open = log.iter().position(|wanted| wanted.acknowledged.is_none());
        let index = open.unwrap_or_else(|| {
            let n = log.len();
            log.push(Wanted { nonce: format!("n{writer}-{n}"), content: format!("message {n}"), acknowledged: None });
            n
        });
        match post(address, session, writer, &log[index]).await {
            Some(seq) => {
                log[index].acknowledged = Some(seq);
                let _ = acknowledged.send(Instant::now());
            }
            None => return log,
        }
        if stop.load(Ordering::Relaxed) {
            return log;
        }
    }
}

/// Posts; nothing when no whole answer came back.
async fn post(address: &str, session: &str, writer: usize, wanted: &Wanted) -> Option<i64> {
    thread_local!(static HTTP: reqwest::Client = http());
    let http = HTTP.with(reqwest::Client::clone);
    let to = format!("reader{writer}");
    let form = [("target_id", to.as_str()), ("content", &wanted.content), ("nonce", &wanted.nonce)];
    let request = http.post(format!("http://{address}/api/message-post")).header("cookie", session).form(&form);
    let answer = request.send().await.ok()?;
    let status = answer.status();
    let body: Value = answer.json().await.ok()?;
    assert!(status.is_success(), "{status}: {body}");
    body["seq"].as_i64()
}

/// The writer's conversation holds exactly what it wanted, once, under the seqs that were acknowledged.
async fn compare(address: &str, session: &str, log: &Log) {
    let http = http();
    let call = async |function: &str, form: &[(&str, String)]| -> Value {
        let request = http.post(format!("http://{address}/api/{function}")).header("cookie", session).form(form);
        request.send().await.unwrap().json().await.unwrap()
    };
    let list = call("conversation-list", &[]).await;
    let conversation = list["conversations"][0]["conversation"]["id"].to_string();
    let mut stored = BTreeMap::new();
    let mut after = 0;
    loop {
        let form =
            [("conversation_id", conversation.clone()), ("after", after.to_string()), ("limit", "100".to_owned())];
        let page = call("message-list", &form).await;
        for message in page["messages"].as_array().unwrap() {
            after = message["seq"].as_i64().unwrap();
            let nonce = message["nonce"].as_str().unwrap().to_owned();
            let content = message["content"].as_str().unwrap().to_owned();
            assert!(stored.insert(nonce, (after, content)).is_none(), "doubled: {message}");
        }
        if page["more"] == false {
            break;
        }
    }
    assert_eq!(stored.len(), log.len(), "nothing is there that nobody wanted");
    for wanted in log {
        let (seq, content) = stored.get(&wanted.nonce).unwrap_or_else(|| panic!("lost: {wanted:?}"));
        assert_eq!((Some(*seq), content), (wanted.acknowledged, &wanted.content));
    }
    let seqs: Vec<i64> = log.iter().filter_map(|wanted| wanted.acknowledged).collect();
    assert!(seqs.is_sorted(), "one writer's messages stand in the order of writing");
}
