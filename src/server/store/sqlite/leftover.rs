//! The log that a crash left behind, written once more before anything is built on it.
//!
//! A sync that failed may have left pages in the kernel's cache that are marked as written and are not on the disk. A
//! program that starts now reads them as if nothing were wrong; it would append to a log that has a hole after the
//! next loss of power, and everything behind the hole would be gone. So the bytes are read and written back to where
//! they are, and synced: then the disk holds what is read. That changes nothing in the file, so it may be broken off.
//!
//! The log's own name is made sure, too. SQLite syncs the folder when it has made a log, but looks away when that fails;
//! and a log without a name is lost with the power, however often it was synced.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::server::folder;
use crate::server::store::StoreError;

/// Bytes at once.
const CHUNK: usize = 256 * 1024;

/// Writes the log once more, while nobody else can write to it. A connection that failed here leaves all as it is, also
/// when it closes.
pub(super) fn mend(connection: &Connection, database: &Path) -> Result<(), StoreError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.execute_batch("BEGIN IMMEDIATE")?;
    write_again(database)?;
    connection.execute_batch("COMMIT")?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(())
}

fn write_again(database: &Path) -> Result<(), StoreError> {
    let mut log = database.as_os_str().to_owned();
    log.push("-wal");
    let path = PathBuf::from(log);
    let file = match File::options().read(true).write(true).open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return sync_folder(database),
        Err(error) => return Err(failed(&path, &error)),
    };
    copy_onto_itself(&file).and_then(|()| file.sync_all()).map_err(|error| failed(&path, &error))?;
    sync_folder(database)
}

fn copy_onto_itself(file: &File) -> io::Result<()> {
    let mut buffer = vec![0; CHUNK];
    let mut offset = 0;
    loop {
        let bytes = file.read_at(&mut buffer, offset)?;
        if bytes == 0 {
            return Ok(());
        }
        file.write_all_at(&buffer[..bytes], offset)?;
        offset += bytes as u64;
    }
}

fn sync_folder(database: &Path) -> Result<(), StoreError> {
    let folder = folder::parent(database);
    folder::sync(folder)
        .map_err(|error| StoreError::Failed(format!("{}: the folder's sync failed: {error}", folder.display())))
}

fn failed(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Failed(format!("{} cannot be written once more: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("chatter.db");
        write_again(&database).unwrap();
        assert!(!folder.path().join("chatter.db-wal").exists(), "nothing is made");
        let bytes: Vec<u8> = (0..3 * CHUNK + 5).map(|n| u8::try_from(n % 251).unwrap()).collect();
        std::fs::write(folder.path().join("chatter.db-wal"), &bytes).unwrap();
        write_again(&database).unwrap();
        assert!(std::fs::read(folder.path().join("chatter.db-wal")).unwrap() == bytes);
    }
}
