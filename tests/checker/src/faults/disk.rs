//! What a disk is sure to hold when the power goes: a model of one folder, fed with the trace of its writer.
//!
//! Bytes are sure when they were written before a sync of their file *began* and that sync succeeded. A file's name
//! is sure when its folder was synced after it was made (the same for a name that went away). All else may be there
//! or not, in pieces of [`PIECE`] bytes, in any order: [`Disk::torn`] draws from it.
//!
//! A sync that failed loses what it covered: the kernel may have dropped the pages, or count them as clean, so that no
//! later sync brings them to the disk. Only writing them again does. The program itself may still read them.
//!
//! Refuses to guess about what it did not see: a write to a file that it has no start of is an error.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use fastrand::Rng;

use crate::faults::trace::{Call, CallId, Event};
use crate::faults::{Error, Result};

/// What a disk writes at once, in bytes: no more than this arrives whole or not at all.
pub const PIECE: usize = 4096;

#[derive(Debug, Clone, Default)]
struct File {
    /// Sure content.
    sure: Vec<u8>,
    /// What was written since, in order; not sure yet.
    waiting: Vec<Waiting>,
    /// The file's name is sure.
    named: bool,
    /// Its length as the program sees it.
    length: u64,
}

#[derive(Debug, Clone)]
struct Waiting {
    id: CallId,
    ended: bool,
    change: Change,
}

#[derive(Debug, Clone)]
enum Change {
    Write { offset: u64, bytes: Vec<u8> },
    Truncate { length: u64 },
}

/// A change of names that its folder's sync makes sure.
#[derive(Debug, Clone)]
enum Name {
    Removed { path: PathBuf, file: File },
}

#[derive(Debug, Clone)]
pub struct Disk {
    folder: PathBuf,
    files: BTreeMap<PathBuf, File>,
    /// Files whose removal is not sure.
    removed: Vec<Name>,
    /// Changes that a running sync will make sure.
    syncing: HashMap<CallId, Syncing>,
    /// Bytes that a failed sync lost.
    pub lost_bytes: usize,
    /// Syncs that succeeded.
    pub syncs: u64,
}

#[derive(Debug, Clone)]
enum Syncing {
    Bytes { path: PathBuf, covered: Vec<CallId> },
    Names { made: Vec<PathBuf>, removed: usize },
}

