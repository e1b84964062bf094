//! Three nodes on one PostgreSQL and one NATS, each node in a network namespace of its own.
//!
//! What a node says to its clients, to the database and to the bus goes by addresses of their own, so that each of these
//! lines can be cut alone: packets then go to a machine that does not exist, both ways and without a word.

use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use chatter_services::nats::Nats;
use chatter_services::ports::free_port;
use chatter_services::postgres::Postgres;
use tokio::task::block_in_place;

use crate::faults::place::{Far, ip};
use crate::faults::program::{Host, Program};
use crate::faults::report::Outcome;
use crate::faults::stage::{World, take_verdict};
use crate::faults::{Error, Result};
use crate::{Load, Person, Plan, Site};

/// How many nodes there are.
pub const NODES: usize = 3;
/// Nobody's.
const NOWHERE: &str = "02:00:00:00:00:fe";
/// Longest that anything may take until it is well again: two heartbeats of a socket, and some.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// What can be cut off from a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    Clients,
    Database,
    Bus,
}

impl Line {
    /// The last part of the address at our end and at the node's.
    fn ends(self) -> (u8, u8) {
        match self {
            Self::Clients => (1, 2),
            Self::Database => (11, 21),
            Self::Bus => (12, 22),
        }
    }
}

pub struct Node {
    pub host: Host,
    pub program: Option<Program>,
    number: usize,
    far: Far,
}

impl Node {
    fn new(folder: &Path, program: &Path, number: usize) -> Result<Self> {
        let far = Far::new()?;
        ip(&format!("link add node{number} type veth peer name up0 netns {}", far.pid()))?;
        for line in [Line::Clients, Line::Database, Line::Bus] {
            let (ours, theirs) = line.ends();
            ip(&format!("addr add 10.94.{number}.{ours}/24 dev node{number}"))?;
            far.ip(&format!("addr add 10.94.{number}.{theirs}/24 dev up0"))?;
        }
        ip(&format!("link set node{number} up"))?;
        far.ip("link set up0 up")?;
        for line in [Line::Database, Line::Bus] {
            let (ours, theirs) = line.ends();
            far.ip(&format!("route add 10.94.{number}.{ours}/32 dev up0 src 10.94.{number}.{theirs}"))?;
        }
        let name = format!("node{number}");
        let mut host = Host::new(&folder.join(name), program, &format!("10.94.{number}.2"))?;
        host.wrap = ["nsenter", "-t", &far.pid().to_string(), "-n"].map(str::to_owned).to_vec();
        Ok(Self { host, program: None, number, far })
    }

    /// From now on nothing that goes this way arrives.
    pub fn cut(&self, line: Line) -> Result<()> {
        self.neighbours(line, &format!("lladdr {NOWHERE} nud permanent"), "replace")
    }

    /// It arrives again.
    pub fn mend(&self, line: Line) -> Result<()> {
        self.neighbours(line, "", "del")
    }

    fn neighbours(&self, line: Line, how: &str, verb: &str) -> Result<()> {
        let ((ours, theirs), number) = (line.ends(), self.number);
        let words = |address: u8, device: &str| {
            format!("neigh {verb} 10.94.{number}.{address} dev {device} {how}").trim_end().to_owned()
        };
        self.far.ip(&words(ours, "up0"))?;
        ip(&words(theirs, &format!("node{number}")))
    }

    /// Starts it and waits until it is ready.
    pub async fn start(&mut self) -> Result<()> {
        self.program = Some(self.host.start().await?);
        Ok(())
    }

    pub fn running(&mut self) -> Result<&mut Program> {
        let number = self.number;
        self.program.as_mut().ok_or_else(|| Error::from(format!("node {number} does not run")))
    }

    /// Where a client that speaks to this node comes from.
    #[must_use]
    pub fn source(&self) -> Ipv4Addr {
        Ipv4Addr::new(10, 94, u8::try_from(self.number).unwrap_or(u8::MAX), Line::Clients.ends().0)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // Its other end is gone with its namespace only some time later, and the next cluster wants the name.
        let _ = ip(&format!("link del node{}", self.number));
    }
}

