//! A PostgreSQL of the tests' own: one server for the process, in a folder of its own, and a database for each test.

use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// A fresh, empty database.
pub fn database() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let server = server();
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    execute(&format!("{server} dbname=postgres"), &format!("CREATE DATABASE {name}"));
    format!("{server} dbname={name}")
}

/// Runs SQL on a connection of its own. Blocks; for tests that are asynchronous themselves, in a thread of its own.
pub fn execute(url: &str, sql: &str) {
    on_a_thread(|| async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        client.batch_execute(sql).await.unwrap();
        drop(client);
        connection.await.unwrap().unwrap();
    });
}

/// Does this in a runtime of its own.
pub fn on_a_thread<T: Send, Work: Future<Output = T>>(work: impl FnOnce() -> Work + Send) -> T {
    std::thread::scope(|scope| {
        let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        scope.spawn(move || runtime().block_on(work())).join().unwrap()
    })
}

/// What a connection string says of the server: a socket in a folder.
fn server() -> &'static str {
    static SERVER: OnceLock<String> = OnceLock::new();
    SERVER.get_or_init(|| {
        let (started, is_up) = mpsc::channel();
        // The server dies with the thread that started it, so that no test leaves one behind.
        std::thread::spawn(move || {
            let (folder, mut server) = start();
            started.send(folder.path().to_owned()).unwrap();
            let _ = server.wait();
            drop(folder);
        });
        let folder: PathBuf = is_up.recv().expect("PostgreSQL starts: scripts/setup --tests installs it");
        format!("host={} user=postgres", folder.display())
    })
}

fn start() -> (tempfile::TempDir, std::process::Child) {
    let programs = newest(Path::new("/usr/lib/postgresql")).expect("PostgreSQL is installed").join("bin");
    let folder = tempfile::Builder::new().prefix("chatter-pg-").tempdir().unwrap();
    let data = folder.path().join("data");
    // It refuses to run as root.
    let user = its_user().filter(|_| is_root());
    if let Some((user, group)) = user {
        chown(folder.path(), Some(user), Some(group)).unwrap();
    }
    let command = |program: &str| {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL"]);
        if let Some((user, group)) = user {
            command.args([&format!("--reuid={user}"), &format!("--regid={group}"), "--clear-groups"]);
        }
        command.arg(programs.join(program)).stdin(Stdio::null()).stdout(Stdio::null()).current_dir(folder.path());
        command
    };
    let made = command("initdb")
        .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--pgdata"])
        .arg(&data)
        .status()
        .unwrap();
    assert!(made.success(), "initdb: {made}");
    let settings = ["listen_addresses=", "fsync=off", "max_connections=1000", "shared_buffers=64MB"];
    let server = command("postgres")
        .args(settings.iter().flat_map(|setting| ["-c", setting]))
        .arg("-k")
        .arg(folder.path())
        .arg("-D")
        .arg(&data)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let began = Instant::now();
    while !command("pg_isready").arg("-h").arg(folder.path()).status().unwrap().success() {
        assert!(began.elapsed() < PATIENCE, "PostgreSQL does not start");
        std::thread::sleep(Duration::from_millis(50));
    }
    (folder, server)
}

fn newest(folder: &Path) -> Option<PathBuf> {
    let versions = std::fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    versions.max_by_key(|path| path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok()))
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0)
}

/// Debian's package makes a user for it.
fn its_user() -> Option<(u32, u32)> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let mut line = users.lines().find_map(|line| line.strip_prefix("postgres:x:"))?.split(':');
    Some((line.next()?.parse().ok()?, line.next()?.parse().ok()?))
}
