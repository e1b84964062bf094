//! A NATS of the tests' own: one server for the process, or one for a test that stops it.

use std::io::Read;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{OnceLock, mpsc};
use std::time::{Duration, Instant};

/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// The address of the one that all tests share.
pub fn shared() -> String {
    static URL: OnceLock<String> = OnceLock::new();
    let start = || {
        let (started, is_up) = mpsc::channel();
        // The server dies with the thread that started it, so that no test leaves one behind.
        std::thread::spawn(move || {
            let mut server = Server::start();
            started.send(server.url()).unwrap();
            let _ = server.process.as_mut().unwrap().wait();
        });
        is_up.recv().expect("NATS starts: scripts/setup --tests installs it")
    };
    URL.get_or_init(start).clone()
}

/// A prefix that no other test has.
pub fn prefix() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("test-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A server of a single test's own, gone with it.
pub struct Server {
    port: u16,
    arguments: Vec<String>,
    process: Option<Child>,
}

impl Server {
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    pub fn start_with(arguments: &[&str]) -> Self {
        let mut server = Self::absent(arguments);
        server.start_again();
        server
    }

    /// A port on which nothing listens yet.
    pub fn absent(arguments: &[&str]) -> Self {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        Self { port, arguments: arguments.iter().map(ToString::to_string).collect(), process: None }
    }

    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// The same, with what stands before the `@`.
    pub fn url_as(&self, who: &str) -> String {
        format!("nats://{who}@127.0.0.1:{}", self.port)
    }

    /// On the same port.
    pub fn start_again(&mut self) {
        let server = if std::path::Path::new("/usr/sbin/nats-server").exists() {
            "/usr/sbin/nats-server"
        } else {
            "nats-server"
        };
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", server, "--addr", "127.0.0.1", "--port", &self.port.to_string()])
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.process = Some(child);
        let began = Instant::now();
        while !self.greets() {
            assert!(began.elapsed() < PATIENCE, "NATS does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn greets(&self) -> bool {
        let mut first = [0; 5];
        let read = |mut stream: TcpStream| {
            stream.set_read_timeout(Some(Duration::from_secs(1)))?;
            stream.read_exact(&mut first)
        };
        TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).and_then(read).is_ok() && first == *b"INFO "
    }

    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// It hangs: connections stay, and nothing is answered.
    pub fn freeze(&self) {
        self.signal("STOP");
    }

    pub fn thaw(&self) {
        self.signal("CONT");
    }

    fn signal(&self, signal: &str) {
        let process = self.process.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &process]).status().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}
