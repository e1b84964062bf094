//! A traced run: marked writers under strace, and what the trace says when the program has ended.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::Person;
use crate::faults::disk::Disk;
use crate::faults::mark::{Posting, Told};
use crate::faults::program::PATIENCE;
use crate::faults::promise::Promise;
use crate::faults::readback::Members;
use crate::faults::stage::ROOM;
use crate::faults::trace::Trace;
use crate::faults::{Error, Result};

/// Marked writers: every other one writes to the room, the rest to the next person.
pub struct Writers {
    posting: Posting,
    tasks: JoinSet<(usize, Told)>,
}

/// What each writer was told.
pub struct AllTold(Vec<(usize, Told)>);

impl Writers {
    #[must_use]
    pub fn start(posting: &Posting, address: &str, people: &[Person], pause: Duration) -> Self {
        let posting = posting.afresh();
        let mut tasks = JoinSet::new();
        for (n, person) in people.iter().enumerate() {
            let target = match n % 2 {
                0 => format!("conversation_id={ROOM}"),
                _ => format!("target_id={}", people[(n + 1) % people.len()].name),
            };
            let run = posting.clone().run(address.to_owned(), person.clone(), target, 40 * n, pause);
            tasks.spawn(async move { (n, run.await) });
        }
        Self { posting, tasks }
    }

    /// Waits for what is under way.
    pub async fn stop(self) -> AllTold {
        self.posting.stop();
        AllTold(self.tasks.join_all().await)
    }
}

impl AllTold {
    /// Notes where every acknowledged message is said to be, and whom to ask for each conversation.
    pub fn remember(self, people: &[Person], places: &mut HashMap<u64, (i64, i64)>, members: &mut Members) {
        for (writer, told) in self.0 {
            for (number, conversation, seq) in told.acknowledged {
                places.insert(number, (conversation, seq));
                members.entry(conversation).or_insert_with(|| people[writer].clone());
            }
        }
    }
}

/// Waits until strace has written the end of the program.
pub async fn finished(trace: &Path, pid: u32) -> Result<()> {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        let mut file = File::open(trace)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(4_096)))?;
        let mut tail = Vec::new();
        file.read_to_end(&mut tail)?;
        let tail = String::from_utf8_lossy(&tail).into_owned();
        if tail.lines().any(|line| line.starts_with(&format!("{pid} ")) && line.contains("+++")) {
            return Ok(());
        }
        sleep(Duration::from_millis(20)).await;
    }
    Err(Error::from("the trace has no end"))
}

pub fn open(trace: &Path) -> Result<Trace<BufReader<File>>> {
    Ok(Trace::new(BufReader::with_capacity(1 << 20, File::open(trace)?)))
}

/// What a disk is sure to hold after these runs, one after the other.
pub fn disk_after(mut disk: Disk, traces: &[&Path]) -> Result<Disk> {
    for trace in traces {
        let mut events = open(trace)?;
        while let Some(event) = events.event()? {
            disk.apply(event)?;
        }
        disk.program_ended();
    }
    Ok(disk)
}

/// Checks the promise over a whole trace.
pub fn promise(trace: &Path) -> Result<Promise> {
    let (mut events, mut promise) = (open(trace)?, Promise::default());
    while let Some(event) = events.event()? {
        promise.apply(&event);
    }
    Ok(promise)
}
