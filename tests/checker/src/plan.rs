//! What the load does.

use std::net::Ipv4Addr;
use std::time::Duration;

/// What the load does. `..Plan::default()` is a fair mixture.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The first so many people write; all of them when there are fewer.
    pub writers: usize,
    /// People 2i and 2i + 1 have a direct conversation (people are paired in their order).
    pub pairs: bool,
    /// Rooms and groups, by id, that everyone among the people who is in them writes to, in turn with their pair.
    pub rooms: Vec<i64>,
    /// The last so many people have a gateway socket open, all of them when there are fewer: writers as well, who then
    /// see their own echoes.
    pub readers: usize,
    /// So many of the readers take [`Plan::slowness`] for each frame, so that they fall behind and resume.
    pub slow_readers: usize,
    pub slowness: Duration,
    /// Posts that one writer has under way at once, each on a connection of its own.
    pub in_flight: usize,
    /// Posts a second of all writers together; as fast as it goes when absent.
    pub posts_per_second: Option<f64>,
    /// Every so many-th post of a writer is sent twice at once, and again a second or so later, with the same nonce.
    /// 0: none.
    pub duplicate_every: u32,
    /// Every so many-th post of a writer must be refused (a control character in it), and must not be seen anywhere.
    /// 0: none.
    pub invalid_every: u32,
    /// Of a writer's operations, the part that changes a message in place of posting one: edits and deletes an own one,
    /// or reacts to one, or takes that back. 0: none.
    pub change_share: f64,
    /// Groups that the run makes of its last people, each a manager and [`Plan::comers`] who come and go. Whoever writes
    /// in them writes to these, too.
    pub groups: usize,
    pub comers: usize,
    /// Each of those comes or goes about so often, and writes in between.
    pub move_every: Duration,
    /// The first of the people blocks the third and hears from them again, a quarter as often; where there are three.
    pub blocks: bool,
    /// Of the posts whose outcome is unknown at first, every so many-th is never tried again: it may be in the log
    /// once, or not at all. 0: all are tried again until they are answered.
    pub abandon_every: u32,
    /// Live readers move their read marks to what they have, about so often.
    pub read_mark_every: Option<Duration>,
    /// Addresses of this machine that connections are made from, in turn, so that limits by address do not bite.
    /// Empty: the system chooses.
    pub sources: Vec<Ipv4Addr>,
    /// An HTTP answer is waited for so long: then it is unknown.
    pub answer_timeout: Duration,
    /// A socket that is silent for so long is probed with a HEARTBEAT, and given up after as long again.
    pub socket_silence: Duration,
    /// Clients wait for the site a random part of the first, which doubles with each try up to the second.
    pub back_off: (Duration, Duration),
    /// Members of a conversation whose view of the log is read at the end.
    pub log_members: usize,
    /// At the end, so long for the site to answer again, for the logs to be read, and for live readers to come to the
    /// log's end, each.
    pub patience: Duration,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            writers: usize::MAX,
            pairs: true,
            rooms: Vec::new(),
            readers: usize::MAX,
            slow_readers: 0,
            slowness: Duration::from_millis(20),
            in_flight: 2,
            posts_per_second: None,
            duplicate_every: 17,
            invalid_every: 101,
            change_share: 0.15,
            groups: 2,
            comers: 3,
            move_every: Duration::from_millis(250),
            blocks: true,
            abandon_every: 0,
            read_mark_every: Some(Duration::from_secs(2)),
            sources: (1..=16).map(|last| Ipv4Addr::new(127, 0, 0, last)).collect(),
            answer_timeout: Duration::from_secs(10),
            socket_silence: Duration::from_secs(10),
            back_off: (Duration::from_millis(500), Duration::from_secs(30)),
            log_members: 2,
            patience: Duration::from_secs(60),
        }
    }
}
