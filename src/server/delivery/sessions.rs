//! Looks whether the sessions of connected chatters still live: they expire, a command beside the server may end them,
//! and the bus may lose the word of it.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::watch::{AWAY, LOOK};
use crate::protocol::{SessionId, UserId};
use crate::server::bus::Bus;
use crate::server::chatters::Chatters;
use crate::server::clock::now_ms;
use crate::server::shutdown::Shutdown;
use crate::server::store::Store;

/// How often everybody's are looked at, whatever is known.
const EVERYBODY: Duration = Duration::from_secs(5 * 60);
/// Sessions in one read.
const CHUNK: usize = 500;

/// Whose sessions may have ended without a word. What is asked for while a look is under way is one look after it.
#[derive(Default)]
pub(super) struct Doubts {
    whose: Mutex<Whose>,
    news: Notify,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Whose {
    #[default]
    Nobodys,
    Theirs(HashSet<UserId>),
    Everybodys,
}

impl Doubts {
    pub(super) fn everybodys(&self) {
        self.note(|_| Whose::Everybodys);
    }

    pub(super) fn theirs(&self, users: impl Iterator<Item = UserId>) {
        self.note(|whose| match whose {
            Whose::Nobodys => Whose::Theirs(users.collect()),
            Whose::Theirs(known) => Whose::Theirs(known.into_iter().chain(users).collect()),
            Whose::Everybodys => Whose::Everybodys,
        });
    }

    fn note(&self, change: impl FnOnce(Whose) -> Whose) {
        let mut whose = self.whose.lock().unwrap_or_else(PoisonError::into_inner);
        *whose = change(std::mem::take(&mut *whose));
        drop(whose);
        self.news.notify_one();
    }

    fn take(&self) -> Whose {
        std::mem::take(&mut *self.whose.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

pub(super) async fn run(
    store: Arc<dyn Store>,
    bus: Arc<dyn Bus>,
    chatters: Chatters,
    doubts: Arc<Doubts>,
    shutdown: Shutdown,
) {
    let began = shutdown.began();
    tokio::pin!(began);
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut looked = Instant::now();
    loop {
        tokio::select! {
            () = &mut began => return,
            _ = look.tick() => {}
            () = doubts.news.notified() => {}
        }
        let mut whose = doubts.take();
        if looked.elapsed() >= if bus.is_away() { AWAY } else { EVERYBODY } {
            whose = Whose::Everybodys;
        }
        let sessions = match whose {
            Whose::Nobodys => continue,
            Whose::Theirs(users) => chatters.sessions_of(users.iter()),
            Whose::Everybodys => {
                looked = Instant::now();
                chatters.sessions()
            }
        };
        end_dead(store.as_ref(), &chatters, sessions).await;
    }
}

async fn end_dead(store: &dyn Store, chatters: &Chatters, sessions: Vec<(UserId, SessionId)>) {
    for chunk in sessions.chunks(CHUNK) {
        let ids: Vec<SessionId> = chunk.iter().map(|(_, session)| *session).collect();
        let living: HashSet<SessionId> = match store.sessions_living(&ids, now_ms()).await {
            Ok(living) => living.into_iter().collect(),
            Err(error) => {
                tracing::warn!(%error, "the sessions of connected chatters could not be checked");
                return;
            }
        };
        for (user, session) in chunk.iter().filter(|(_, session)| !living.contains(session)) {
            chatters.end_sessions(*user, &[*session]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubts_gather_until_they_are_taken() {
        let doubts = Doubts::default();
        assert_eq!(doubts.take(), Whose::Nobodys);
        doubts.theirs([UserId(1), UserId(2)].into_iter());
        doubts.theirs([UserId(2), UserId(3)].into_iter());
        assert_eq!(doubts.take(), Whose::Theirs(HashSet::from([UserId(1), UserId(2), UserId(3)])));
        doubts.theirs([UserId(1)].into_iter());
        doubts.everybodys();
        doubts.theirs([UserId(1)].into_iter());
        assert_eq!((doubts.take(), doubts.take()), (Whose::Everybodys, Whose::Nobodys));
    }
}
