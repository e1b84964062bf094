//! The live client: pure state in `timeline`, `conversations`, `outbox`, `marks`, `presence`, `typing`, `idle`, `asked` and `connection`; the
//! browser in `browser`.
//!
//! A page reads the signals of [`Live`] and asks for things through its methods. On the server there is no
//! [`Driver`], the signals hold what was rendered, and the methods do nothing.
//!
//! The pure parts decide and are tested as tables; `browser` owns sockets, timers and requests and decides
//! nothing. They take the time and chance as arguments, and say what to do as values.

pub mod asked;
pub mod backoff;
#[cfg(feature = "hydrate")]
pub mod browser;
pub mod connection;
pub mod conversations;
pub mod idle;
pub mod marks;
#[cfg(test)]
mod model;
pub mod outbox;
pub mod presence;
pub mod readers;
pub mod timeline;
pub mod typing;

use std::sync::Arc;

use leptos::prelude::*;

use crate::protocol::{
    ConversationId, ConversationList, ConversationSummary, Level, MessageList, Seq, UserId, UserRef,
};
use conversations::List;
use outbox::Item;
use presence::Presence;
use readers::Readers;
use timeline::Timeline;
use typing::Typing;

/// How the connection stands, for the indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Link {
    /// Not started yet, or the browser says that it is offline.
    #[default]
    Offline,
    Connecting,
    Ready,
    /// Lost; trying again by itself.
    Waiting,
}

/// To whom the composer writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    Conversation(ConversationId),
    /// A user's name: the first message opens the conversation.
    Name(String),
}

/// What is done to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Amendment {
    Delete,
    /// Adds a reaction, or takes it back.
    React {
        emoji: String,
        on: bool,
    },
    Pin(bool),
}

/// Drafts by their keys.
pub type Drafts = Vec<(String, String)>;

/// What of how a conversation is kept is to be changed; what is none stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Keep {
    pub level: Option<Level>,
    pub pinned: Option<bool>,
    pub marked: Option<bool>,
}

/// What of a user is unsent in this browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    pub messages: u32,
    pub drafts: u32,
}

/// What acts for the page in a browser. Methods return at once.
pub trait Driver: Send + Sync {
    /// Opens the socket; called once, when the chat page has been hydrated.
    fn start(&self, live: Live);
    /// Sends a text, perhaps as an answer: it appears in the timeline as pending at once.
    fn post(&self, recipient: Recipient, content: String, reply_to: Option<Seq>);
    /// Tries a failed message again.
    fn retry(&self, nonce: String);
    /// Takes a failed message back for good.
    fn discard(&self, nonce: String);
    /// Takes a failed message back, keeps `draft` in the same step, and hands the message over, unless another tab did
    /// something with it first.
    fn take_back(&self, nonce: String, draft: (String, String), then: Box<dyn FnOnce(Item)>);
    /// Loads the page of messages before the oldest one shown.
    fn load_older(&self);
    /// Loads the page of messages after the newest one shown, where that is not the latest.
    fn load_newer(&self);
    /// Goes to a message of the open conversation, wherever it is; or to the latest ones.
    fn show(&self, at: Option<Seq>);
    /// Changes the text of an own message of the open conversation. `then` is told why not, if it was not done.
    fn edit(&self, seq: Seq, content: String, then: Box<dyn FnOnce(Option<String>)>);
    /// Does something to a message of the open conversation; what fails is said in [`Live::says`].
    fn amend(&self, seq: Seq, amendment: Amendment);
    /// The page shows another conversation, starting from what it fetched.
    fn open(&self, conversation: Option<ConversationId>, page: Option<MessageList>);
    /// Of what was fetched, takes out what is not the reader's by now, and keeps the rest as they keep it by now.
    fn as_told(&self, fetched: &mut List);
    /// The reader saw everything up to `seq` of the open conversation, in a visible tab.
    fn saw(&self, seq: Seq);
    /// The reader keeps a conversation in another way.
    fn keep(&self, conversation: ConversationId, change: Keep);
    /// The reader types in this conversation.
    fn types(&self, conversation: ConversationId);
    /// Hands over the drafts of earlier pages, by key: what [`Driver::keep_draft`] was given. After the start; and again
    /// whenever the disk was read, as other tabs write there.
    fn drafts(&self, then: Box<dyn Fn(Drafts)>);
    /// Keeps a draft for later pages, or forgets it.
    fn keep_draft(&self, key: String, draft: Option<String>);
}

/// The driver of the chat, in its context; absent on the server.
#[derive(Clone)]
pub struct DriverHandle(pub Arc<dyn Driver>);

