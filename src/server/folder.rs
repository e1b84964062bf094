//! Folders: made for their owner alone, and sure to be found again.
//!
//! A file is on the disk once it is synced; its name is there once its folder is.

use std::fs::{DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

/// Makes the folder, for its owner alone, where there is none. What it answers `Ok` for outlasts a loss of power.
pub fn create(path: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = path.ancestors().take_while(|folder| !is_there(folder)).collect();
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    for made in missing {
        sync(parent(made))?;
    }
    // Whoever made it before may have been stopped in between. A folder that was there may be in one that cannot be read.
    match sync(parent(path)) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(()),
        synced => synced,
    }
}

/// Makes the names in the folder sure.
pub fn sync(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        // A file system that does not know it: there is nothing that could be done.
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
        synced => synced,
    }
}

/// The folder that a path's last name is in.
#[must_use]
pub fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The empty path is where we are.
fn is_there(folder: &Path) -> bool {
    folder.as_os_str().is_empty() || folder.exists()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn it_is_made_with_those_above_it_and_may_be_there() {
        let above = tempfile::tempdir().unwrap();
        let folder = above.path().join("a/b/c");
        create(&folder).unwrap();
        create(&folder).unwrap();
        assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(parent(Path::new("data")), Path::new("."));
        std::fs::write(folder.join("file"), "").unwrap();
        assert!(create(&folder.join("file")).is_err());
        assert_eq!(sync(&folder.join("gone")).unwrap_err().kind(), ErrorKind::NotFound);
    }
}
