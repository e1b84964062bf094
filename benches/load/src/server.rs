//! The program under load: started on a fresh data folder, pinned to one core where `taskset` is there.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::http::Http;
use crate::{Error, Result};

pub struct Server {
    child: Child,
    data: tempfile::TempDir,
    pub address: String,
    /// `session=…` of each user, in order of their ids.
    pub cookies: Vec<String>,
    pub room: i64,
    began: Instant,
    pub started_ms: u128,
}

/// Members of the room that the fan-out posts to.
pub const ROOM_MEMBERS: usize = 1_000;

fn program() -> PathBuf {
    std::env::var_os("CHATTER_PROGRAM").map_or_else(|| PathBuf::from("target/release/chatter"), PathBuf::from)
}

impl Server {
    /// Makes `users` users with a session each and a room of [`ROOM_MEMBERS`], then starts the server.
    pub fn start(users: usize) -> Result<Self> {
        let data = tempfile::tempdir()?;
        let mut people = fs::File::create(data.path().join("people.jsonl"))?;
        for n in 1..=users {
            writeln!(people, r#"{{"name":"u{n}"}}"#)?;
        }
        let people = data.path().join("people.jsonl");
        command(&data, &["user", "import", &people.to_string_lossy()])?;
        let sessions = command(&data, &["user", "session", "--all"])?;
        let cookie = |line: &str| line.split_once('\t').map(|(_, value)| format!("session={value}"));
        let cookies: Vec<String> = sessions.lines().filter_map(cookie).collect();
        if cookies.len() != users {
            return Err(Error::from(format!("{} sessions for {users} users", cookies.len())));
        }
        let members: Vec<String> = (1..=ROOM_MEMBERS).map(|n| format!("u{n}")).collect();
        let mut room = vec!["room", "add", "Everyone here"];
        room.extend(members.iter().map(String::as_str));
        command(&data, &room)?;

        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let began = Instant::now();
        let child = serve(&data, &address)?;
        Ok(Self { child, data, address, cookies, room: 1, began, started_ms: 0 })
    }

    /// Sends SIGTERM.
    pub fn terminate(&self) -> Result<()> {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        Ok(())
    }

    /// Waits for the process's end.
    pub fn ended(&mut self) -> Result<()> {
        let status = self.child.wait()?;
        if status.success() { Ok(()) } else { Err(Error::from(format!("the server ended with {status}"))) }
    }

    /// Starts it again on the same data and address.
    pub fn start_again(&mut self) -> Result<()> {
        self.began = Instant::now();
        self.child = serve(&self.data, &self.address)?;
        Ok(())
    }

    /// Waits until it answers.
    pub async fn ready(&mut self) -> Result<()> {
        while self.began.elapsed() < Duration::from_secs(30) {
            if let Ok(mut http) = Http::connect(&self.address, "").await
                && http.get("/readyz", "").await.is_ok_and(|answer| answer.status == 200)
            {
                self.started_ms = self.began.elapsed().as_millis();
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Err(Error::from("the server did not become ready in 30 s"))
    }

    /// CPU time that the process used, in seconds (user and system; 100 ticks a second).
    pub fn cpu_s(&self) -> Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = fields[11].parse::<f64>()? + fields[12].parse::<f64>()?;
        Ok(ticks / 100.0)
    }

    pub fn stop(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

fn serve(data: &tempfile::TempDir, address: &str) -> Result<Child> {
    let core = std::env::var("SERVER_CORE").unwrap_or_else(|_| "0".to_owned());
    let mut command = Command::new("taskset");
    command.args(["-c", &core]).arg(program()).arg("serve");
    command.envs(settings(data)).env("LEPTOS_SITE_ADDR", address).env("CHATTER_LOG_FILTER", "warn");
    Ok(command.stdout(Stdio::null()).spawn()?)
}

/// Limits out of the way: the load comes from few addresses.
fn settings(data: &tempfile::TempDir) -> Vec<(&'static str, String)> {
    vec![
        ("CHATTER_DATA", data.path().join("data").to_string_lossy().into_owned()),
        ("CHATTER_LIMITS_POSTS_PER_SECOND", "1000000".into()),
        ("CHATTER_LIMITS_POSTS_BURST", "1000000".into()),
    ]
}

fn command(data: &tempfile::TempDir, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program()).args(arguments).envs(settings(data)).output()?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        return Err(Error::from(format!("chatter {} failed: {why}", arguments[..2].join(" "))));
    }
    Ok(String::from_utf8(output.stdout)?)
}
