//! The program under test: a process of its own on a data folder of its own, started, hurt and looked at from outside.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use chatter_services::ports::free_port;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::faults::{Error, Result};

/// How the program is started. A scenario changes it between starts.
#[derive(Debug, Clone)]
pub struct Host {
    pub folder: PathBuf,
    pub data: PathBuf,
    /// `IP:PORT`, the same at every start.
    pub address: String,
    /// Words in front of the program's, for instance strace's.
    pub wrap: Vec<String>,
    pub environment: Vec<(String, String)>,
    program: PathBuf,
}

/// One run of the program. It is killed on drop.
pub struct Program {
    child: Child,
    log: PathBuf,
    /// Where the log stood when this run began.
    log_from: u64,
    address: String,
}

/// How a run ended.
#[derive(Debug, Clone, Copy)]
pub struct Ended {
    /// None after a signal that was not handled.
    pub code: Option<i32>,
    pub took: Duration,
}

/// Longer than any start, drain or recovery may take.
pub const PATIENCE: Duration = Duration::from_secs(60);

impl Host {
    /// A fresh folder `folder` and a free port of `ip`.
    pub fn new(folder: &Path, program: &Path, ip: &str) -> Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)?;
        let address = format!("{ip}:{}", free_port()?);
        let mut host = Self {
            folder: folder.to_owned(),
            data: folder.join("data"),
            wrap: Vec::new(),
            environment: Vec::new(),
            program: program.to_owned(),
            address,
        };
        // All of the load comes from few addresses.
        for limit in ["POSTS_PER_SECOND", "CHANGES_PER_MINUTE", "SETTINGS_PER_MINUTE"] {
            host.set(&format!("CHATTER_LIMITS_{limit}"), "1000000");
        }
        for limit in ["POSTS_BURST", "CHANGES_BURST", "SETTINGS_BURST"] {
            host.set(&format!("CHATTER_LIMITS_{limit}"), "1000000");
        }
        // Beyond loopback the program wants to know its own name.
        if !ip.starts_with("127.") {
            host.set("CHATTER_PUBLIC_URL", &format!("http://{}", host.address));
        }
        Ok(host)
    }

    /// The same on loopback with other data, and where no client of the first looks.
    pub fn beside(&self, data: &str) -> Result<Self> {
        let (data, address) = (self.folder.join(data), format!("127.0.0.1:{}", free_port()?));
        Ok(Self { data, address, wrap: Vec::new(), ..self.clone() })
    }

    /// From the next start on it is this program.
    pub fn run(&mut self, program: &Path) {
        self.program = program.to_owned();
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    fn with_settings<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env("CHATTER_DATA", &self.data).env("LEPTOS_SITE_ADDR", &self.address);
        command.env("CHATTER_LOG_FILTER", "warn").env("NO_COLOR", "1").env_remove("CHATTER_PUBLIC_URL");
        command.envs(self.environment.iter().map(|(name, value)| (name, value))).stdin(Stdio::null())
    }

    /// Runs a command of the program to its end and answers what it printed.
    pub fn command(&self, arguments: &[&str]) -> Result<String> {
        let output = self.with_settings(Command::new(&self.program).args(arguments)).output()?;
        let words = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if output.status.success() {
            return Ok(words(&output.stdout));
        }
        let (said, why) = (words(&output.stdout), words(&output.stderr));
        // `doctor` also tells what is well.
        let said: Vec<&str> = said.lines().filter(|line| !line.starts_with("ok")).collect();
        let why = format!("{} {why}", said.join("; "));
        Err(Error::from(format!("chatter {} failed: {why}", arguments.first().unwrap_or(&""))))
    }

    /// Makes users without a password; answers each one's session cookie, in their order.
    pub fn people(&self, names: &[String]) -> Result<Vec<String>> {
        let file = self.folder.join("people.jsonl");
        let mut lines = File::create(&file)?;
        for name in names {
            writeln!(lines, r#"{{"name":"{name}"}}"#)?;
        }
        drop(lines);
        self.command(&["user", "import", &file.to_string_lossy()])?;
        let sessions = self.command(&["user", "session", "--all"])?;
        let cookies: Vec<String> =
            sessions.lines().filter_map(|line| Some(line.split_once('\t')?.1.to_owned())).collect();
        if cookies.len() != names.len() {
            return Err(Error::from(format!("{} sessions for {} people", cookies.len(), names.len())));
        }
        Ok(cookies)
    }

    /// Starts `serve` on a core of its own, where there are two; does not wait.
    pub fn spawn(&self) -> Result<Program> {
        let path = self.folder.join("server.log");
        let log = OpenOptions::new().create(true).append(true).open(&path)?;
        let log_from = log.metadata()?.len();
        let program = self.program.to_string_lossy();
        // What wraps the program stays on the load's core.
        let cores = allowed_cores();
        let first = cores.split([',', '-']).next().unwrap_or(&cores);
        let words = self.wrap.iter().map(String::as_str).chain(["taskset", "-c", first, &program, "serve"]);
        let words: Vec<&str> = words.collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]);
        self.with_settings(&mut command).stdout(log.try_clone()?).stderr(log);
        Ok(Program { child: command.spawn()?, log: path, log_from, address: self.address.clone() })
    }

    /// Starts `serve` and waits until it is ready.
    pub async fn start(&self) -> Result<Program> {
        let mut program = self.spawn()?;
        program.ready().await?;
        Ok(program)
    }
}

