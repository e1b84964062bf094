//! A small server in memory that speaks enough of the protocol, and breaks one promise: what the judge is tested on.
//!
//! It refuses to be anything else: no limits, no passwords; a cookie is `session=NAME`. In every mode it is an awkward
//! server that keeps its word otherwise: it leaves posts that it stored without an answer or with a 503, throws
//! readers out, and resets those who missed more than a little.

mod blocking;
mod changing;
mod http;
mod mode;
mod moving;
mod posting;
mod reading;
mod socket;
mod state;
mod stored;
mod telling;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

pub use self::mode::Mode;
use self::state::{State, locked};
use crate::{Error, Person};

/// A broken server that is running. Dropped, it ends at once.
#[derive(Debug)]
pub struct Broken {
    pub address: String,
    pub people: Vec<Person>,
    /// A room that everybody is in.
    pub room: i64,
    _tasks: JoinSet<()>,
}

impl Broken {
    /// Starts on a free port of this machine, with so many people.
    ///
    /// # Errors
    ///
    /// When there is no free port.
    pub async fn start(mode: Mode, people: usize) -> Result<Self, Error> {
        let names: Vec<String> = (1..=people).map(|n| format!("user{n}")).collect();
        let person = |name: &String| Person { name: name.clone(), cookie: format!("session={name}") };
        let people = names.iter().map(person).collect();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let state = Arc::new(Mutex::new(State::new(mode, names)));
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, state.clone()));
        tasks.spawn(trouble(state));
        Ok(Self { address, people, room: 1, _tasks: tasks })
    }
}

async fn accept(listener: TcpListener, state: Arc<Mutex<State>>) {
    // Ends its connections with itself.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(connection(stream, state.clone()));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, state: Arc<Mutex<State>>) {
    let mut start = [0; 4];
    // Only the gateway is asked with GET.
    while let Ok(1..=3) = stream.peek(&mut start).await {
        tokio::task::yield_now().await;
    }
    if &start == b"GET " { socket::serve(stream, state).await } else { http::serve(stream, state).await }
}

/// What is held back is told a little later, also where nothing follows.
async fn trouble(state: Arc<Mutex<State>>) {
    let mut ticks = tokio::time::interval(Duration::from_millis(40));
    loop {
        ticks.tick().await;
        locked(&state).flush_live();
    }
}
