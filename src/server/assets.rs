//! The site's files: the script, the WASM, the style sheet and what lies in `public/`.
//!
//! They come from inside the program (a release), or from a folder (while developing, or where one is set). Each is
//! found under its own path; the three files that every page names are found under a name with their content's hash too,
//! the pieces of the browser's half under no other, and such a name may be kept by browsers for ever. What is not a file of the site is not answered here: it is a page.

mod negotiate;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::path::PathBuf;

use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use tower::ServiceExt as _;
use tower_http::services::ServeDir;

use crate::ui::{PieceFiles, SiteUrls};

/// A year: the longest that browsers keep anything (RFC 9111 sets no bound).
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Kept, but asked about each time.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");
/// Which files each piece of the browser's half is made of; `scripts/join-pieces.mjs` writes it.
const PIECES: &str = "/pkg/pieces.json";
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");

/// One file of the embedded site; `build.rs` writes these.
#[derive(Debug, Clone, Copy)]
struct File {
    /// Its address below the site's root, with the first slash.
    path: &'static str,
    /// Its address with the content's hash, for the files that pages name.
    hashed_path: Option<&'static str>,
    /// The first 64 bits of the content's SHA-256, in hexadecimal.
    hash: &'static str,
    plain: &'static [u8],
    /// The content as Brotli, where that is smaller.
    brotli: Option<&'static [u8]>,
}

/// The embedded site: empty unless the program was built with `embed`.
static EMBEDDED: &[File] = include!(concat!(env!("OUT_DIR"), "/site.rs"));

/// The files of the site.
#[derive(Debug, Clone)]
pub struct Assets {
    source: Source,
}

#[derive(Debug, Clone)]
enum Source {
    Embedded(&'static [File]),
    Folder(PathBuf, ServeDir),
}

impl Assets {
    /// The files of `folder` where the operator set one; else those inside the program; else, where there are none,
    /// those of `fallback_site_root`.
    #[must_use]
    pub fn new(folder: Option<PathBuf>, fallback_site_root: PathBuf) -> Self {
        let source = match folder {
            None if !EMBEDDED.is_empty() => Source::Embedded(EMBEDDED),
            folder => {
                let folder = folder.unwrap_or(fallback_site_root);
                let files = ServeDir::new(&folder).append_index_html_on_directories(false);
                Source::Folder(folder, files)
            }
        };
        Self { source }
    }

    /// The addresses that pages name.
    #[must_use]
    pub fn urls(&self) -> SiteUrls {
        let url = |path: &str| match &self.source {
            Source::Embedded(files) => {
                files.iter().find(|file| file.path == path).and_then(|file| file.hashed_path).unwrap_or(path).to_owned()
            }
            Source::Folder(..) => path.to_owned(),
        };
        SiteUrls {
            js: url("/pkg/chatter.js"),
            wasm: url("/pkg/chatter.wasm"),
            css: url("/pkg/chatter.css"),
            pieces: self.pieces(),
        }
    }

    /// The files of the browser's pieces. None where it was built whole, as while developing; a list that cannot be read
    /// costs no more than that pages do not ask for them ahead.
    fn pieces(&self) -> PieceFiles {
        let list = match &self.source {
            Source::Embedded(files) => {
                files.iter().find(|file| file.path == PIECES).map(|file| Cow::Borrowed(file.plain))
            }
            Source::Folder(folder, _) => {
                std::fs::read(folder.join(PIECES.trim_start_matches('/'))).ok().map(Cow::Owned)
            }
        };
        let read = |list: Cow<'_, [u8]>| {
            serde_json::from_slice(&list)
                .inspect_err(|error| tracing::warn!(%error, "{PIECES} of the site is no list of pieces"))
                .unwrap_or_default()
        };
        list.map(read).unwrap_or_default()
    }

    /// The answer to a request for a file of the site; `None` where there is no such file, or for a method other than
    /// GET and HEAD.
    pub async fn respond(&self, method: &Method, path: &str, headers: &HeaderMap) -> Option<Response<Body>> {
        if !matches!(*method, Method::GET | Method::HEAD) {
            return None;
        }
        let mut response = match &self.source {
            Source::Embedded(files) => {
                let file = files.iter().find(|file| file.path == path || file.hashed_path == Some(path))?;
                embedded(file, path, method, headers)
            }
            Source::Folder(_, folder) => from_folder(folder, method, path, headers).await?,
        };
        response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, NOSNIFF);
        Some(response)
    }
}

fn embedded(file: &File, path: &str, method: &Method, headers: &HeaderMap) -> Response<Body> {
    let (body, encoded) = match file.brotli {
        Some(brotli) if negotiate::accepts_brotli(headers) => (brotli, true),
        _ => (file.plain, false),
    };
    // The two forms have different bytes, so a strong tag has to tell them apart.
    let tag = if encoded { format!("\"{}-br\"", file.hash) } else { format!("\"{}\"", file.hash) };
    let unchanged = negotiate::matches_tag(headers, &tag);

    let mut response = Response::new(Body::empty());
    let answer = response.headers_mut();
    answer.insert(CACHE_CONTROL, if file.hashed_path == Some(path) { FOR_EVER } else { ASK_AGAIN });
    answer.insert(ETAG, HeaderValue::try_from(tag).expect("a hash in quotes is a header's value"));
    if file.brotli.is_some() {
        answer.insert(VARY, HeaderValue::from_static("accept-encoding"));
    }
    if unchanged {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    answer.insert(CONTENT_TYPE, content_type(file.path));
    answer.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    if encoded {
        answer.insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    if *method == Method::GET {
        *response.body_mut() = Body::from(body);
    }
    response
}

/// `ServeDir` refuses paths that leave the folder, and answers conditions and ranges by the file's time.
async fn from_folder(folder: &ServeDir, method: &Method, path: &str, headers: &HeaderMap) -> Option<Response<Body>> {
    let mut request = Request::builder().method(method.clone()).uri(path).body(Body::empty()).ok()?;
    *request.headers_mut() = headers.clone();
    let Ok(response) = folder.clone().oneshot(request).await;
    if response.status() == StatusCode::NOT_FOUND {
        return None;
    }
    let mut response = response.map(Body::new);
    response.headers_mut().insert(CACHE_CONTROL, ASK_AGAIN);
    Some(response)
}

/// The type by the name's ending; of the kinds that a site is made of, the others are bytes to save.
fn content_type(path: &str) -> HeaderValue {
    HeaderValue::from_static(match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    })
}
