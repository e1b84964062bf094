//! Marked messages: their content and their nonce hold a number that can be found again in any bytes – a page of the
//! database, an answer, a frame – without knowing the format around it.
//!
//! Content and nonce are marked differently: what is found in the WAL must be the content, while an answer to an
//! author names the nonce alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::Person;
use crate::faults::Result;
use crate::faults::http::{Answer, Http};

/// Digits of a number, and the length of a whole mark: `m.000000017.`.
const DIGITS: usize = 9;
pub const LENGTH: usize = DIGITS + 3;

fn mark(kind: char, number: u64) -> String {
    format!("{kind}.{number:0DIGITS$}.")
}

/// Numbers of messages whose content is in `bytes`.
#[must_use]
pub fn contents(bytes: &[u8]) -> Vec<u64> {
    found(bytes, b"m")
}

/// Numbers of messages that `bytes` mention at all: by content or by nonce.
#[must_use]
pub fn mentions(bytes: &[u8]) -> Vec<u64> {
    found(bytes, b"mn")
}

fn found(bytes: &[u8], kinds: &[u8]) -> Vec<u64> {
    let number = |window: &[u8]| -> Option<u64> {
        let digits = &window[2..2 + DIGITS];
        let is_mark = window[1] == b'.' && window[LENGTH - 1] == b'.' && kinds.contains(&window[0]);
        if is_mark { std::str::from_utf8(digits).ok()?.parse().ok() } else { None }
    };
    bytes.windows(LENGTH).filter_map(number).collect()
}

/// Posts marked messages until it is told to stop.
#[derive(Debug, Clone, Default)]
pub struct Posting {
    next: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
}

/// What one writer was told.
#[derive(Debug, Default)]
pub struct Told {
    /// Numbers with an answer, and the conversation and seq that it named.
    pub acknowledged: Vec<(u64, i64, i64)>,
    pub times: Vec<Duration>,
    /// Why it ended early.
    pub trouble: Option<String>,
}

impl Posting {
    /// Numbers given out so far: 0 to this, without this.
    #[must_use]
    pub fn begun(&self) -> u64 {
        self.next.load(Ordering::Relaxed)
    }

    /// The same numbering for writers that were not told to stop.
    #[must_use]
    pub fn afresh(&self) -> Self {
        Self { next: self.next.clone(), stop: Arc::default() }
    }

    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// One message to `target`, with `padding` more bytes.
    pub async fn post(&self, http: &mut Http, target: &str, padding: usize) -> Result<(u64, Answer)> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (content, nonce, padding) = (mark('m', number), mark('n', number), "x".repeat(padding));
        let form = format!("{target}&nonce={nonce}&content={content}{padding}");
        Ok((number, http.call("message-post", &form).await?))
    }

    /// One message after the other, one in `pause`, until the first that is not acknowledged.
    pub async fn run(self, address: String, person: Person, target: String, padding: usize, pause: Duration) -> Told {
        let mut told = Told::default();
        if let Err(e) = self.posts(&mut told, &address, &person, &target, padding, pause).await {
            told.trouble = Some(e.to_string());
        }
        told
    }

    async fn posts(
        &self,
        told: &mut Told,
        address: &str,
        person: &Person,
        target: &str,
        padding: usize,
        pause: Duration,
    ) -> Result<()> {
        let mut http = Http::connect(address, person).await?;
        while !self.stop.load(Ordering::Relaxed) {
            let began = Instant::now();
            let (number, answer) = self.post(&mut http, target, padding).await?;
            let body = answer.ok()?;
            told.times.push(began.elapsed());
            let figure = |name: &str| body[name].as_i64().ok_or("an answer without numbers");
            told.acknowledged.push((number, figure("conversation_id")?, figure("seq")?));
            tokio::time::sleep(pause.saturating_sub(began.elapsed())).await;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_in_any_bytes() {
        let page = [b"\0\x07m.0", mark('m', 17).as_bytes(), b"\xff", mark('n', 4).as_bytes(), b"m.00000001x."].concat();
        assert_eq!(contents(&page), [17]);
        assert_eq!(mentions(&page), [17, 4]);
    }
}
