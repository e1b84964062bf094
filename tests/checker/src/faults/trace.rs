//! Reads what strace wrote about the server: file writes, syncs and bytes sent, in the order in which they happened.
//!
//! Owns the strace command line and the shape of its lines (`-f -yy -ttt -xx`), nothing about what they mean. A line
//! that is cut short (`"…"...`) or cannot be read is an error: a trace with holes proves nothing.
//!
//! A call that another thread's call interrupts is two lines in the trace. So every call is two events here, its begin
//! and its end. The order of lines is an order of causes: strace lets a thread go on only after it wrote its line.

use std::collections::HashMap;
use std::io::BufRead;
use std::path::{Path, PathBuf};

use crate::faults::{Error, Result};

/// The calls that change files or send bytes. `msync` is not among them: the only mapped file is the WAL index, which
/// is rebuilt after a power cut.
const CALLS: &str = "openat,open,creat,write,pwrite64,writev,pwritev,pwritev2,sendto,sendmsg,fsync,fdatasync,\
                     sync_file_range,ftruncate,fallocate,unlink,unlinkat,rename,renameat,renameat2,copy_file_range";

/// The words in front of the server's that trace it into `file`. The server stays a direct child (`-D`).
#[must_use]
pub fn strace(file: &Path) -> Vec<String> {
    let words = ["strace", "-D", "-f", "--seccomp-bpf", "-yy", "-ttt", "-xx", "-s", "1048576", "-e"];
    let mut words: Vec<String> = words.map(str::to_owned).into();
    words.extend([format!("trace={CALLS}"), "-o".to_owned(), file.to_string_lossy().into_owned()]);
    words
}