impl Disk {
    /// Takes the folder as it is for sure: the trace begins on a disk that was at rest.
    pub fn at_rest(folder: &Path) -> Result<Self> {
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_file() {
                let sure = fs::read(&path)?;
                let length = sure.len().try_into()?;
                files.insert(path, File { sure, waiting: Vec::new(), named: true, length });
            }
        }
        Ok(Self {
            folder: folder.to_owned(),
            files,
            removed: Vec::new(),
            syncing: HashMap::new(),
            lost_bytes: 0,
            syncs: 0,
        })
    }

    /// Takes in what the trace tells next.
    pub fn apply(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Begins(id, call) => self.begins(id, call),
            Event::Ends { id, result } => {
                self.ends(id, result);
                Ok(())
            }
        }
    }

    fn begins(&mut self, id: CallId, call: Call) -> Result<()> {
        // The WAL index is shared memory, not data: SQLite rebuilds it.
        let is_ours = |path: &Path| path.starts_with(&self.folder) && !path.to_string_lossy().ends_with("-shm");
        match call {
            Call::Open { path, creates, truncates } if is_ours(&path) => {
                if creates {
                    self.files.entry(path.clone()).or_default();
                }
                if truncates && let Some(file) = self.files.get_mut(&path) {
                    file.length = 0;
                    file.waiting.push(Waiting { id, ended: false, change: Change::Truncate { length: 0 } });
                }
            }
            Call::Write { path, offset, bytes } if is_ours(&path) => {
                let file = known(&mut self.files, &path)?;
                let offset = offset.unwrap_or(file.length);
                file.length = file.length.max(offset + u64::try_from(bytes.len())?);
                file.waiting.push(Waiting { id, ended: false, change: Change::Write { offset, bytes } });
            }
            Call::Truncate { path, length } if is_ours(&path) => {
                let file = known(&mut self.files, &path)?;
                file.length = length;
                file.waiting.push(Waiting { id, ended: false, change: Change::Truncate { length } });
            }
            Call::Sync { path } if path == self.folder => {
                let made = self.files.keys().cloned().collect();
                self.syncing.insert(id, Syncing::Names { made, removed: self.removed.len() });
            }
            Call::Sync { path } if is_ours(&path) => {
                let file = known(&mut self.files, &path)?;
                let covered = file.waiting.iter().filter(|w| w.ended).map(|w| w.id).collect();
                self.syncing.insert(id, Syncing::Bytes { path, covered });
            }
            Call::Unlink { path } if is_ours(&path) => {
                if let Some(file) = self.files.remove(&path) {
                    self.removed.push(Name::Removed { path, file });
                }
            }
            Call::Rename { from, to } if is_ours(&from) || is_ours(&to) => {
                return Err(Error::from(format!("renaming {} is not modelled", from.display())));
            }
            _ => {}
        }
        Ok(())
    }

    fn ends(&mut self, id: CallId, result: i64) {
        match self.syncing.remove(&id) {
            Some(Syncing::Bytes { path, covered }) if result < 0 => {
                let Some(file) = self.files.get_mut(&path) else { return };
                file.waiting.retain(|waiting| match &waiting.change {
                    Change::Write { bytes, .. } if covered.contains(&waiting.id) => {
                        self.lost_bytes += bytes.len();
                        false
                    }
                    _ => true,
                });
            }
            Some(Syncing::Names { .. }) if result < 0 => {}
            Some(Syncing::Bytes { path, covered }) => {
                self.syncs += 1;
                let Some(file) = self.files.get_mut(&path) else { return };
                // Syncing a file's content makes the length sure, and on the usual file systems the file's own name
                // too; the model counts on the folder's sync alone.
                let (done, waiting) =
                    std::mem::take(&mut file.waiting).into_iter().partition(|w| covered.contains(&w.id));
                file.waiting = waiting;
                let done: Vec<Waiting> = done;
                done.iter().for_each(|waiting| waiting.change.make(&mut file.sure));
            }
            Some(Syncing::Names { made, removed }) => {
                self.syncs += 1;
                for path in made {
                    if let Some(file) = self.files.get_mut(&path) {
                        file.named = true;
                    }
                }
                self.removed.drain(..removed.min(self.removed.len()));
            }
            None => {
                let waiting = self.files.values_mut().flat_map(|file| &mut file.waiting);
                for waiting in waiting.filter(|w| w.id == id) {
                    waiting.ended = true;
                }
            }
        }
    }

    /// The program has ended, and the trace of its next run follows: what it wrote stays with the kernel. The next
    /// trace counts its calls from the beginning.
    pub fn program_ended(&mut self) {
        self.syncing.clear();
        for waiting in self.files.values_mut().flat_map(|file| &mut file.waiting) {
            (waiting.id, waiting.ended) = (CallId::MAX, true);
        }
    }

    /// Writes exactly what is sure into `folder`. A file that was removed without its folder's sync is still there.
    pub fn sure(&self, folder: &Path) -> Result<()> {
        self.lay_out(folder, |file| file.named.then(|| file.sure.clone()))
    }

    /// The same plus a random part of what is not sure.
    pub fn torn(&self, folder: &Path, rng: &mut Rng) -> Result<()> {
        self.lay_out(folder, |file| {
            if !file.named && rng.bool() {
                return None;
            }
            let mut content = file.sure.clone();
            for waiting in &file.waiting {
                waiting.change.make_part(&mut content, rng);
            }
            Some(content)
        })
    }

    fn lay_out(&self, folder: &Path, mut content: impl FnMut(&File) -> Option<Vec<u8>>) -> Result<()> {
        // Who may read what is no matter of syncs: as the program made them.
        fs::create_dir_all(folder)?;
        fs::set_permissions(folder, Permissions::from_mode(0o700))?;
        let removed = self.removed.iter().map(|Name::Removed { path, file }| (path, file));
        for (path, file) in self.files.iter().chain(removed.filter(|(path, _)| !self.files.contains_key(*path))) {
            if let Some(content) = content(file) {
                let file = folder.join(path.strip_prefix(&self.folder)?);
                fs::write(&file, content)?;
                fs::set_permissions(&file, Permissions::from_mode(0o600))?;
            }
        }
        Ok(())
    }

    /// Bytes that are written and not sure.
    #[must_use]
    pub fn waiting_bytes(&self) -> usize {
        let changes = self.files.values().flat_map(|file| &file.waiting);
        changes.map(|w| if let Change::Write { bytes, .. } = &w.change { bytes.len() } else { 0 }).sum()
    }
}

