//! `chatter-limits relay` serves on 127.0.0.1:PORT; `chatter-limits store FOLDER` measures the store alone.

#![expect(clippy::print_stdout, reason = "its figures and its port are what it is for")]

mod relay;
mod store;

use std::env;

type Error = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Error> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["relay"] => {
            let port = env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(0);
            tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(relay::serve(port))
        }
        ["store", folder] => store::measure(folder.as_ref()),
        _ => Err("usage: chatter-limits relay | store FOLDER".into()),
    }
}
