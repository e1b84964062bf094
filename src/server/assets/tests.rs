//! Assets from a table like the one that a release carries, and from a folder.

use axum::http::header::{ACCEPT_ENCODING, IF_NONE_MATCH, LAST_MODIFIED};

use super::*;
use crate::ui::pieces::Piece;

const PARTS: &str = r#"{"parts":["chatter-parts-8899aabbccddeeff.wasm"],"another":["x"]}"#;

static SITE: &[File] = &[
    File {
        path: "/pkg/chatter.js",
        hashed_path: Some("/pkg/chatter-0011223344556677.js"),
        hash: "0011223344556677",
        plain: b"plain script",
        brotli: Some(b"br"),
    },
    File { path: "/pkg/chatter.wasm", hashed_path: None, hash: "aa", plain: b"\0asm", brotli: None },
    File {
        path: "/pkg/chatter-parts-8899aabbccddeeff.wasm",
        hashed_path: Some("/pkg/chatter-parts-8899aabbccddeeff.wasm"),
        hash: "cc",
        plain: b"\0asm",
        brotli: None,
    },
    File { path: "/pkg/pieces.json", hashed_path: None, hash: "dd", plain: PARTS.as_bytes(), brotli: None },
    File { path: "/icon.png", hashed_path: None, hash: "bb", plain: b"png", brotli: None },
];

fn embedded_site() -> Assets {
    Assets { source: Source::Embedded(SITE) }
}

fn headers(pairs: &[(axum::http::HeaderName, &str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap())).collect()
}

async fn get(assets: &Assets, path: &str, sent: &[(axum::http::HeaderName, &str)]) -> Option<Response<Body>> {
    assets.respond(&Method::GET, path, &headers(sent)).await
}