fn known<'a>(files: &'a mut BTreeMap<PathBuf, File>, path: &Path) -> Result<&'a mut File> {
    files.get_mut(path).ok_or_else(|| Error::from(format!("{} was never opened", path.display())))
}

impl Change {
    fn make(&self, content: &mut Vec<u8>) {
        match self {
            Self::Write { offset, bytes } => put(content, *offset, bytes),
            Self::Truncate { length } => content.resize(index(*length), 0),
        }
    }

    /// Each piece of a write, cut at multiples of [`PIECE`] of the file, is there or is not.
    fn make_part(&self, content: &mut Vec<u8>, rng: &mut Rng) {
        match self {
            Self::Write { offset, bytes } => {
                let mut from = 0;
                while from < bytes.len() {
                    let at = index(*offset) + from;
                    let length = (PIECE - at % PIECE).min(bytes.len() - from);
                    if rng.bool() {
                        put(content, u64::try_from(at).unwrap_or(u64::MAX), &bytes[from..from + length]);
                    }
                    from += length;
                }
            }
            Self::Truncate { .. } if rng.bool() => self.make(content),
            Self::Truncate { .. } => {}
        }
    }
}

fn put(content: &mut Vec<u8>, offset: u64, bytes: &[u8]) {
    let (from, to) = (index(offset), index(offset) + bytes.len());
    if content.len() < to {
        content.resize(to, 0);
    }
    content[from..to].copy_from_slice(bytes);
}

