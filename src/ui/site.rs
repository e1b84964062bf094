//! What pages name of the built site.

use serde::Deserialize;

use super::pieces::Piece;

/// Where the built site's files are; the release program names them by their hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteUrls {
    pub js: String,
    pub wasm: String,
    pub css: String,
    pub pieces: PieceFiles,
}

/// The names of the files that each piece is made of, beside the script.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PieceFiles {
    parts: Vec<String>,
    pages: Vec<String>,
}

impl PieceFiles {
    fn of(&self, piece: Piece) -> &[String] {
        match piece {
            Piece::Parts => &self.parts,
            Piece::Pages => &self.pages,
        }
    }

    /// The addresses of what these pieces need, each once.
    #[must_use]
    pub fn urls(&self, pieces: &[Piece]) -> Vec<String> {
        let mut urls: Vec<String> = Vec::new();
        for name in pieces.iter().flat_map(|piece| self.of(*piece)) {
            let url = format!("/pkg/{name}");
            if !urls.contains(&url) {
                urls.push(url);
            }
        }
        urls
    }
}