/// The cores that the run may use, as `taskset -c` names them; `scripts/faults` says which.
#[must_use]
pub fn allowed_cores() -> String {
    std::env::var("CHATTER_FAULTS_CORES").unwrap_or_else(|_| "0".to_owned())
}

impl Program {
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until `/readyz` is green; answers how long that took.
    pub async fn ready(&mut self) -> Result<Duration> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait()? {
                return Err(Error::from(format!("the program ended at its start ({status}): {}", self.words())));
            }
            if self.status("/readyz").await == Some(200) {
                return Ok(began.elapsed());
            }
            sleep(Duration::from_millis(5)).await;
        }
        Err(Error::from(format!("the program was not ready in {PATIENCE:?}: {}", self.words())))
    }

    /// The status of a page; `None` when nobody answers within two seconds.
    pub async fn status(&self, path: &str) -> Option<u16> {
        let ask = async {
            let mut stream = TcpStream::connect(&self.address).await.ok()?;
            let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
            stream.write_all(request.as_bytes()).await.ok()?;
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await.ok()?;
            String::from_utf8_lossy(&answer).split(' ').nth(1)?.parse().ok()
        };
        timeout(Duration::from_secs(2), ask).await.ok()?
    }

    /// SIGKILL: nothing is said, nothing is flushed.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// SIGTERM; does not wait.
    pub fn terminate(&self) -> Result<()> {
        Ok(kill(Pid::from_raw(i32::try_from(self.pid())?), Signal::SIGTERM)?)
    }

    /// Waits for the end.
    pub async fn ended(&mut self) -> Result<Ended> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait()? {
                return Ok(Ended { code: status.code(), took: began.elapsed() });
            }
            sleep(Duration::from_millis(5)).await;
        }
        Err(Error::from(format!("the program did not end in {PATIENCE:?}")))
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// What it said in this run.
    #[must_use]
    pub fn words(&self) -> String {
        let log = fs::read(&self.log).unwrap_or_default();
        let from = usize::try_from(self.log_from).unwrap_or_default().min(log.len());
        String::from_utf8_lossy(&log[from..]).trim().to_owned()
    }

    /// Proportional set size, in KiB.
    pub fn pss_kib(&self) -> Result<u64> {
        let rollup = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.pid()))?;
        let line = rollup.lines().find(|line| line.starts_with("Pss:")).ok_or("no Pss")?;
        Ok(line.split_whitespace().nth(1).ok_or("no figure")?.parse()?)
    }

    /// CPU time used, user and system, in milliseconds (100 ticks a second).
    pub fn cpu_ms(&self) -> Result<u64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid()))?;
        let mut fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11);
        let mut ticks = || fields.next().and_then(|field| field.parse::<u64>().ok()).unwrap_or_default();
        Ok((ticks() + ticks()) * 10)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
