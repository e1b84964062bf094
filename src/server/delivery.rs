//! Delivery: from the store's commits, over the bus, to the chatters of this node.
//!
//! - `publisher`: what this node committed goes to the bus, in commit order.
//! - `task`: the one task that takes from the bus and hands to the chatters map. It alone owns who is told what.
//! - `index`: conversation → connected users. `logs`: the next seq of each followed log. Both pure.
//! - `fetch`: reads of the store on the task's behalf, so that it never waits for one.
//! - `presence`: who is there, here and at other nodes, and who is told. `typing`: how often that is. Both pure.
//! - `whispers`: takes both to the bus.
//! - `watch`: looks for what the bus lost and for what other processes committed. `sessions`: for those that ended.
//!
//! # Why nothing is missed
//!
//! The bus is a hint. A followed log has a next seq: what comes lower is dropped; what comes higher is held back for a
//! moment, as another node's message may be on its way, and then filled from the store first. A message that was lost
//! *last* shows no gap: the seqs are compared at once where the bus says that it may have lost something, every second
//! while it is away, and every 10 seconds in any case.
//!
//! [`Delivery::subscribe`] follows a user's logs from where a snapshot says that they stand. Between the snapshot
//! and the moment the task takes it in, an event may have come by and been left, as nobody followed its log
//! yet. So, once the logs are followed, their seqs are compared with the store: an event that came before is
//! found there, as nothing is published before it is committed; an event that comes later finds its log followed.
//! A change of membership is an event of the user's inbox, and is found in the same way, in order.
//!
//! A conversation that a connected user joins or leaves is read from where the store says that their membership begins,
//! or up to where it ends (see `task::inbox`), so the order in which a commit's events arrive does not matter.
//!
//! # A thread of its own
//!
//! The program runs them on a runtime of one thread, apart from the one that serves requests. There, under load, what
//! becomes ready stands behind thousands of requests, a hundred messages at a time; readers would fall behind
//! though they take everything. As a thread it has its share from the system, and takes many at once.

mod fetch;
mod hiding;
mod index;
mod logs;
mod presence;
mod publisher;
mod sessions;
mod task;
mod typing;
mod watch;
mod whispers;

use std::sync::Arc;
use std::thread;

use sessions::Doubts;
use thiserror::Error;
use tokio::runtime;
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;

use super::bus::{Bus, Inbound};
use super::chatters::Chatters;
use super::shutdown::Shutdown;
use super::store::{Committed, Store};
use crate::protocol::{ConversationId, Present, UserId, UserRef};

/// Commands that may wait for the task.
const COMMANDS: usize = 1_024;

/// Told that a user's logs are followed, with who is there of their contacts.
type Subscribed = oneshot::Sender<Vec<Present>>;

enum Command {
    /// Follow this user's logs; the answer says that it is done.
    Subscribe(UserId, Subscribed),
    /// The user types in this conversation, if it is theirs.
    Typing(UserRef, ConversationId),
    /// Compare every followed log with the store.
    Check,
}

/// The handle. Clones share it.
#[derive(Clone)]
pub struct Delivery {
    commands: mpsc::Sender<Command>,
    tasks: TaskTracker,
}

/// The store did not answer, or the node goes down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("delivery is unavailable")]
pub struct Unavailable;

impl Delivery {
    /// Starts the tasks on this runtime. Delivery stops when `shutdown` begins; the publisher goes on until the store
    /// has closed (`committed` ends), so that the store never waits for it in vain: see [`Delivery::finished`].
    #[must_use]
    pub fn start(
        store: Arc<dyn Store>,
        bus: Arc<dyn Bus>,
        committed: Committed,
        inbound: Inbound,
        chatters: Chatters,
        changed: mpsc::UnboundedReceiver<UserId>,
        shutdown: &Shutdown,
    ) -> Self {
        let (commands, received) = mpsc::channel(COMMANDS);
        let tasks = TaskTracker::new();
        let doubts = Arc::new(Doubts::default());
        tasks.spawn(publisher::run(bus.clone(), committed, shutdown.clone()));
        tasks.spawn(watch::run(store.clone(), bus.clone(), commands.clone(), doubts.clone(), shutdown.clone()));
        let looks = sessions::run(store.clone(), bus.clone(), chatters.clone(), doubts.clone(), shutdown.clone());
        tasks.spawn(looks);
        let (whispers, whispered) = mpsc::channel(whispers::WAITING);
        tasks.spawn(whispers::run(bus.clone(), whispered));
        let task = task::Task::new(store, bus, chatters, doubts, whispers);
        tasks.spawn(task.run(inbound, received, changed, shutdown.clone()));
        tasks.close();
        Self { commands, tasks }
    }

    /// What `start` starts, on a thread of its own, which ends with the tasks; and what else it opens there.
    pub fn apart<T, E: From<std::io::Error>>(start: impl FnOnce() -> Result<(Self, T), E>) -> Result<(Self, T), E> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let entered = runtime.enter();
        let started = start();
        drop(entered);
        let (delivery, opened) = match started {
            Ok(started) => started,
            Err(error) => {
                // It may not be waited for here, where another runtime is at work.
                runtime.shutdown_background();
                return Err(error);
            }
        };
        let tasks = delivery.tasks.clone();
        thread::Builder::new().name("delivery".into()).spawn(move || runtime.block_on(tasks.wait()))?;
        Ok((delivery, opened))
    }

    /// Returns once every event of the user's logs that is committed from now on will be queued for the user's
    /// registered connections, and every change of their contacts' presence. Answers who of them is there. Call it after
    /// registering.
    pub async fn subscribe(&self, user: UserId) -> Result<Vec<Present>, Unavailable> {
        let (done, answer) = oneshot::channel();
        self.commands.send(Command::Subscribe(user, done)).await.map_err(|_| Unavailable)?;
        answer.await.map_err(|_| Unavailable)
    }

    /// The user types. What this node has no time for is left, as is what is not theirs.
    pub fn typing(&self, user: UserRef, conversation: ConversationId) {
        let _ = self.commands.try_send(Command::Typing(user, conversation));
    }

    /// Waits for the tasks' end: after the shutdown began and the store closed.
    pub async fn finished(&self) {
        self.tasks.wait().await;
    }
}
