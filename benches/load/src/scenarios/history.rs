//! Pages, unread counts and a resume in a conversation with many messages. The messages are rows written into the
//! database before the server starts: as the server would have left them, in seconds instead of minutes.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::crowd::{Crowd, in_time};
use crate::engine::{Arrival, Engine};
use crate::peer::chatter::Chatter;
use crate::peer::{Heard, Peer};
use crate::scenarios::pages::ask;
use crate::stats::{figure, percentile_ms};
use crate::{Error, Result};

/// Messages that a resume has missed.
const MISSED: u64 = 50;
const RESUMES: usize = 100;

pub fn run(messages: u64, measured: Duration) -> Result<()> {
    let chatter = Chatter::start_seeded(2, |data| seed(data, messages))?;
    let figure = |what: &str, value| figure("chatter", &format!("history-{messages} {what} p50 ms"), value);
    let middle = messages / 2;
    for (what, name, body) in [
        ("latest", "message-list", "conversation_id=1&limit=50".to_owned()),
        ("before", "message-list", format!("conversation_id=1&limit=50&before={middle}")),
        ("unread", "conversation-list", String::new()),
    ] {
        figure(what, ask(&chatter, &chatter.call(name, &body, 1), 1, measured)?.1);
    }
    figure("resume", resume(&chatter, messages)?);
    Ok(())
}

/// The room 1 of a fresh data folder, with its messages by both users in turn.
fn seed(data: &Path, messages: u64) -> Result<()> {
    let files = std::fs::read_dir(data)?.flatten().map(|entry| entry.path());
    let file = files.into_iter().find(|path| is_database(path)).ok_or("no database in the data folder")?;
    let database = rusqlite::Connection::open(file)?;
    let numbers =
        format!("WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {messages})");
    database.execute_batch(&format!(
        "BEGIN;
         INSERT INTO messages (conversation_id, seq, version, author_id, content, nonce, created_ms)
           {numbers} SELECT 1, n, n, 1 + n % 2, 'Message number ' || n, 'seed-' || n, 1700000000000 + n FROM numbers;
         INSERT INTO events (conversation_id, seq, kind, message_seq, user_id)
           {numbers} SELECT 1, n, 1, n, 1 + n % 2 FROM numbers;
         INSERT INTO nonces (author_id, nonce, hash, conversation_id, seq)
           {numbers} SELECT 1 + n % 2, 'seed-' || n, randomblob(16), 1, n FROM numbers;
         UPDATE conversations SET last_seq = {messages} WHERE id = 1;
         COMMIT;"
    ))?;
    Ok(())
}

fn is_database(path: &Path) -> bool {
    std::fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"SQLite format 3\0"))
}

/// From the connect to the last missed message, the median.
fn resume(chatter: &Chatter, messages: u64) -> Result<f64> {
    let token = Crowd::gather(chatter, 1, false)?.tokens.remove(0);
    let cursors = format!(r#"{{"inbox":1,"1":{}}}"#, messages - MISSED);
    let identify = format!(r#"{{"op":"IDENTIFY","d":{{"token":"{token}","cursors":{cursors}}}}}"#);
    let mut engine = Engine::new(&chatter.process().address)?;
    let mut took = Vec::new();
    for _ in 0..RESUMES {
        let began = Instant::now();
        let link = engine.connect(Some(&chatter.upgrade(1)))?;
        let mut received = 0;
        while received < MISSED {
            engine.turn(Duration::from_millis(50), |sends, link, arrival| {
                match arrival {
                    Arrival::Text(text) => match chatter.heard(text) {
                        Heard::Asked => sends.text(link, &identify),
                        Heard::Message => received += 1,
                        _ => {}
                    },
                    Arrival::Answer { status, .. } => return Err(Error::from(format!("no upgrade: {status}"))),
                    Arrival::Opened => {}
                }
                Ok(())
            })?;
            in_time(began + Duration::from_secs(10), "missed messages")?;
        }
        took.push(began.elapsed());
        engine.close(link);
    }
    took.sort_unstable();
    Ok(percentile_ms(&took, 0.5))
}
