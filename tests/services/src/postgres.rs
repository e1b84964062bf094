//! A PostgreSQL server of the tests' own, as Debian packages it.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Group, Pid, User, geteuid};
use tempfile::TempDir;

use crate::Result;
use crate::folders::folder;
use crate::service::{DIES_WITH_US, Service, run, until};

/// Where Debian keeps each version.
const PACKAGED: &str = "/usr/lib/postgresql";
const MISSING: &str = "PostgreSQL is missing. Run scripts/setup --tests.";

/// A server. Connections come through a socket in its folder, and where it was asked for by TCP.
pub struct Postgres {
    service: Option<Service>,
    programs: PathBuf,
    settings: Vec<String>,
    core: Option<String>,
    folder: TempDir,
}

impl Postgres {
    /// An empty server with these settings (`name=value`). `fsync=off` makes it fast where nothing is to be proven.
    pub fn start(settings: &[&str]) -> Result<Self> {
        let mut server = Self::prepare(settings)?;
        server.start_again()?;
        Ok(server)
    }

    /// Begins it without starting it: what it reads at its start can be put into its folder first.
    pub fn prepare(settings: &[&str]) -> Result<Self> {
        let server = Self::begin(settings)?;
        let mut command = server.command("initdb");
        command.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--pgdata"]);
        command.arg(server.data());
        run(command)?;
        Ok(server)
    }

    /// A server that follows another, with these settings.
    pub fn following(primary: &Self, settings: &[&str]) -> Result<Self> {
        let mut server = Self::begin(settings)?;
        let mut command = server.command("pg_basebackup");
        command.args(["--username=postgres", "--write-recovery-conf", "--checkpoint=fast", "--no-sync", "--host"]);
        command.arg(primary.folder.path()).arg("--pgdata").arg(server.data());
        run(command)?;
        server.start_again()?;
        Ok(server)
    }

    fn begin(settings: &[&str]) -> Result<Self> {
        let folder = folder("chatter-pg-")?;
        let settings = settings.iter().map(|setting| (*setting).to_owned()).collect();
        let server =
            Self { service: None, programs: newest(Path::new(PACKAGED)).ok_or(MISSING)?, settings, core: None, folder };
        if let Some((user, group)) = its_user()? {
            chown(server.folder.path(), Some(user), Some(group))?;
        }
        Ok(server)
    }

    /// The same, on this core alone (as taskset names it) from its next start on.
    #[must_use]
    pub fn pinned(self, core: &str) -> Self {
        Self { core: Some(core.to_owned()), ..self }
    }

    /// Starts it on the data that is there, and waits until it takes connections.
    pub fn start_again(&mut self) -> Result<()> {
        let settings = ["listen_addresses=", "max_connections=1000", "shared_buffers=64MB"];
        let settings = settings.into_iter().chain(self.settings.iter().map(String::as_str));
        let mut command = self.command("postgres");
        command.args(settings.flat_map(|setting| ["-c", setting])).arg("-k").arg(self.folder.path());
        command.arg("-D").arg(self.data()).stderr(File::create(self.folder.path().join("log"))?);
        let service = Service::start(&mut command)?;
        until("PostgreSQL does not start", || {
            if service.has_ended() {
                let said = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                return Err(format!("PostgreSQL ended at its start: {}", said.trim()).into());
            }
            let ready = self.command("pg_isready").arg("-q").arg("-h").arg(self.folder.path()).status()?;
            Ok(ready.success())
        })?;
        self.service = Some(service);
        Ok(())
    }

    /// SIGKILL: what was not synced is gone. Its children end by themselves.
    pub fn kill(&mut self) -> Result<()> {
        self.service.take().map_or(Ok(()), |service| service.end(Signal::SIGKILL))?;
        // A server that starts beside the last one's children refuses to.
        until("PostgreSQL's children do not end", || Ok(self.processes()?.is_empty()))
    }

