//! The store alone: SQLite with a write-ahead log and `synchronous=FULL`, one thread that writes and commits all that
//! waits as one group. No user, no rights, no nonce: a row, durable, acknowledged.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};

use crate::Error;

/// How many wait at once.
const WAITING: [usize; 3] = [1, 64, 1_000];
const MEASURED: Duration = Duration::from_secs(3);
/// Rows of one commit at most.
const GROUP: usize = 1_024;

/// Prints a line a figure: server, figure, value, with tabs between.
pub(crate) fn measure(folder: &Path) -> Result<(), Error> {
    for waiting in WAITING {
        let (messages, commits) = run(&folder.join(format!("store-{waiting}.sqlite")), waiting)?;
        println!("store\t{waiting} waiting messages/s\t{messages:.0}");
        println!("store\t{waiting} waiting commits/s\t{commits:.0}");
    }
    Ok(())
}

/// The caller keeps `waiting` posts under way: for each one that is acknowledged it sends the next.
fn run(path: &Path, waiting: usize) -> Result<(f64, f64), Error> {
    let (posts, posted) = sync_channel::<String>(waiting);
    let (acknowledge, acknowledged) = sync_channel::<usize>(waiting);
    let path = path.to_owned();
    let writer = thread::spawn(move || write(&path, &posted, &acknowledge));
    let content = "x".repeat(40);
    for _ in 0..waiting {
        posts.send(content.clone())?;
    }
    let began = Instant::now();
    let mut messages = 0;
    while began.elapsed() < MEASURED {
        let group = acknowledged.recv()?;
        messages += group;
        for _ in 0..group {
            posts.send(content.clone())?;
        }
    }
    let took = began.elapsed().as_secs_f64();
    drop(posts);
    // What still waits is acknowledged into the void.
    drop(acknowledged);
    let commits = writer.join().map_err(|_| "the writer panicked")??;
    Ok((messages as f64 / took, commits as f64 / took))
}

fn write(path: &Path, posted: &Receiver<String>, acknowledge: &SyncSender<usize>) -> Result<u64, Error> {
    let mut database = Connection::open(path)?;
    database.pragma_update(None, "journal_mode", "WAL")?;
    database.pragma_update(None, "synchronous", "FULL")?;
    database.execute_batch(
        "CREATE TABLE messages (conversation_id INTEGER NOT NULL, seq INTEGER NOT NULL, author_id INTEGER NOT NULL,
         content TEXT NOT NULL, created_ms INTEGER NOT NULL, PRIMARY KEY (conversation_id, seq)) STRICT, WITHOUT ROWID",
    )?;
    let (mut seq, mut commits) = (0_i64, 0);
    while let Ok(first) = posted.recv() {
        let transaction = database.transaction()?;
        let mut group = 0;
        {
            let mut insert = transaction.prepare_cached("INSERT INTO messages VALUES (?1, ?2, ?3, ?4, ?5)")?;
            for content in std::iter::once(first).chain(posted.try_iter()).take(GROUP) {
                seq += 1;
                group += 1;
                insert.execute(params![seq % 100, seq, 7, content, 1_764_057_600_000_i64])?;
            }
        }
        transaction.commit()?;
        commits += 1;
        if acknowledge.send(group).is_err() {
            break;
        }
    }
    Ok(commits)
}
