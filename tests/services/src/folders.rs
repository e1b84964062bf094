//! Folders that are gone with the tests, or with the next ones.

use std::fs;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use crate::Result;

/// No test takes longer: a folder that is older belongs to one that was killed before it could tidy up.
const OLD: Duration = Duration::from_secs(3 * 60 * 60);

/// A folder of this prefix, and an end to old ones.
pub(crate) fn folder(prefix: &str) -> Result<TempDir> {
    let made = tempfile::Builder::new().prefix(prefix).tempdir()?;
    for beside in fs::read_dir(made.path().parent().unwrap_or(Path::new("/")))?.flatten() {
        let is_old = || beside.metadata().ok()?.modified().ok()?.elapsed().ok().map(|age| age > OLD);
        if beside.file_name().to_string_lossy().starts_with(prefix) && is_old() == Some(true) {
            // Another user's stays.
            let _ = fs::remove_dir_all(beside.path());
        }
    }
    Ok(made)
}
