//! Bytes of the first load, as served with Brotli.

use crate::Result;
use crate::http::Http;
use crate::server::Server;

pub async fn run(server: &Server) -> Result<()> {
    let mut http = Http::connect(&server.address, "").await?;
    let page = http.get("/", "Accept: text/html\r\n").await?;
    let html = String::from_utf8_lossy(&page.body).into_owned();
    let mut sum = page.body.len();
    println!("| sign-in page, HTML, not compressed | {:.1} KiB |", kib(page.body.len()));
    for ending in [".wasm", ".js", ".css"] {
        let path = html.split('"').find(|part| part.starts_with("/pkg/") && part.ends_with(ending));
        let path = path.ok_or_else(|| format!("the page names no {ending}"))?;
        let file = http.get(path, "Accept-Encoding: br\r\n").await?;
        sum += file.body.len();
        println!("| {} as Brotli | {:.1} KiB |", ending.trim_start_matches('.').to_uppercase(), kib(file.body.len()));
    }
    println!("| first load, all of the above | {:.1} KiB |", kib(sum));
    Ok(())
}

fn kib(bytes: usize) -> f64 {
    bytes as f64 / 1024.0
}
