//! Whether a cluster is whole: what is posted through any node is told on every node.

use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};

use crate::Load;
use crate::faults::cluster::{Cluster, PATIENCE};
use crate::faults::http::Http;
use crate::faults::listener::{Heard, Listener};
use crate::faults::mark::{Posting, mentions};
use crate::faults::{Error, Result};

/// One look at everything takes no longer, where all is well.
const LOOK: Duration = Duration::from_secs(5);
/// A message that is told later came by no bus, nor by the poll that stands in for it.
const TOLD: Duration = Duration::from_secs(2);
/// Between two looks.
const AGAIN: Duration = Duration::from_millis(50);

/// Waits until it is; answers how long that took.
pub async fn whole(cluster: &Cluster, posting: &Posting) -> Result<Duration> {
    let began = Instant::now();
    loop {
        let looked =
            timeout(LOOK, look(cluster, posting)).await.unwrap_or_else(|_| Err("a look takes too long".into()));
        match looked {
            Ok(()) => return Ok(began.elapsed()),
            Err(error) if began.elapsed() > PATIENCE => {
                return Err(Error::from(format!("the cluster is not whole after {PATIENCE:?}: {error}")));
            }
            Err(_) => sleep(AGAIN).await,
        }
    }
}

async fn look(cluster: &Cluster, posting: &Posting) -> Result<()> {
    let to_oneself = format!("target_id={}", cluster.probe.name);
    let mut posters = Vec::new();
    for node in &cluster.nodes {
        posters.push(Http::connect(&node.host.address, &cluster.probe).await?);
    }
    let (_, first) = posting.post(&mut posters[0], &to_oneself, 0).await?;
    let conversation = first.ok()?["conversation_id"].as_i64().ok_or("an answer without a conversation")?;
    let mut listeners = Vec::new();
    for node in &cluster.nodes {
        let address = &node.host.address;
        listeners.push(Listener::open(address, &cluster.probe, node.source(), conversation, None).await?);
    }
    for poster in &mut posters {
        let (number, answer) = posting.post(poster, &to_oneself, 0).await?;
        answer.ok()?;
        for listener in &mut listeners {
            timeout(TOLD, told(listener, number)).await.map_err(|_| "a node was not told in time")??;
        }
    }
    Ok(())
}

async fn told(listener: &mut Listener, number: u64) -> Result<()> {
    loop {
        match listener.next().await? {
            Heard::Frame(text) if mentions(text.as_bytes()).contains(&number) => return Ok(()),
            Heard::Frame(_) => {}
            Heard::Closed(code) => return Err(Error::from(format!("closed with {code}"))),
        }
    }
}

/// The longest time in which the load got nothing acknowledged.
#[derive(Debug)]
pub struct Standstill {
    acknowledged: u64,
    since: Instant,
    longest: Duration,
}

impl Standstill {
    #[must_use]
    pub fn begin(load: &Load) -> Self {
        Self { acknowledged: load.acknowledged(), since: Instant::now(), longest: Duration::ZERO }
    }

    /// Watches for so long.
    pub async fn watch(&mut self, load: &Load, time: Duration) {
        let end = Instant::now() + time;
        while Instant::now() < end {
            sleep(Duration::from_millis(10)).await;
            let acknowledged = load.acknowledged();
            if acknowledged > self.acknowledged {
                (self.acknowledged, self.since) = (acknowledged, Instant::now());
            }
            self.longest = self.longest.max(self.since.elapsed());
        }
    }

    /// The longest since this was asked last.
    pub fn take(&mut self) -> Duration {
        std::mem::take(&mut self.longest)
    }
}
