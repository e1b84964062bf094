//! Which logs this node follows: those of the connected users, from where a snapshot says that they stand.
//!
//! Order matters: the bus is asked for a log's topic before the log is placed, and the log is compared with the
//! store after it. See `delivery` for why nothing falls in between.

use std::time::Duration;

use tokio::time::timeout;

use super::Task;
use crate::protocol::{Stream, UserId};
use crate::server::bus::Topic;
use crate::server::store::{Memberships, StoreError};

/// Time for the bus to note a subscription; later the watch tries again.
const SUBSCRIBE: Duration = Duration::from_secs(1);

impl Task {
    /// A user's memberships are here: follow their logs, then look whether anything came by meanwhile.
    pub(super) async fn loaded(&mut self, user: UserId, found: Result<(Memberships, Vec<UserId>, bool), StoreError>) {
        let Some(waiting) = self.loading.remove(&user) else { return };
        let (memberships, contacts, hidden) = match found {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%error, "a user's memberships could not be read");
                return;
            }
        };
        if !self.chatters.is_connected(user) {
            // Nobody waits any more, and nobody would tell of the leaving.
            return;
        }
        self.index.enter(user);
        let inbox = Stream::Inbox(user);
        let mut streams = vec![inbox];
        self.hear_topic(inbox).await;
        self.logs.place(inbox, memberships.inbox_seq);
        for (conversation, last) in memberships.conversations {
            let stream = Stream::Conversation(conversation);
            self.hear_topic(stream).await;
            self.logs.place(stream, last);
            self.index.join(user, conversation, last.next());
            streams.push(stream);
        }
        for (conversation, floor) in memberships.floors {
            self.index.begin(user, conversation, floor);
        }
        // Newer than what a look finds that is under way.
        self.hiding.told(user);
        self.presence.enter(user, &contacts, hidden);
        self.see(user);
        for done in waiting {
            let _ = done.send(self.presence.present(user));
        }
        self.fetches.stands(streams, false);
    }

    /// A user's last connection left.
    pub(super) async fn left(&mut self, user: UserId) {
        if self.chatters.is_connected(user) {
            return;
        }
        self.presence.leave(user);
        self.rests.retain(|(of, _), _| *of != user);
        let mut conversations = self.index.remove(user);
        conversations.extend(self.holds.remove(user).map(|hold| hold.conversation));
        self.release(Stream::Inbox(user)).await;
        for conversation in conversations {
            self.release(Stream::Conversation(conversation)).await;
        }
    }

    /// Compares every followed log with the store, and asks the bus again for what it did not take.
    pub(super) async fn check(&mut self) {
        if std::mem::replace(&mut self.checking, true) {
            self.check_again = true;
            return;
        }
        for topic in std::mem::take(&mut self.unheard) {
            self.subscribe(topic).await;
        }
        if self.bus.is_shared() {
            // Other nodes may not have been able to say it.
            self.look_who_hides(self.index.users().collect());
        }
        self.fetches.stands(self.logs.placed(), true);
    }

    /// Of these topics, something may have come by before the bus brought them.
    pub(super) fn lost_of(&mut self, topics: Vec<Topic>) {
        let users = topics.iter().filter_map(|topic| match topic {
            Topic::User(user) => Some(*user),
            Topic::Conversation(_) | Topic::Nodes => None,
        });
        let users: Vec<_> = users.collect();
        self.doubts.theirs(users.iter().copied());
        self.look_who_hides(users);
        if topics.contains(&Topic::Nodes) {
            self.presence.ask();
        }
        let streams =
            topics.into_iter().filter_map(Topic::stream).filter(|stream| self.logs.is_followed(*stream)).collect();
        self.fetches.stands(streams, false);
    }

    /// Asks the bus for a log's topic, unless it was asked before. Asked before the log is placed, so that what is
    /// published after the comparison is heard.
    pub(super) async fn hear_topic(&mut self, stream: Stream) {
        if !self.logs.is_followed(stream) {
            self.logs.follow(stream);
            self.subscribe(stream.into()).await;
        }
    }

    pub(super) async fn subscribe(&mut self, topic: Topic) {
        if !matches!(timeout(SUBSCRIBE, self.bus.subscribe(topic)).await, Ok(Ok(()))) {
            self.unheard.insert(topic);
        }
    }

    /// Forgets a log that nobody here follows any more.
    pub(super) async fn release(&mut self, stream: Stream) {
        let needed = match stream {
            Stream::Conversation(id) => self.index.is_followed(id) || self.holds.concern(id),
            Stream::Inbox(user) => self.index.contains(user),
        };
        if needed || !self.logs.is_followed(stream) {
            return;
        }
        self.logs.forget(stream);
        self.unheard.remove(&stream.into());
        if !matches!(timeout(SUBSCRIBE, self.bus.unsubscribe(stream.into())).await, Ok(Ok(()))) {
            tracing::debug!("the bus did not take an end of a subscription: its messages will be left");
        }
    }
}
