//! Where the page finds the client: the addresses of the script, the WASM and the style sheet.
//!
//! The server knows them (a release names them by their content) and hands them to the shell.

/// The three files that every page names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteUrls {
    pub js: String,
    pub wasm: String,
    pub css: String,
}
