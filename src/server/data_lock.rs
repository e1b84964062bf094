//! The locks of a data folder: one server at a time, and no command beside it while it starts.
//!
//! SQLite's index of the log counts a page as brought into the database before the database is synced. After a failed
//! sync that count is wrong; it is forgotten when the last process leaves. A command that stays would hand it on, and the
//! server would begin the log anew over what no disk has. So a server starts alone; afterwards commands may come.
//!
//! The order is the same for all: first the commands' lock, then the server's.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Held by the server as long as it runs, and by a command while it mends what a crash left.
pub const SERVER: &str = "lock";
/// Shared by the commands; held alone by a server that starts.
pub const COMMANDS: &str = "lock-commands";

/// Takes a lock alone, for as long as the file is open; `None`: another process has it.
pub fn take(data: &Path, name: &str) -> io::Result<Option<File>> {
    let file = open(data, name)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Takes the commands' lock beside other commands. Waits for a server that is starting.
pub fn share(data: &Path) -> io::Result<File> {
    let file = open(data, COMMANDS)?;
    file.lock_shared()?;
    Ok(file)
}

fn open(data: &Path, name: &str) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(data.join(name))
}
