//! Whether the disk takes changes again, asked only after it refused one: nothing but a write can tell.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rusqlite::Connection;

use crate::server::store::StoreError;

/// Bytes that must fit: what a long message adds to the log, with every page that it touches.
const ROOM: usize = 64 * 1024;
/// What the file's header says of its program, as of the first probe: "chat" in ASCII.
const APPLICATION_ID: i32 = 0x6368_6174;

/// Takes that much room for a moment beside the database, and writes to the database what changes nothing.
pub(super) fn probe(connection: &Connection, database: &Path) -> Result<(), StoreError> {
    let mut name = database.as_os_str().to_owned();
    name.push("-room");
    let path = Path::new(&name);
    let taken = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path).and_then(take);
    let removed = std::fs::remove_file(path);
    taken.and(removed).map_err(|error| match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full(format!("no room for more: {error}")),
        _ => StoreError::Unavailable(format!("{}: {error}", path.display())),
    })?;
    Ok(connection.pragma_update(None, "application_id", APPLICATION_ID)?)
}

fn take(mut file: File) -> io::Result<()> {
    file.write_all(&[0; ROOM])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("chatter.db");
        let connection = Connection::open(&database).unwrap();
        probe(&connection, &database).unwrap();
        let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert_eq!(files, ["chatter.db"]);
        let gone = folder.path().join("gone/chatter.db");
        assert!(matches!(probe(&connection, &gone), Err(StoreError::Unavailable(_))));
    }
}