async fn text(response: Response<Body>) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), 1024).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn header<'r>(response: &'r Response<Body>, name: &str) -> &'r str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_hashed_name_is_kept_for_ever_and_the_plain_one_asked_about() {
    let site = embedded_site();
    let hashed = get(&site, "/pkg/chatter-0011223344556677.js", &[]).await.unwrap();
    assert_eq!(header(&hashed, "cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(header(&hashed, "content-type"), "text/javascript; charset=utf-8");
    assert_eq!(header(&hashed, "x-content-type-options"), "nosniff");
    assert_eq!(header(&hashed, "vary"), "accept-encoding");
    assert_eq!(text(hashed).await, "plain script");

    let plain = get(&site, "/pkg/chatter.js", &[]).await.unwrap();
    assert_eq!(header(&plain, "cache-control"), "no-cache");
    let wasm = get(&site, "/pkg/chatter.wasm", &[]).await.unwrap();
    assert_eq!(header(&wasm, "content-type"), "application/wasm");
    assert_eq!(header(&wasm, "vary"), "");
    assert_eq!(header(&get(&site, "/icon.png", &[]).await.unwrap(), "content-type"), "image/png");
    assert_eq!(site.urls().js, "/pkg/chatter-0011223344556677.js");
    assert_eq!(site.urls().css, "/pkg/chatter.css");
}

#[tokio::test]
async fn a_piece_is_kept_for_ever_under_the_only_name_that_it_has() {
    let site = embedded_site();
    let piece = get(&site, "/pkg/chatter-parts-8899aabbccddeeff.wasm", &[]).await.unwrap();
    assert_eq!(header(&piece, "cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(header(&piece, "content-type"), "application/wasm");
    assert!(get(&site, "/pkg/chatter-parts-0000000000000000.wasm", &[]).await.is_none(), "of another build");
}

#[test]
fn pages_know_which_files_a_piece_has_where_there_are_pieces() {
    let listed = embedded_site().urls().pieces;
    assert_eq!(listed.urls(&[Piece::Parts, Piece::Parts]), ["/pkg/chatter-parts-8899aabbccddeeff.wasm"]);
    assert_eq!(listed.urls(&[Piece::Pages]), [""; 0]);

    let folder = tempfile::tempdir().unwrap();
    let of_folder = || Assets::new(Some(folder.path().to_owned()), PathBuf::new()).urls().pieces;
    assert_eq!(of_folder(), PieceFiles::default());
    std::fs::create_dir(folder.path().join("pkg")).unwrap();
    std::fs::write(folder.path().join("pkg/pieces.json"), PARTS).unwrap();
    assert_eq!(of_folder(), listed);
    std::fs::write(folder.path().join("pkg/pieces.json"), "half of it is mis").unwrap();
    assert_eq!(of_folder(), PieceFiles::default());
}

#[tokio::test]
async fn brotli_goes_to_those_who_take_it() {
    let cases = [
        ("br", true),
        ("gzip, deflate, br, zstd", true),
        ("gzip;q=1.0, BR ; q=0.5", true),
        ("*", true),
        ("gzip", false),
        ("", false),
        ("br;q=0", false),
        ("*, br;q=0.0", false),
        ("br;q=0, *", false),
        ("*;q=0", false),
        ("brotli", false),
    ];
    for (sent, expected) in cases {
        let response = get(&embedded_site(), "/pkg/chatter.js", &[(ACCEPT_ENCODING, sent)]).await.unwrap();
        assert_eq!(header(&response, "content-encoding") == "br", expected, "{sent:?}");
        assert_eq!(text(response).await, if expected { "br" } else { "plain script" }, "{sent:?}");
    }
}

#[tokio::test]
async fn a_known_tag_gets_304_without_a_body() {
    let site = embedded_site();
    let first = get(&site, "/pkg/chatter.js", &[]).await.unwrap();
    let tag = header(&first, "etag").to_owned();
    for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
        let again = get(&site, "/pkg/chatter.js", &[(IF_NONE_MATCH, &known)]).await.unwrap();
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{known}");
        assert_eq!(header(&again, "etag"), tag);
        assert_eq!(text(again).await, "");
    }
    // The tag of the plain form says nothing about the compressed one.
    let sent = [(IF_NONE_MATCH, tag.as_str()), (ACCEPT_ENCODING, "br")];
    assert_eq!(get(&site, "/pkg/chatter.js", &sent).await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn head_says_the_length_and_sends_nothing() {
    let response = embedded_site().respond(&Method::HEAD, "/pkg/chatter.js", &HeaderMap::new()).await.unwrap();
    assert_eq!(header(&response, "content-length"), "12");
    assert_eq!(text(response).await, "");
}

#[tokio::test]
async fn what_is_no_file_is_a_page() {
    let site = embedded_site();
    for path in ["/", "/c", "/pkg/", "/pkg/chatter-ffffffffffffffff.js", "/pkg/../pkg/chatter.js"] {
        assert!(get(&site, path, &[]).await.is_none(), "{path}");
    }
    assert!(site.respond(&Method::POST, "/pkg/chatter.js", &HeaderMap::new()).await.is_none());
}

#[tokio::test]
async fn a_folder_is_served_and_never_left() {
    let outer = tempfile::tempdir().unwrap();
    let site = outer.path().join("site");
    std::fs::create_dir_all(site.join("pkg/snippets")).unwrap();
    std::fs::write(outer.path().join("secret.txt"), "secret").unwrap();
    std::fs::write(site.join("pkg/chatter.wasm"), "\0asm").unwrap();
    std::fs::write(site.join("pkg/snippets/inline0.js"), "export {}").unwrap();
    std::fs::write(site.join("index.html"), "not the page").unwrap();
    let assets = Assets::new(Some(site), PathBuf::from("elsewhere"));

    let wasm = get(&assets, "/pkg/chatter.wasm", &[]).await.unwrap();
    assert_eq!(header(&wasm, "content-type"), "application/wasm");
    assert_eq!(header(&wasm, "cache-control"), "no-cache");
    assert_eq!(header(&wasm, "x-content-type-options"), "nosniff");
    assert_ne!(header(&wasm, LAST_MODIFIED.as_str()), "");
    assert_eq!(text(get(&assets, "/pkg/snippets/inline0.js", &[]).await.unwrap()).await, "export {}");
    assert_eq!(assets.urls().wasm, "/pkg/chatter.wasm");
    for path in ["/", "/pkg", "/pkg/", "/c/1", "/../secret.txt", "/%2e%2e/secret.txt", "/pkg/..%2f..%2fsecret.txt"] {
        let answer = get(&assets, path, &[]).await;
        assert!(answer.is_none_or(|answer| !answer.status().is_success()), "{path}");
    }
    assert!(assets.respond(&Method::POST, "/pkg/chatter.wasm", &HeaderMap::new()).await.is_none());
}
