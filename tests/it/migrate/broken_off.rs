//! What breaks a migration off: it goes on where it was, and ends the same.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::world::{MESSAGES, beside, filled, good, migrate, refused, rows, same};
use crate::support::postgres;
use crate::support::process::{Program, command, run};

/// No test waits longer for what must come.
const SOON: Duration = Duration::from_secs(60);
const UNFINISHED: &str = "a migration into this database is not finished";
const CONTINUED: &str = "An earlier try was continued.";
const FROM_THE_START: &str = "all was copied from the start";

/// A filled data folder, and an empty database with the schema in it.
fn two_houses() -> (TempDir, PathBuf, String) {
    let folder = tempfile::tempdir().unwrap();
    let (data, url) = (filled(folder.path()), postgres::database());
    let mut doctor = command(&data);
    good(&doctor.args(["doctor", "--addr", "127.0.0.1:0"]).env("CHATTER_DATABASE", &url).output().unwrap());
    (folder, data, url)
}

/// Neither a server nor a command opens it.
#[track_caller]
fn is_closed(data: &Path, url: Option<&str>) {
    for arguments in [&["user", "session", "--all"][..], &["serve", "--addr", "127.0.0.1:0"]] {
        let mut command = command(data);
        command.args(arguments).envs(url.map(|url| ("CHATTER_DATABASE", url)));
        refused(&command.output().unwrap(), &[UNFINISHED, "chatter migrate"]);
    }
}

/// Brings it back, and compares it with what it was.
#[track_caller]
fn comes_back(data: &Path, url: &str, before: &[String]) {
    let back = beside(data, "back");
    good(&migrate(&back, "--from", url).output().unwrap());
    same(&rows(&back), before);
}

#[test]
fn a_lost_connection() {
    let (_folder, data, url) = two_houses();
    let before = rows(&data);
    postgres::execute(
        &url,
        "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;
         CREATE TRIGGER cut BEFORE INSERT ON events FOR EACH ROW WHEN (NEW.conversation_id = 9) EXECUTE FUNCTION cut()",
    );
    refused(&migrate(&data, "--to", &url).output().unwrap(), &["is not done", "PostgreSQL"]);
    is_closed(&data, Some(&url));
    assert_eq!(postgres::column(&url, "SELECT count(*) FROM messages"), [5 * MESSAGES], "what was done stays");
    // What holds only a part is no source either.
    refused(&migrate(&beside(&data, "early"), "--from", &url).output().unwrap(), &[UNFINISHED]);
    postgres::execute(&url, "DROP TRIGGER cut ON events");
    assert!(good(&migrate(&data, "--to", &url).output().unwrap()).contains(CONTINUED));
    comes_back(&data, &url, &before);
}

#[test]
fn a_source_that_goes_on_in_between() {
    let (_folder, data, url) = two_houses();
    postgres::execute(&url, "ALTER TABLE nonces ADD CONSTRAINT full_stop CHECK (seq < 9)");
    refused(&migrate(&data, "--to", &url).output().unwrap(), &["full_stop"]);
    good(&run(&data, &["user", "session", "person1"]));
    // And somebody signs out, whose row is in the copy.
    let database = rusqlite::Connection::open(data.join("chatter.db")).unwrap();
    assert_eq!(database.execute("DELETE FROM sessions WHERE id = 1", []).unwrap(), 1);
    drop(database);
    postgres::execute(&url, "ALTER TABLE nonces DROP CONSTRAINT full_stop");
    assert!(good(&migrate(&data, "--to", &url).output().unwrap()).contains(FROM_THE_START));
    comes_back(&data, &url, &rows(&data));
}

#[test]
fn a_copy_that_is_not_the_same() {
    let (_folder, data, url) = two_houses();
    let before = rows(&data);
    postgres::execute(&url, "ALTER TABLE nonces ADD CONSTRAINT full_stop CHECK (seq < 9)");
    refused(&migrate(&data, "--to", &url).output().unwrap(), &["full_stop"]);
    let damage = "UPDATE messages SET content = 'x' WHERE conversation_id = 9 AND seq = 5";
    postgres::execute(&url, &format!("ALTER TABLE nonces DROP CONSTRAINT full_stop; {damage}"));
    let place = "the table messages at conversation_id 9, seq 5";
    refused(&migrate(&data, "--to", &url).output().unwrap(), &[place, "not to be used"]);
    is_closed(&data, Some(&url));
    assert!(good(&migrate(&data, "--to", &url).output().unwrap()).contains(FROM_THE_START));
    comes_back(&data, &url, &before);
}

#[test]
fn a_full_disk_on_the_way_back() {
    let (_folder, data, url) = two_houses();
    let before = rows(&data);
    good(&migrate(&data, "--to", &url).output().unwrap());
    let back = beside(&data, "back");
    // No file may be larger than a part of what is to come: 1,000 blocks of 512 bytes.
    let mut small = Command::new("sh");
    small.args(["-c", "trap '' XFSZ; ulimit -f 1000; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_chatter")]);
    small.args(["migrate", "--from", &url]).env("CHATTER_DATA", &back);
    refused(&small.output().unwrap(), &["is not done", "the disk"]);
    is_closed(&back, None);
    assert!(good(&migrate(&back, "--from", &url).output().unwrap()).contains(CONTINUED));
    same(&rows(&back), &before);
    drop(Program::serve(&back));
}

/// Kills it as soon as it is half-way, then at one moment after the other until it comes to its end. Answers how often it
/// was half-way.
fn kill_until_done(mut migrate: impl FnMut() -> Command, half_way: impl Fn() -> bool) -> usize {
    let mut found = 0;
    for round in 0_u32.. {
        let mut child = migrate().stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let began = Instant::now();
        while round == 0 && !half_way() && child.try_wait().unwrap().is_none() {
            assert!(began.elapsed() < SOON, "it does not begin");
            sleep(Duration::from_millis(2));
        }
        // Later and later, but never evenly: 0 to 60 ms at first.
        let scattered = u64::from(round.wrapping_mul(2_654_435_761) >> 16);
        sleep(Duration::from_millis(scattered % (60 + u64::from(round) * 40)));
        if child.try_wait().unwrap().is_none() {
            child.kill().unwrap();
        }
        let output = child.wait_with_output().unwrap();
        match output.status.code() {
            Some(0) => break,
            Some(_) => panic!("{}", String::from_utf8_lossy(&output.stderr)),
            None => found += usize::from(half_way()),
        }
    }
    found
}

#[test]
fn kill_9_at_any_moment_of_both_ways() {
    let folder = tempfile::tempdir().unwrap();
    let (data, url) = (filled(folder.path()), postgres::database());
    let before = rows(&data);
    let marked = "SELECT count(*) FROM pg_tables WHERE tablename = 'chatter_migration'";
    let there = kill_until_done(|| migrate(&data, "--to", &url), || postgres::column(&url, marked) == [1]);
    let back = beside(&data, "back");
    let is_marked = || {
        // Without making one.
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE;
        let open = rusqlite::Connection::open_with_flags(back.join("chatter.db"), flags);
        let mark = "SELECT count(*) FROM sqlite_schema WHERE name = 'chatter_migration'";
        open.and_then(|database| database.query_row(mark, [], |row| row.get(0))).unwrap_or(0) == 1
    };
    let back_again = kill_until_done(|| migrate(&back, "--from", &url), is_marked);
    assert!(there >= 3 && back_again >= 3, "killed half-way: {there} and {back_again} times");
    same(&rows(&back), &before);
    drop(Program::serve(&back));
}
