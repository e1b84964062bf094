//! The clients of a run.

mod back_off;
mod blocker;
mod changing;
mod comer;
pub mod counters;
mod ending;
mod logs;
mod marks;
mod others;
mod places;
mod reader;
mod replica;
mod setup;
mod shared;
mod shown;
mod targets;
mod writer;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::{JoinError, JoinSet};

use self::comer::Comer;
pub use self::counters::Counters;
use self::reader::{Progress, Reader};
use self::shared::{Phase, Shared, locked};
use self::writer::Lane;
use crate::history::{Inbox, View, Writer};
use crate::{Error, History, Person, Plan, Site};

/// A load that is running. Dropped, it ends at once.
#[derive(Debug)]
pub struct Load {
    shared: Arc<Shared>,
    /// Writers' lanes, those who come and go, those who mark as read, and who blocks somebody.
    writing: JoinSet<()>,
    reading: JoinSet<(Vec<(u32, View)>, Inbox)>,
    progress: Vec<Arc<Progress>>,
}

impl Load {
    /// Opens the conversations, notes where their logs stand, opens the readers' sockets and starts to write. The site
    /// must answer; from then on it may be away for any time.
    ///
    /// # Errors
    ///
    /// When the site does not answer within the plan's patience, or refuses somebody.
    pub async fn start(site: Site, people: Vec<Person>, plan: Plan) -> Result<Self, Error> {
        let shared = Arc::new(setup::prepare(site, people, plan).await?);
        let plan = &shared.plan;
        let (mut writing, mut reading, mut progress) = (JoinSet::new(), JoinSet::new(), Vec::new());
        let readers = plan.readers.min(shared.people.len());
        for (number, person) in (0_u32..).zip(shared.people.len() - readers..shared.people.len()) {
            let slow = (number as usize) < plan.slow_readers;
            let reader = Reader::new(shared.clone(), person, number, slow);
            progress.push(reader.progress());
            if let Some(every) = plan.read_mark_every {
                writing.spawn(marks::run(shared.clone(), reader.progress(), every));
            }
            reading.spawn(reader.run());
        }
        let lanes = shared.writers() * plan.in_flight;
        let interval = plan.posts_per_second.map(|rate| Duration::from_secs_f64(lanes as f64 / rate.max(0.001)));
        for writer in 0..shared.writers() {
            for _ in 0..plan.in_flight {
                writing.spawn(Lane::new(shared.clone(), writer).run(interval));
            }
        }
        for group in &shared.groups {
            for &person in &group.comers {
                writing.spawn(Comer::new(shared.clone(), group, person).run());
            }
        }
        if blocker::blocks(&shared).is_some() {
            writing.spawn(blocker::run(shared.clone()));
        }
        Ok(Self { shared, writing, reading, progress })
    }

    /// Posts that were acknowledged so far, each counted once.
    #[must_use]
    pub fn acknowledged(&self) -> u64 {
        self.counters().acknowledged
    }

    #[must_use]
    pub fn counters(&self) -> Counters {
        self.shared.tally.read()
    }

    /// No new posts until [`Load::resume`]; those under way are finished, readers go on.
    pub fn pause(&self) {
        self.shared.phase.send_replace(Phase::Paused);
    }

    pub fn resume(&self) {
        self.shared.phase.send_replace(Phase::Writing);
    }

    /// Ends the writing, waits until every outcome is known and every live reader has come to the log's end (each for
    /// the plan's patience at most), and reads the logs and the counts. The site must answer by then.
    pub async fn stop(self) -> History {
        self.stop_counted().await.0
    }

    /// The same, with the counters as they are at the end.
    pub async fn stop_counted(mut self) -> (History, Counters) {
        let shared = self.shared;
        shared.phase.send_replace(Phase::Draining(Instant::now() + shared.plan.patience));
        let mut unjudged = Vec::new();
        while let Some(ended) = self.writing.join_next().await {
            unjudged.extend(ended.err().map(|e| broke_off("a writer", &e)));
        }
        let ends = ending::settled_ends(&shared).await;
        ending::catch_up(&shared, &self.progress, &ends).await;
        shared.phase.send_replace(Phase::Ended);
        let mut inboxes = Vec::new();
        while let Some(read) = self.reading.join_next().await {
            let (views, inbox) = read.unwrap_or_else(|e| {
                unjudged.push(broke_off("a reader", &e));
                Default::default()
            });
            inboxes.push(inbox);
            for (conversation, view) in views {
                locked(&shared.conversations[conversation as usize]).views.push(view);
            }
        }
        unjudged.extend(logs::read_all(&shared).await);
        let (counts, failed) = ending::counts(&shared).await;
        unjudged.extend(failed);
        unjudged.extend(others::marks(&shared, &counts).await);
        let counters = shared.tally.read();
        let writer = |((person, ops), changes)| Writer {
            person,
            ops: std::mem::take(&mut *locked(ops)),
            changes: std::mem::take(&mut *locked(changes)),
        };
        let history = History {
            stamp: shared.stamp,
            people: shared.people.iter().map(|person| person.name.clone()).collect(),
            ids: locked(&shared.ids).clone(),
            writers: (0_u32..).zip(&shared.ops).zip(&shared.changes).map(writer).collect(),
            conversations: shared.conversations.iter().map(|c| std::mem::take(&mut *locked(c))).collect(),
            contradictions: std::mem::take(&mut *locked(&shared.contradictions)),
            counts,
            moves: std::mem::take(&mut *locked(&shared.moves)),
            inboxes,
            blocks: blocker::blocks(&shared),
            unjudged,
        };
        (history, counters)
    }
}

/// What a client saw that is not there any more is nothing that can be judged.
fn broke_off(who: &str, error: &JoinError) -> String {
    format!("{who} of the load broke off, and with it what it saw: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A fault run may spawn what it waits for.
    #[test]
    fn a_load_may_be_driven_from_any_thread() {
        fn send<T: Send>(_: &T) {}
        send(&Load::start(Site::new("127.0.0.1:1"), Vec::new(), Plan::default()));
        let _ = |load: Load| send(&load.stop());
    }

    #[tokio::test]
    async fn a_client_that_breaks_off_leaves_the_run_unjudged() {
        let server = crate::broken::Broken::start(crate::broken::Mode::Correct, 2).await.unwrap();
        let plan = Plan { patience: Duration::from_secs(2), ..Plan::default() };
        let mut load = Load::start(Site::new(server.address.clone()), server.people.clone(), plan).await.unwrap();
        load.writing.spawn(async { panic!("a writer's") });
        load.reading.spawn(async { panic!("a reader's") });
        while load.acknowledged() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let history = load.stop().await;
        assert_eq!(history.unjudged.len(), 2, "{:?}", history.unjudged);
        assert_eq!(crate::judge(&history).classes(), ["unjudged"]);
    }
}
