//! What people see: the shell, the routes, pages and their parts, and the live client behind them.
//!
//! Sees `api` and `protocol`, never `server`. A page is complete without scripts: everything that is needed to read
//! and to post is in the served HTML, and every form is a plain one. Browser APIs are called from effects and event
//! handlers only, so the first render in the browser is the server's, node for node. What the browser loads of it, and
//! when, is in `pieces`.

pub mod address;
pub mod app;
pub mod emoji;
pub mod fragments;
pub mod live;
pub mod page_data;
#[expect(unreachable_pub, reason = "the component macro makes what it emits `pub`, in private modules too")]
pub mod pages;
#[expect(unreachable_pub, reason = "as in `pages`")]
pub mod parts;
pub mod pieces;
pub mod routes;
pub mod shell;
pub mod site;
pub mod text;
pub mod wanted;

pub use address::Address;
pub use app::{App, StatusHook};
pub use page_data::{Aside, ChatData, PageData, PlainHtml};
pub use pages::{ChatTarget, Opened, no_such_conversation};
pub use parts::{Apart, Part, about_link, about_message, answer_box, answer_hint};
pub use shell::{PageAddress, shell};
pub use site::{PieceFiles, SiteUrls};
pub use wanted::Wanted;
