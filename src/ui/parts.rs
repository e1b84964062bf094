//! The parts of pages, one component a file.

mod avatar;
mod card;
mod clock;
mod composer;
mod connection;
mod conversation_item;
mod field;
mod form_error;
mod icon;
mod message_item;
mod message_list;
mod moment;
mod notice;
mod pane_header;
mod scroll;
mod sidebar;
mod sign_in_form;
mod skeleton;
mod start_chat;

pub use avatar::Avatar;
pub use card::Card;
pub use clock::Clock;
pub use composer::{Composer, ComposerDesk, Writing};
pub use connection::Connection;
pub use field::Field;
pub use form_error::FormError;
pub use icon::{Icon, IconName};
pub use message_list::{Archive, MessageList};
pub use notice::Notice;
pub use pane_header::PaneHeader;
pub use sidebar::Sidebar;
pub use sign_in_form::SignInForm;
pub use skeleton::{PageSkeleton, RowsSkeleton};
pub use start_chat::StartChat;