pub struct Cluster {
    pub nodes: Vec<Node>,
    pub database: Postgres,
    pub bus: Nats,
    pub people: Vec<Person>,
    /// Beside the load: for probes.
    pub probe: Person,
}

impl Cluster {
    /// PostgreSQL (which syncs), NATS, and nodes that do not run yet; `people` and one more, in one room.
    pub fn new(world: &World, name: &str, people: usize) -> Result<Self> {
        let (database_port, folder) = (free_port()?, world.root.join(name));
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        let port = format!("port={database_port}");
        let mut database = Postgres::prepare(&["listen_addresses=0.0.0.0", &port])?;
        database.trust("10.94.0.0/16")?;
        block_in_place(|| database.start_again())?;
        let mut bus = Nats::absent(&[])?.at(Ipv4Addr::UNSPECIFIED.into());
        block_in_place(|| bus.start_again())?;
        let mut nodes = Vec::new();
        for number in 1..=NODES {
            nodes.push(Node::new(&folder, &world.program, number)?);
        }
        let secrets = folder.join("secrets.toml");
        let secrets = secrets.to_string_lossy();
        nodes[0].host.command(&["secret-file", &secrets])?;
        for node in &mut nodes {
            let address = |line: Line| format!("10.94.{}.{}", node.number, line.ends().0);
            let database = address(Line::Database);
            let url = format!("postgres://postgres@{database}:{database_port}/postgres?sslmode=disable");
            let bus = format!("nats://{}:{}", address(Line::Bus), bus.port());
            node.host.set("CHATTER_DATABASE", &url);
            node.host.set("CHATTER_BUS", &bus);
            node.host.set("CHATTER_SECRET_FILE", &secrets);
        }
        let names: Vec<String> = (1..=people + 1).map(|n| format!("p{n}")).collect();
        let cookies = nodes[0].host.people(&names)?;
        nodes[0].host.command(&["room", "add", "Everybody", "--all"])?;
        let person = |(name, cookie): (String, String)| Person { name, cookie: format!("session={cookie}") };
        let mut people: Vec<Person> = names.into_iter().zip(cookies).map(person).collect();
        let probe = people.pop().ok_or("nobody is left for the probes")?;
        Ok(Self { nodes, database, bus, people, probe })
    }

    /// The same, with all nodes running.
    pub async fn start(world: &World, name: &str, people: usize) -> Result<Self> {
        let mut cluster = Self::new(world, name, people)?;
        for node in &mut cluster.nodes {
            node.start().await?;
        }
        Ok(cluster)
    }

    /// A load on all nodes.
    pub async fn load(&self, plan: Plan) -> Result<Load> {
        let site = Site::of(self.nodes.iter().map(|node| node.host.address.clone()).collect());
        let plan = Plan {
            sources: Vec::new(),
            back_off: (Duration::from_millis(200), Duration::from_secs(5)),
            patience: PATIENCE,
            ..plan
        };
        Ok(Load::start(site, self.people.clone(), plan).await?)
    }

    /// Ends the load and the nodes, and takes the verdict and the program's own opinion of its data.
    pub async fn end(mut self, outcome: &mut Outcome, load: Load) -> Result<()> {
        let (history, counters) = load.stop_counted().await;
        outcome.figure("sockets resumed", counters.reconnects);
        outcome.figure("tries without an answer", counters.unknown);
        take_verdict(outcome, &history);
        for node in &mut self.nodes {
            let program = node.running()?;
            program.terminate()?;
            let ended = program.ended().await?;
            outcome.expect(ended.code == Some(0), || format!("a node ended with {:?} at last", ended.code));
        }
        // The doctor asks from here, where the node's own address cannot be listened on.
        let mut doctor = self.nodes[0].host.clone();
        doctor.address = format!("127.0.0.1:{}", free_port()?);
        if let Err(error) = doctor.command(&["doctor"]) {
            outcome.finding(format!("after it all: {error}"));
        }
        block_in_place(|| self.database.stop())
    }
}
