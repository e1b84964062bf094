//! What is passing: who is there, and who types.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use tokio::time::Instant;

use super::Task;
use crate::protocol::frame::{PresenceUpdate, TypingStart};
use crate::protocol::limits::TYPING_FOLLOWERS;
use crate::protocol::{ConversationId, ServerFrame, Status, UserId, UserRef};
use crate::server::bus::{BusBody, BusMessage, Topic};
use crate::server::chatters::{Frame, Outgoing};
use crate::server::store::StoreError;

impl Task {
    /// Something about the user's connections changed; the last may have left.
    pub(super) async fn connections_changed(&mut self, user: UserId) {
        self.see(user);
        self.left(user).await;
    }

    /// Looks at the user's connections here.
    pub(super) fn see(&mut self, user: UserId) {
        self.presence.status(Instant::now(), user, self.chatters.status(user));
    }

    /// The user wants to be seen by nobody, or is seen again.
    pub(super) fn hides(&mut self, user: UserId, hides: bool) {
        self.hiding.told(user);
        if self.index.contains(user) {
            self.presence.hide(user, hides);
            self.see(user);
        }
    }

    /// The word of it may have been lost, of these users.
    pub(super) fn look_who_hides(&mut self, users: Vec<UserId>) {
        let users = self.hiding.doubt(users);
        if !users.is_empty() {
            self.fetches.hiding(users);
        }
    }

    /// Of these users, those hide. Who could not be looked for is looked for again.
    pub(super) fn look_found(&mut self, users: Vec<UserId>, hiding: Result<HashSet<UserId>, StoreError>) {
        let looked = self.hiding.done(users);
        let again = match hiding {
            Ok(hiding) => {
                for user in looked {
                    let hides = hiding.contains(&user);
                    if hides != self.presence.hides(user) {
                        self.hides(user, hides);
                    }
                }
                Vec::new()
            }
            Err(error) => {
                tracing::warn!(%error, "who hides could not be read");
                looked
            }
        };
        self.look_who_hides(again);
    }

    /// With whom the user has a conversation may have changed: their contacts are read anew, where that concerns anybody
    /// here. `followers`: of the conversation, there are some here.
    pub(super) fn met(&mut self, user: UserId, followers: bool) {
        if self.presence.concerns(user, followers) && self.meeting.insert(user) {
            self.fetches.contacts(user);
        }
    }

    pub(super) fn contacts(&mut self, user: UserId, contacts: Result<Vec<UserId>, StoreError>) {
        self.meeting.remove(&user);
        match contacts {
            Ok(contacts) => self.presence.meet(user, &contacts),
            Err(error) => tracing::warn!(%error, "a user's contacts could not be read"),
        }
    }

    /// Tells what is to be told of presence.
    pub(super) fn turn(&mut self) {
        let (words, told) = self.presence.turn(Instant::now());
        for word in words {
            self.whisper(BusMessage { topic: Topic::Nodes, body: BusBody::Node(word) });
        }
        let mut frames: HashMap<(UserId, Status), Outgoing> = HashMap::new();
        for (to, user, status) in told {
            let outgoing = match frames.entry((user, status)) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let update = ServerFrame::PresenceUpdate(PresenceUpdate { user, status });
                    new.insert(Outgoing { position: None, frame: Frame::from(update.encode()) })
                }
            };
            self.chatters.send(to, outgoing);
        }
    }

    /// A user types, of whom nobody has said yet that they may see the conversation.
    pub(super) fn types(&mut self, user: UserRef, conversation: ConversationId) {
        // Who is seen by nobody is not seen typing.
        let is_told = !self.presence.hides(user.id)
            && self.index.follows(user.id, conversation)
            && self.index.followers(conversation) <= TYPING_FOLLOWERS
            && self.typing.admit(Instant::now(), user.id, conversation);
        if is_told {
            let id = user.id;
            let typing = ServerFrame::TypingStart(TypingStart { conversation, user });
            let body = BusBody::Typing { user: id, frame: Frame::from(typing.encode()) };
            self.whisper(BusMessage { topic: Topic::Conversation(conversation), body });
        }
    }

    /// The others of a conversation that is no crowd here.
    pub(super) fn typed(&mut self, user: UserId, conversation: ConversationId, frame: Frame) {
        if self.index.followers(conversation) <= TYPING_FOLLOWERS {
            let others = self.index.told(conversation, None).filter(|other| **other != user);
            self.chatters.send_all(others, &Outgoing { position: None, frame });
        }
    }

    /// Hands it to the bus, or leaves it where too much waits.
    fn whisper(&self, message: BusMessage) {
        if self.whispers.try_send(message).is_err() {
            tracing::debug!("what is passing was left: too much waits for the bus");
        }
    }
}
