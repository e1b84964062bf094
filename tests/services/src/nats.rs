//! A NATS server of the tests' own, as Debian packages it: on one port of loopback, or of an address that is given.

use std::io::Read;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::Result;
use crate::ports::free_port;
use crate::service::{DIES_WITH_US, Service, until};

/// Debian keeps it where not everybody's PATH looks.
const PACKAGED: &str = "/usr/sbin/nats-server";
/// How long it may take to greet somebody.
const GREETING: Duration = Duration::from_secs(1);

/// A server.
pub struct Nats {
    service: Option<Service>,
    address: SocketAddr,
    arguments: Vec<String>,
    core: Option<String>,
}

impl Nats {
    /// Starts one on loopback, with further arguments.
    pub fn start(arguments: &[&str]) -> Result<Self> {
        let mut server = Self::absent(arguments)?;
        server.start_again()?;
        Ok(server)
    }

    /// An address on which nothing listens yet.
    pub fn absent(arguments: &[&str]) -> Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?));
        let arguments = arguments.iter().map(ToString::to_string).collect();
        Ok(Self { service: None, address, arguments, core: None })
    }

    /// The same, to be reached by this address of the machine.
    #[must_use]
    pub fn at(self, ip: IpAddr) -> Self {
        Self { address: SocketAddr::new(ip, self.address.port()), ..self }
    }

    /// The same, on this core alone (as taskset names it) from its next start on.
    #[must_use]
    pub fn pinned(self, core: &str) -> Self {
        Self { core: Some(core.to_owned()), ..self }
    }

    /// On the same port.
    pub fn start_again(&mut self) -> Result<()> {
        let program = if std::path::Path::new(PACKAGED).exists() { PACKAGED } else { "nats-server" };
        let mut command = Command::new(DIES_WITH_US[0]);
        command.args(&DIES_WITH_US[1..]);
        if let Some(core) = &self.core {
            command.args(["taskset", "-c", core]);
        }
        command.arg(program).args(&self.arguments);
        command.args(["--addr", &self.address.ip().to_string(), "--port", &self.address.port().to_string()]);
        let service = Service::start(command.stderr(Stdio::null()))?;
        until("NATS does not start", || {
            if service.has_ended() {
                return Err("NATS ended at its start. Is it installed? Run scripts/setup --tests.".into());
            }
            Ok(self.greets())
        })?;
        self.service = Some(service);
        Ok(())
    }

    fn greets(&self) -> bool {
        let mut first = [0; 5];
        let read = |mut stream: TcpStream| {
            stream.set_read_timeout(Some(GREETING))?;
            stream.read_exact(&mut first)
        };
        TcpStream::connect(self.address).and_then(read).is_ok() && first == *b"INFO "
    }

    /// SIGKILL.
    pub fn kill(&mut self) -> Result<()> {
        self.service.take().map_or(Ok(()), |service| service.end(Signal::SIGKILL))
    }

    /// It hangs: connections stay, and nothing is answered.
    pub fn freeze(&self) -> Result<()> {
        self.signal(Signal::SIGSTOP)
    }

    pub fn thaw(&self) -> Result<()> {
        self.signal(Signal::SIGCONT)
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        self.service.as_ref().ok_or("NATS does not run")?.signal(signal)
    }

    /// Its process, while it runs.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.service.as_ref().map(Service::id)
    }

    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// The same, with what stands before the `@`.
    #[must_use]
    pub fn url_as(&self, who: &str) -> String {
        format!("nats://{who}@{}", self.address)
    }
}