    /// Ends every connection and then itself.
    pub fn stop(&mut self) -> Result<()> {
        self.service.take().map_or(Ok(()), |service| service.end(Signal::SIGINT))
    }

    /// Sends a signal to each of its processes: every connection has one.
    pub fn signal_all(&self, signal: Signal) -> Result<()> {
        for process in self.processes()? {
            kill(process, signal)?;
        }
        Ok(())
    }

    /// Its processes: whatever works in its folder.
    fn processes(&self) -> Result<Vec<Pid>> {
        let mut found = Vec::new();
        for process in std::fs::read_dir("/proc")? {
            let path = process?.path();
            let pid = path.file_name().and_then(|name| name.to_str()?.parse().ok());
            let works_in = std::fs::read_link(path.join("cwd"));
            if let (Some(pid), Ok(works_in)) = (pid, works_in)
                && works_in.starts_with(self.data())
            {
                found.push(Pid::from_raw(pid));
            }
        }
        Ok(found)
    }

    /// The process that its others descend from, while it runs.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.service.as_ref().map(Service::id)
    }

    /// Runs SQL on one of its databases.
    pub fn execute(&self, database: &str, sql: &str) -> Result<()> {
        run(self.psql(database, sql))
    }

    /// What SQL answers on one of its databases: one value.
    pub fn ask(&self, database: &str, sql: &str) -> Result<String> {
        let output = self.psql(database, sql).args(["--tuples-only", "--no-align"]).output()?;
        let answer = String::from_utf8(output.stdout)?;
        if output.status.success() {
            Ok(answer.trim().to_owned())
        } else {
            Err(format!("PostgreSQL refuses {sql}").into())
        }
    }

    fn psql(&self, database: &str, sql: &str) -> Command {
        let mut command = self.command("psql");
        command.args(["--username=postgres", "--no-psqlrc", "--quiet", "-v", "ON_ERROR_STOP=1", "--host"]);
        command.arg(self.folder.path()).args(["--dbname", database, "--command", sql]);
        command
    }

    /// The address of one of its databases, through its socket.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres:///{database}?host={}&user=postgres", self.folder.path().display())
    }

    /// Lets whoever comes from this network in, without a password.
    pub fn trust(&self, network: &str) -> Result<()> {
        let mut rules = OpenOptions::new().append(true).open(self.data().join("pg_hba.conf"))?;
        Ok(writeln!(rules, "host all all {network} trust")?)
    }

    /// Runs a program, named by its path, in its folder and as its user: for files that it reads.
    pub fn make(&self, program: &str, arguments: &[&str]) -> Result<()> {
        let mut command = self.command(program);
        command.args(arguments);
        run(command)
    }

    /// Its own folder: for files that it reads.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// One of its programs. PostgreSQL refuses to run as root: Debian's package makes a user for it.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(DIES_WITH_US[0]);
        command.args(&DIES_WITH_US[1..]);
        if let Ok(Some((user, group))) = its_user() {
            command.args([&format!("--reuid={user}"), &format!("--regid={group}"), "--clear-groups"]);
        }
        if let Some(port) = self.settings.iter().find_map(|setting| setting.strip_prefix("port=")) {
            command.env("PGPORT", port);
        }
        if let Some(core) = &self.core {
            command.args(["taskset", "-c", core]);
        }
        // A path of its own stays as it is.
        command.arg(self.programs.join(program)).current_dir(self.folder.path());
        command
    }
}

fn newest(folder: &Path) -> Option<PathBuf> {
    let versions = std::fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let newest = versions.max_by_key(|path| path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok()))?;
    Some(newest.join("bin"))
}

/// Whom it runs as; `None`: us.
fn its_user() -> Result<Option<(u32, u32)>> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    let (user, group) = (User::from_name("postgres")?.ok_or(MISSING)?, Group::from_name("postgres")?.ok_or(MISSING)?);
    Ok(Some((user.uid.as_raw(), group.gid.as_raw())))
}
