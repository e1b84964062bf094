//! What people see: the shell, the routes, pages and their parts, and the live client behind them.
//!
//! Sees `api` and `protocol`, never `server`.

pub mod live;
pub mod site_urls;
