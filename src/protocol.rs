//! The wire: everything that crosses between server and client, and nothing else.
//!
//! Compiled into both halves. Imports nothing of ours, does no I/O, knows no framework.
//! Numbers on the wire are `i64` or smaller: the browser's half has 32-bit pointers, so `usize` never crosses.

pub mod content;
pub mod conversation;
pub mod directory;
pub mod emoji;
pub mod error_code;
pub mod event;
pub mod frame;
pub mod ids;
pub mod json;
pub mod limits;
pub mod mention;
pub mod message;
pub mod name;
pub mod presence;
pub mod profile;
pub mod reaction;
pub mod rich_text;
pub mod rights;
pub mod shared;
pub mod sorted;
pub mod title;

pub use conversation::{Conversation, ConversationKind, ConversationList, ConversationSummary, Level, Mine, Preview};
pub use directory::{MemberList, Room, RoomList};
pub use error_code::{CloseCode, ErrorCode};
pub use event::{Event, EventBody, MineChange, ReactionChange, Stream};
pub use frame::{ClientFrame, FrameError, ServerFrame};
pub use ids::{ConversationId, Seq, SessionId, UserId};
pub use mention::Mention;
pub use message::{Edit, EditList, EventList, Message, MessageList, Posted, ReactionList, Reactors, UserRef};
pub use presence::{Present, Status};
pub use profile::{
    Account, BlockList, Density, Preferences, Profile, ReaderList, SessionEntry, SessionList, Theme, UserList,
};
pub use reaction::Reaction;
pub use shared::{Shared, SharedList, SharedPage};
pub use sorted::Sorted;
