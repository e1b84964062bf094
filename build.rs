//! Makes `$OUT_DIR/site.rs`, the table of the site's files that `src/server/assets.rs` includes.
//!
//! With the feature `embed` the table holds every file of the built site, hashed and compressed. Without it the
//! table is empty, so that checking and testing need no site and no time.

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("Cargo sets OUT_DIR"));
    #[cfg(feature = "embed")]
    let table = site::table(&out);
    #[cfg(not(feature = "embed"))]
    let table = "&[]".to_owned();
    fs::write(out.join("site.rs"), table).expect("OUT_DIR is writable");
}

#[cfg(feature = "embed")]
mod site {
    use std::fmt::Write as _;
    use std::path::{Path, PathBuf};
    use std::{env, fs};

    use sha2::{Digest, Sha256};

    /// A compressed copy that saves less than this share of the file is not worth its place.
    const SAVES_AT_LEAST: f64 = 0.05;
    /// The kinds of files that compress; pictures and fonts are compressed already.
    const COMPRESSIBLE: [&str; 9] = ["js", "wasm", "css", "svg", "txt", "json", "html", "webmanifest", "map"];

    /// The Rust expression of the table, and its compressed files written to `out`.
    pub(super) fn table(out: &Path) -> String {
        println!("cargo::rerun-if-env-changed=CHATTER_SITE_DIR");
        let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("Cargo sets CARGO_MANIFEST_DIR"))
            .join(env::var_os("CHATTER_SITE_DIR").unwrap_or_else(|| "target/site".into()));
        let mut files = Vec::new();
        collect(&root, &mut files);
        files.sort();
        if !files.iter().any(|file| file.ends_with("pkg/chatter.wasm")) {
            println!(
                "cargo::error=The site to embed is not in {}: run scripts/build, which builds it first.",
                root.display()
            );
            return "&[]".to_owned();
        }
        let mut rows = "&[\n".to_owned();
        for (number, file) in files.iter().enumerate() {
            rows.push_str(&row(&root, file, &out.join(format!("{number}.br"))));
        }
        rows.push(']');
        rows
    }

    /// All files below `folder` that browsers ask for; wasm-bindgen leaves type declarations beside them. Cargo is
    /// told about folders too: a new file changes its folder.
    fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
        println!("cargo::rerun-if-changed={}", folder.display());
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                collect(&path, files);
            } else if !path.to_string_lossy().ends_with(".d.ts") {
                println!("cargo::rerun-if-changed={}", path.display());
                files.push(path);
            }
        }
    }

    fn row(root: &Path, file: &Path, compressed_file: &Path) -> String {
        let bytes = fs::read(file).expect("a file of the site is readable");
        let relative = file.strip_prefix(root).expect("every file is below the root");
        let path = format!("/{}", relative.to_str().expect("names of the site's files are UTF-8").replace('\\', "/"));
        // 64 bits of the hash: enough to tell the builds of one file apart for ever.
        let hash = Sha256::digest(&bytes).iter().take(8).fold(String::new(), |mut hash, byte| {
            let _ = write!(hash, "{byte:02x}");
            hash
        });
        let brotli = if compress(file, &bytes, compressed_file) {
            format!("Some(include_bytes!({compressed_file:?}))")
        } else {
            "None".to_owned()
        };
        format!(
            "    File {{ path: {path:?}, hashed_path: {hashed:?}, hash: {hash:?}, plain: include_bytes!({file:?}), \
             brotli: {brotli} }},\n",
            hashed = hashed_path(&path, &hash),
        )
    }

    /// `/pkg/chatter.js` → `Some("/pkg/chatter-HASH.js")`: the three files that every page names. The pieces of the
    /// browser's half are named by the script, and have their hash in their name already. The others are named by those
    /// or by browsers, by paths that stay.
    fn hashed_path(path: &str, hash: &str) -> Option<String> {
        let (stem, extension) = path.rsplit_once('.')?;
        let is_hash = |end: &str| end.len() == 16 && end.bytes().all(|byte| byte.is_ascii_hexdigit());
        if stem.starts_with("/pkg/chatter-") && stem.rsplit_once('-').is_some_and(|(_, end)| is_hash(end)) {
            return Some(path.to_owned());
        }
        (stem == "/pkg/chatter").then(|| format!("{stem}-{hash}.{extension}"))
    }

    /// Writes the compressed copy, where one helps.
    fn compress(file: &Path, bytes: &[u8], to: &Path) -> bool {
        if !file.extension().and_then(|extension| extension.to_str()).is_some_and(|e| COMPRESSIBLE.contains(&e)) {
            return false;
        }
        let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
        let mut compressed = Vec::new();
        brotli::BrotliCompress(&mut &bytes[..], &mut compressed, &parameters).expect("memory takes all bytes");
        if compressed.len() as f64 > bytes.len() as f64 * (1.0 - SAVES_AT_LEAST) {
            return false;
        }
        fs::write(to, compressed).expect("OUT_DIR is writable");
        true
    }
}