/// Names one call from its begin to its end.
pub type CallId = u64;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Begins(CallId, Call),
    /// `result` is negative for an error.
    Ends {
        id: CallId,
        result: i64,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    Open {
        path: PathBuf,
        creates: bool,
        truncates: bool,
    },
    /// Without an offset: where the file ends.
    Write {
        path: PathBuf,
        offset: Option<u64>,
        bytes: Vec<u8>,
    },
    Truncate {
        path: PathBuf,
        length: u64,
    },
    Sync {
        path: PathBuf,
    },
    Unlink {
        path: PathBuf,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    /// Bytes to a TCP peer; `peer` names the connection.
    Send {
        peer: String,
        bytes: Vec<u8>,
    },
}

/// Reads a trace line by line.
pub struct Trace<R> {
    lines: R,
    line: Vec<u8>,
    next: CallId,
    /// The call that each thread is in.
    open: HashMap<u32, CallId>,
    /// Ends that came on the line of their begin.
    pending: Option<Event>,
}

impl<R: BufRead> Trace<R> {
    pub fn new(lines: R) -> Self {
        Self { lines, line: Vec::new(), next: 0, open: HashMap::new(), pending: None }
    }

    /// The next event; `None` at the end.
    pub fn event(&mut self) -> Result<Option<Event>> {
        if let Some(event) = self.pending.take() {
            return Ok(Some(event));
        }
        loop {
            self.line.clear();
            if self.lines.read_until(b'\n', &mut self.line)? == 0 {
                return Ok(None);
            }
            let line = std::str::from_utf8(&self.line)?.trim_end().to_owned();
            if let Some(event) = self.read(&line).map_err(|e| format!("{e}: {}", clipped(&line)))? {
                return Ok(Some(event));
            }
        }
    }

    fn read(&mut self, line: &str) -> Result<Option<Event>> {
        let (thread, rest) = line.split_once(' ').ok_or("no thread")?;
        let thread: u32 = thread.parse()?;
        let (_at, rest) = rest.trim_start().split_once(' ').ok_or("no time")?;
        if rest.starts_with("+++") || rest.starts_with("---") {
            return Ok(None);
        }
        if rest.starts_with("<...") {
            let id = self.open.remove(&thread);
            let result = result(rest)?;
            return Ok(id.map(|id| Event::Ends { id, result }));
        }
        let (name, arguments) = rest.split_once('(').ok_or("no call")?;
        let unfinished = arguments.strip_suffix("<unfinished ...>");
        let Some(call) = call(name, unfinished.unwrap_or(arguments))? else { return Ok(None) };
        let id = self.next;
        self.next += 1;
        if unfinished.is_some() {
            self.open.insert(thread, id);
        } else {
            self.pending = Some(Event::Ends { id, result: result(arguments)? });
        }
        Ok(Some(Event::Begins(id, call)))
    }
}

/// `None` for calls that are neither on a file by name nor on a TCP connection.
fn call(name: &str, arguments: &str) -> Result<Option<Call>> {
    let descriptor = || arguments.split_once('<').and_then(|(_, rest)| rest.split_once(">,").or(rest.split_once(">)")));
    let sends =
        arguments.split('"').next().is_some_and(|target| target.contains("<TCP:") || target.contains("<TCPv6:"));
    let file = || -> Result<PathBuf> {
        let (path, _) = descriptor().or_else(|| arguments.split_once('<')?.1.split_once('>')).ok_or("no file")?;
        Ok(PathBuf::from(String::from_utf8(unhex(path)?)?))
    };
    let quoted = |n: usize| -> Result<PathBuf> {
        let text = strings(arguments)?.into_iter().nth(n).ok_or("no path")?;
        Ok(PathBuf::from(String::from_utf8(text)?))
    };
    // Arguments after the last string or bracket, for instance the length and the offset of a write.
    let number = |n: usize| -> Result<u64> {
        let tail = arguments.rsplit(['"', '>', ']']).next().unwrap_or_default();
        let tail = tail.split(')').next().unwrap_or_default();
        let figure = tail.split(',').map(str::trim).filter(|word| !word.is_empty()).nth(n);
        Ok(figure.ok_or("a number is missing")?.trim_start_matches("...").trim().parse()?)
    };
    Ok(Some(match name {
        "write" | "writev" | "sendto" | "sendmsg" if sends => {
            let peer = arguments.split_once("[").and_then(|(_, rest)| rest.split_once(']')).ok_or("no peer")?.0;
            Call::Send { peer: peer.to_owned(), bytes: strings(arguments)?.concat() }
        }
        "write" | "writev" => {
            let path = file()?;
            if !path.is_absolute() {
                return Ok(None);
            }
            Call::Write { path, offset: None, bytes: strings(arguments)?.concat() }
        }
        "sendto" | "sendmsg" => return Ok(None),
        "pwrite64" => Call::Write { path: file()?, offset: Some(number(1)?), bytes: strings(arguments)?.concat() },
        "pwritev" => Call::Write { path: file()?, offset: Some(number(1)?), bytes: strings(arguments)?.concat() },
        "fsync" | "fdatasync" => Call::Sync { path: file()? },
        "ftruncate" => Call::Truncate { path: file()?, length: number(0)? },
        "unlink" | "unlinkat" => Call::Unlink { path: quoted(0)? },
        "rename" | "renameat" | "renameat2" => Call::Rename { from: quoted(0)?, to: quoted(1)? },
        "open" | "openat" => {
            let flags = arguments.rsplit('"').next().unwrap_or_default();
            Call::Open { path: quoted(0)?, creates: flags.contains("O_CREAT"), truncates: flags.contains("O_TRUNC") }
        }
        other => return Err(Error::from(format!("{other} is not understood"))),
    }))
}

/// The figure behind the last ` = `: -1 for an error, `?` (the process ended meanwhile) likewise.
fn result(text: &str) -> Result<i64> {
    let (_, result) = text.rsplit_once(" = ").ok_or("no result")?;
    let end = result.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(result.len());
    Ok(if result.starts_with('?') { -1 } else { result[..end].parse()? })
}

/// Every quoted string of the arguments, decoded.
fn strings(arguments: &str) -> Result<Vec<Vec<u8>>> {
    let mut parts = arguments.split('"');
    let mut found = Vec::new();
    while let (Some(_), Some(text)) = (parts.next(), parts.next()) {
        found.push(unhex(text)?);
    }
    // What follows a string that strace cut short.
    if arguments.contains("\"...") {
        return Err(Error::from("a string is cut short"));
    }
    Ok(found)
}

/// `\x2f\x74…`; text without escapes is taken as it is.
fn unhex(text: &str) -> Result<Vec<u8>> {
    let text = text.as_bytes();
    if !text.starts_with(b"\\x") {
        return Ok(text.to_vec());
    }
    let digit = |byte: u8| (byte as char).to_digit(16).and_then(|d| u8::try_from(d).ok());
    text.chunks(4)
        .map(|escape| match escape {
            [b'\\', b'x', high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect::<Option<Vec<u8>>>()
        .ok_or_else(|| Error::from("not an escaped string"))
}

fn clipped(line: &str) -> String {
    line.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(text: &str) -> Vec<Event> {
        let mut trace = Trace::new(text.as_bytes());
        std::iter::from_fn(|| trace.event().unwrap()).collect()
    }

    #[test]
    fn calls_of_threads_interleave() {
        let wal = PathBuf::from("/w");
        let text = "\
7 1.5 pwrite64(12<\\x2f\\x77>, \"\\x61\\x00\\x62\", 3, 4120 <unfinished ...>
8 1.6 writev(23<TCP:[127.0.0.1:1->127.0.0.1:2]>, [{iov_base=\"\\x61\", iov_len=1}, {iov_base=\"\\x62\", iov_len=1}], 2) = 2
7 1.7 <... pwrite64 resumed>) = 3
7 1.8 fsync(12<\\x2f\\x77>) = -1 EIO (Input/output error) (INJECTED)
8 1.9 write(4<\\x61\\x6e\\x6f\\x6e>, \"\\x01\", 1) = 1
8 1.9 --- SIGTERM {si_signo=SIGTERM} ---
7 2.0 ftruncate(12<\\x2f\\x77>, 32) = 0
7 2.1 openat(AT_FDCWD<\\x2f>, \"\\x2f\\x77\", O_RDWR|O_CREAT|O_CLOEXEC, 0600) = 5<\\x2f\\x77>
7 2.2 fdatasync(12<\\x2f\\x77> <unfinished ...>
7 2.3 +++ killed by SIGKILL +++
";
        let expected = [
            Event::Begins(0, Call::Write { path: wal.clone(), offset: Some(4120), bytes: b"a\0b".to_vec() }),
            Event::Begins(1, Call::Send { peer: "127.0.0.1:1->127.0.0.1:2".into(), bytes: b"ab".to_vec() }),
            Event::Ends { id: 1, result: 2 },
            Event::Ends { id: 0, result: 3 },
            Event::Begins(2, Call::Sync { path: wal.clone() }),
            Event::Ends { id: 2, result: -1 },
            Event::Begins(3, Call::Truncate { path: wal.clone(), length: 32 }),
            Event::Ends { id: 3, result: 0 },
            Event::Begins(4, Call::Open { path: wal.clone(), creates: true, truncates: false }),
            Event::Ends { id: 4, result: 5 },
            Event::Begins(5, Call::Sync { path: wal }),
        ];
        assert_eq!(events(text), expected);
    }

    #[test]
    fn a_string_that_was_cut_is_an_error() {
        let text = "7 1.5 pwrite64(12<\\x2f\\x77>, \"\\x61\"..., 3, 0) = 3\n";
        assert!(Trace::new(text.as_bytes()).event().is_err());
    }
}