fn index(offset: u64) -> usize {
    usize::try_from(offset).expect("a file of the trace fits in memory")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(id: CallId, path: &Path, offset: u64, bytes: &[u8]) -> [Event; 2] {
        let call = Call::Write { path: path.to_owned(), offset: Some(offset), bytes: bytes.to_vec() };
        [Event::Begins(id, call), Event::Ends { id, result: bytes.len().try_into().unwrap() }]
    }

    fn sync(id: CallId, path: &Path) -> [Event; 2] {
        [Event::Begins(id, Call::Sync { path: path.to_owned() }), Event::Ends { id, result: 0 }]
    }

    fn sure(disk: &Disk, name: &str) -> Option<Vec<u8>> {
        let target = tempfile::tempdir().unwrap();
        disk.sure(target.path()).unwrap();
        fs::read(target.path().join(name)).ok()
    }

    #[test]
    fn only_what_was_synced_is_sure() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        fs::write(&file, b"....").unwrap();
        let mut disk = Disk::at_rest(folder.path()).unwrap();
        let mut play = |events: [Event; 2]| events.into_iter().for_each(|event| disk.apply(event).unwrap());
        play(write(0, &file, 0, b"A"));
        play(sync(1, &file));
        play(write(2, &file, 1, b"B"));
        // A write that ends after the sync began is not covered by it.
        let begin = Call::Write { path: file.clone(), offset: Some(2), bytes: b"C".to_vec() };
        disk.apply(Event::Begins(3, begin)).unwrap();
        disk.apply(Event::Begins(4, Call::Sync { path: file.clone() })).unwrap();
        disk.apply(Event::Ends { id: 3, result: 1 }).unwrap();
        assert_eq!(sure(&disk, "a").unwrap(), b"A...");
        disk.apply(Event::Ends { id: 4, result: 0 }).unwrap();
        assert_eq!(sure(&disk, "a").unwrap(), b"AB..");
        assert_eq!(disk.waiting_bytes(), 1);
        // A sync that failed makes nothing sure.
        disk.apply(Event::Begins(5, Call::Sync { path: file })).unwrap();
        disk.apply(Event::Ends { id: 5, result: -1 }).unwrap();
        assert_eq!(sure(&disk, "a").unwrap(), b"AB..");
    }

    /// Two runs, of which the first has a sync that fails: whether the log has a hole after the second.
    fn has_a_hole(rewrites: bool) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("log");
        fs::write(&file, b"").unwrap();
        let mut disk = Disk::at_rest(folder.path()).unwrap();
        let mut play = |events: [Event; 2]| events.into_iter().for_each(|event| disk.apply(event).unwrap());
        play(write(0, &file, 0, b"A"));
        play(sync(1, &file));
        play(write(2, &file, 1, b"B"));
        play([Event::Begins(3, Call::Sync { path: file.clone() }), Event::Ends { id: 3, result: -1 }]);
        play(sync(4, &file));
        disk.program_ended();
        let mut play = |events: [Event; 2]| events.into_iter().for_each(|event| disk.apply(event).unwrap());
        if rewrites {
            play(write(0, &file, 0, b"AB"));
            play(sync(1, &file));
        }
        play(write(2, &file, 2, b"C"));
        play(sync(3, &file));
        let sure = sure(&disk, "log").unwrap();
        assert!(sure == b"ABC" || sure == b"A\0C", "{sure:?}");
        sure != b"ABC"
    }

    #[test]
    fn what_a_failed_sync_lost_must_be_written_again() {
        assert!(has_a_hole(false), "a start that appends to what it reads");
        assert!(!has_a_hole(true), "a start that writes the log again");
    }

    #[test]
    fn a_name_is_sure_when_its_folder_was_synced() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new");
        let mut disk = Disk::at_rest(folder.path()).unwrap();
        let open = Call::Open { path: file.clone(), creates: true, truncates: false };
        disk.apply(Event::Begins(0, open)).unwrap();
        write(1, &file, 0, b"x").into_iter().chain(sync(2, &file)).for_each(|event| disk.apply(event).unwrap());
        assert_eq!(sure(&disk, "new"), None);
        sync(3, folder.path()).into_iter().for_each(|event| disk.apply(event).unwrap());
        assert_eq!(sure(&disk, "new").unwrap(), b"x");
        disk.apply(Event::Begins(4, Call::Unlink { path: file })).unwrap();
        assert_eq!(sure(&disk, "new").unwrap(), b"x");
        sync(5, folder.path()).into_iter().for_each(|event| disk.apply(event).unwrap());
        assert_eq!(sure(&disk, "new"), None);
    }

    #[test]
    fn a_torn_write_arrives_in_pieces() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        fs::write(&file, b"").unwrap();
        let mut disk = Disk::at_rest(folder.path()).unwrap();
        write(0, &file, 100, &[1; 3 * PIECE]).into_iter().for_each(|event| disk.apply(event).unwrap());
        let mut kinds = std::collections::BTreeSet::new();
        for seed in 0..64 {
            let target = tempfile::tempdir().unwrap();
            disk.torn(target.path(), &mut Rng::with_seed(seed)).unwrap();
            let content = fs::read(target.path().join("a")).unwrap();
            kinds.insert(content.iter().filter(|byte| **byte == 1).count());
        }
        assert!(kinds.contains(&0) && kinds.contains(&(3 * PIECE)) && kinds.len() > 5, "{kinds:?}");
    }
}