/// What a browser does for who leaves. Apart from the [`Driver`], as it is asked for where there is no chat.
pub trait Leaving: Send + Sync {
    /// How much of this user is unsent in this browser; none where it cannot be told.
    fn unsent(&self, user: UserId, then: Box<dyn FnOnce(Option<Left>)>);
    /// Signs out, removes what the user left unsent in this browser, and leaves the page; or says why not.
    fn sign_out(&self, user: UserId, then: Box<dyn FnOnce(String)>);
}

/// In the context of the pages outside the chat; absent on the server.
#[derive(Clone)]
pub struct LeavingHandle(pub Arc<dyn Leaving>);

/// The chat page's live state.
#[derive(Clone, Copy)]
pub struct Live {
    pub me: StoredValue<UserRef>,
    pub link: RwSignal<Link>,
    /// The most recently active first.
    pub conversations: RwSignal<Vec<ConversationSummary>>,
    /// Whether there are conversations beyond the last of them.
    pub more_conversations: RwSignal<bool>,
    /// Those of the list that were opened though they are further behind: beyond its end but for these.
    pub apart: RwSignal<Vec<ConversationId>>,
    /// The open conversation's messages, pending ones included.
    pub timeline: RwSignal<Timeline>,
    /// How far others have read the open conversation: nothing until the browser has asked.
    pub readers: RwSignal<Readers>,
    /// Counts the messages that were written here: not in another tab, nor on an earlier page.
    pub written: RwSignal<u32>,
    /// Whether older messages are being fetched, and whether newer ones are.
    pub loading_older: RwSignal<bool>,
    pub loading_newer: RwSignal<bool>,
    /// The message that one came for: to be brought into view, once. And the one that stands out since.
    pub reveal: RwSignal<Option<Seq>>,
    pub target: RwSignal<Option<Seq>>,
    /// How often the reader was brought to the latest messages from further up.
    pub brought: RwSignal<u32>,
    /// A sentence about what could not be done, until it is dismissed.
    pub says: RwSignal<Option<String>>,
    /// Whether the page is alive: what only scripts can do is there from then on.
    pub alive: RwSignal<bool>,
    /// Own messages that are not acknowledged, to whomever.
    pub outbox: RwSignal<Vec<Item>>,
    /// Set when a first message to a name was sent: whoever still writes to it goes there.
    pub opened: RwSignal<Option<(String, ConversationId)>>,
    /// Who is there of those with whom one has a direct conversation or a group.
    pub presence: RwSignal<Presence>,
    /// Who else types, and where.
    pub typing: RwSignal<Typing>,
    driver: StoredValue<Option<DriverHandle>>,
}

impl Live {
    /// Live state that starts from what the server rendered.
    #[must_use]
    pub fn new(me: UserRef, conversations: ConversationList, timeline: Timeline) -> Self {
        Self {
            me: StoredValue::new(me),
            link: RwSignal::new(Link::default()),
            conversations: RwSignal::new(conversations.conversations),
            more_conversations: RwSignal::new(conversations.more),
            apart: RwSignal::new(Vec::new()),
            timeline: RwSignal::new(timeline),
            readers: RwSignal::new(Readers::default()),
            written: RwSignal::new(0),
            loading_older: RwSignal::new(false),
            loading_newer: RwSignal::new(false),
            reveal: RwSignal::new(None),
            target: RwSignal::new(None),
            brought: RwSignal::new(0),
            says: RwSignal::new(None),
            alive: RwSignal::new(false),
            outbox: RwSignal::new(Vec::new()),
            opened: RwSignal::new(None),
            presence: RwSignal::new(Presence::default()),
            typing: RwSignal::new(Typing::default()),
            driver: StoredValue::new(use_context::<DriverHandle>()),
        }
    }

    /// Puts what is opened into the list, though it may be further behind than that reaches.
    pub fn list(&self, opened: ConversationSummary) {
        let id = opened.conversation.id;
        let mut opened = vec![opened];
        self.drive(|driver| driver.as_told(&mut opened));
        let Some(opened) = opened.pop() else { return };
        if self.conversations.with_untracked(|all| all.iter().all(|held| held.conversation.id != id)) {
            self.apart.update(|apart| apart.push(id));
            self.conversations.update(|all| {
                let _held = conversations::fetched(all, opened, false);
            });
        }
    }

    /// Runs `act` with the driver, where there is one.
    pub fn drive(&self, act: impl FnOnce(&dyn Driver)) {
        if let Some(DriverHandle(driver)) = self.driver.get_value() {
            act(driver.as_ref());
        }
    }

    /// Whether a driver is there: false on the server and before hydration.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.driver.with_value(Option::is_some)
    }
}
