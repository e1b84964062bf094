//! The browser's half: tabs that sleep, pages that are reloaded or crash with messages queued. The stories are
//! Playwright's (`end2end/stories`); here they are run and counted.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tokio::time::sleep;

use crate::faults::program::allowed_cores;
use crate::faults::report::Outcome;
use crate::faults::stage::World;
use crate::faults::{Error, Result};

/// Longer than the stories take by far.
const PATIENCE: Duration = Duration::from_secs(900);

const REPORT: &str = "end2end/test-results/report.json";

pub async fn browser(world: &World) -> Result<Outcome> {
    let mut outcome = Outcome::new("browser");
    let _ = fs::remove_file(REPORT);
    let log = fs::File::create(world.root.join("browser.log"))?;
    // The runner itself is on one core; a browser, its server and the stories together are too slow there.
    let mut npm = Command::new("taskset");
    npm.args(["-c", &allowed_cores(), "npm", "--prefix", "end2end", "test", "--", "outbox", "connection"]);
    let mut npm = npm.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?;
    let began = std::time::Instant::now();
    let status = loop {
        if let Some(status) = npm.try_wait()? {
            break status;
        }
        if began.elapsed() > PATIENCE {
            npm.kill()?;
            npm.wait()?;
            return Err(Error::from("the stories took too long"));
        }
        sleep(Duration::from_millis(100)).await;
    };
    let report = fs::read_to_string(Path::new(REPORT)).map_err(|e| format!("no report of the stories ({e})"))?;
    let report: Value = serde_json::from_str(&report)?;
    let count = |name: &str| report["stats"][name].as_u64().unwrap_or_default();
    outcome.faults.insert("stories", count("expected"));
    let failed = count("unexpected") + count("flaky") + count("skipped");
    outcome.expect(failed == 0 && status.success(), || format!("{failed} stories did not pass (see browser.log)"));
    Ok(outcome)
}
