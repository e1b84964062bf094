//! The pages, one a file; each has an address in `routes`.

mod chat;
mod guest;
mod home;
mod not_found;
mod people;
mod settings;
mod sign_up;

pub use chat::{Chat, ChatTarget, Opened, no_such_conversation, title_of};
pub use guest::Guest;
pub use home::Home;
pub use not_found::NotFound;
pub use people::{People, Person};
pub use settings::Settings;
pub use sign_up::SignUp;
