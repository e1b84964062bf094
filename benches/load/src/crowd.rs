//! Users that are connected and known to the server.

use std::time::{Duration, Instant};

use crate::engine::{Arrival, Engine, Link};
use crate::peer::{Heard, Peer, SPREAD, User};
use crate::{Error, Result};

/// How many enter at once.
const AT_ONCE: usize = 64;
/// Some servers take a client the longer the more there are.
const PATIENCE: Duration = Duration::from_secs(180);

pub struct Crowd {
    pub engine: Engine,
    /// In order of their ids.
    pub tokens: Vec<String>,
    /// Whose socket a link is; 0 for a link that is none.
    pub users: Vec<User>,
    /// The socket of each user, in order of their ids.
    pub sockets: Vec<Link>,
    /// From the first connect to the last READY, tokens fetched beforehand.
    pub entering: Duration,
}

impl Crowd {
    /// Fetches the tokens of the users 1 to `size`, and connects them if `enter`.
    pub fn gather(peer: &dyn Peer, size: u32, enter: bool) -> Result<Self> {
        let engine = Engine::new(&peer.process().address)?;
        let (tokens, users, sockets) = (Vec::new(), Vec::new(), Vec::new());
        let mut crowd = Self { engine, tokens, users, sockets, entering: Duration::ZERO };
        crowd.fetch_tokens(peer, size)?;
        if enter {
            crowd.enter(peer, size)?;
        }
        Ok(crowd)
    }

    fn fetch_tokens(&mut self, peer: &dyn Peer, size: u32) -> Result<()> {
        self.tokens = vec![String::new(); size as usize];
        if peer.token_request(1).is_none() {
            return Ok(());
        }
        // Whose token is asked for on each link: those that come after share its address.
        let mut asking: Vec<User> = (1..=size.min(SPREAD)).collect();
        for user in &asking {
            self.engine.connect_to(peer.address(*user), peer.token_request(*user).as_deref())?;
        }
        let mut missing = size;
        let deadline = Instant::now() + PATIENCE;
        let tokens = &mut self.tokens;
        while missing > 0 {
            self.engine.turn(Duration::from_millis(100), |sends, link, arrival| {
                let Arrival::Answer { status: 200, head, body } = arrival else {
                    return Err(Error::from("no token"));
                };
                tokens[asking[link] as usize - 1] = peer.token(head, body)?;
                missing -= 1;
                asking[link] += SPREAD;
                if asking[link] <= size {
                    sends.request(link, &peer.token_request(asking[link]).unwrap_or_default());
                }
                Ok(())
            })?;
            in_time(deadline, "tokens")?;
        }
        for link in 0..asking.len() {
            self.engine.close(link);
        }
        self.users = vec![0; asking.len()];
        Ok(())
    }

    fn enter(&mut self, peer: &dyn Peer, size: u32) -> Result<()> {
        let began = Instant::now();
        let deadline = began + PATIENCE;
        let mut ready = 0;
        while ready < size as usize {
            while self.sockets.len() < size as usize && self.sockets.len() < ready + AT_ONCE {
                let user = User::try_from(self.sockets.len() + 1)?;
                let link = self.engine.connect_to(peer.address(user), Some(&peer.upgrade(user)))?;
                self.sockets.push(link);
                self.users.push(user);
            }
            let (users, tokens) = (&self.users, &self.tokens);
            self.engine.turn(Duration::from_millis(100), |sends, link, arrival| {
                let user = users[link];
                let identify = || peer.identify(user, &tokens[user as usize - 1]);
                let heard = match arrival {
                    Arrival::Opened => peer.opened(),
                    Arrival::Text(text) => peer.heard(text),
                    Arrival::Answer { status, .. } => return Err(format!("no upgrade: status {status}").into()),
                };
                match heard {
                    Heard::Asked => sends.text(link, &identify()),
                    Heard::Ready => ready += 1,
                    Heard::Reply(reply) => sends.text(link, reply),
                    _ => {}
                }
                Ok(())
            })?;
            in_time(deadline, "connections")?;
        }
        self.entering = began.elapsed();
        Ok(())
    }

    /// Has everybody enter the room, where connecting is not enough.
    pub fn enter_room(&mut self, peer: &dyn Peer) -> Result<()> {
        let (mut asked, mut inside) = (0, 0);
        let deadline = Instant::now() + PATIENCE;
        while inside < self.sockets.len() {
            while asked < self.sockets.len() && asked < inside + AT_ONCE {
                let Some(text) = peer.enter_room(User::try_from(asked + 1)?) else { return Ok(()) };
                self.engine.sends().text(self.sockets[asked], &text);
                asked += 1;
            }
            self.engine.turn(Duration::from_millis(100), |sends, link, arrival| {
                if let Arrival::Text(text) = arrival {
                    match peer.heard(text) {
                        Heard::Entered => inside += 1,
                        Heard::Reply(reply) => sends.text(link, reply),
                        _ => {}
                    }
                }
                Ok(())
            })?;
            in_time(deadline, "everybody in the room")?;
        }
        Ok(())
    }

    /// A further connection, for the user's requests.
    pub fn request_link(&mut self, peer: &dyn Peer, user: User) -> Result<Link> {
        self.users.push(0);
        self.engine.connect_to(peer.address(user), None)
    }
}

pub fn in_time(deadline: Instant, what: &str) -> Result<()> {
    if Instant::now() < deadline { Ok(()) } else { Err(Error::from(format!("not in time: {what}"))) }
}
