//! One socket, one task, one `select!`.
//!
//! Does what [`Session`] says, and owns how: frames are fed while any wait and flushed once; no write outlives
//! the connection's end from outside; every close is sent, and then read after until the peer is done, so that
//! unread input does not turn it into a reset. Refuses to decide anything about the protocol.

mod socket;

use std::pin::Pin;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{self, Bytes, Message};
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::Gateway;
use super::admission::{Admission, admit};
use super::ready::{Plan, Replay, Seam};
use super::session::{Action, Input, Refusal, Session};
use crate::protocol::CloseCode;
use crate::protocol::limits::QUEUE_FRAMES;
use crate::server::chatters::{End, Outgoing, Registration};
use crate::server::store::TokenHash;

/// Longest that one write may wait for a reader that takes nothing.
const WRITE: Duration = Duration::from_secs(20);
/// Events in one page of a replay.
const REPLAY_PAGE: u32 = 100;
/// After this time nothing of before the snapshot can still come, and the seam's memory is given back.
const SEAM_MS: u64 = 30_000;

type Socket<S> = WebSocketStream<S>;
type Answer = Result<Admission, Refusal>;

/// Serves one connection until it ends. `cookie` is the session that a browser's upgrade came with.
pub async fn serve<S>(stream: S, gateway: Gateway, cookie: Option<TokenHash>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let socket = socket::open(stream).await;
    let (session, hello) = Session::open();
    let interrupts = Interrupts { shutdown: Box::pin(gateway.shutdown.began()), ended: None };
    let opened = Instant::now();
    let mut connection =
        Connection { socket, session, opened, gateway, cookie, interrupts, admission: None, live: None, seam: None };
    let exit = connection.run(hello).await;
    let Connection { socket, session, live, .. } = connection;
    // Out of the map first: nobody should queue for a socket that says good-bye.
    drop(live);
    if session.unknown_ops() > 0 {
        tracing::debug!(count = session.unknown_ops(), "a client sent ops that this build does not know");
    }
    if let Exit::Close(words, code) = exit {
        socket::close(socket, words, code).await;
    }
}

struct Connection<S> {
    socket: Socket<S>,
    session: Session,
    /// Zero of the session's clock.
    opened: Instant,
    gateway: Gateway,
    cookie: Option<TokenHash>,
    interrupts: Interrupts,
    /// The answer to IDENTIFY, while it is being found: reading goes on beside it.
    admission: Option<BoxFuture<'static, Answer>>,
    /// The place in the chatters map, from READY on.
    live: Option<Registration>,
    seam: Option<Seam>,
}

/// What ends a connection whatever it is doing, a stuck write included.
struct Interrupts {
    shutdown: Pin<Box<WaitForCancellationFutureOwned>>,
    ended: Option<BoxFuture<'static, End>>,
}

impl Interrupts {
    /// Cancel-safe. After it resolved, the connection is over and it is not asked again.
    async fn next(&mut self) -> Input<'static> {
        let ended = async {
            match &mut self.ended {
                Some(ended) => ended.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            end = ended => Input::Ended(end),
            () = &mut self.shutdown => Input::ShuttingDown,
        }
    }
}

/// How it ends.
enum Exit {
    /// With these last words and this close.
    Close(Vec<Message>, CloseCode),
    /// There is nobody to tell.
    Leave,
}

enum Wake {
    Interrupt(Input<'static>),
    Read(Option<Result<Message, tungstenite::Error>>),
    Answer(Box<Answer>),
    Timer,
    Queued(Outgoing),
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Connection<S> {
    async fn run(&mut self, hello: Vec<Action>) -> Exit {
        match self.run_until_exit(hello).await {
            Ok(never) => match never {},
            Err(exit) => exit,
        }
    }

    async fn run_until_exit(&mut self, mut actions: Vec<Action>) -> Result<std::convert::Infallible, Exit> {
        let timer = sleep_until(self.due());
        tokio::pin!(timer);
        loop {
            self.perform(actions).await?;
            let wake = {
                let Self { socket, interrupts, admission, live, .. } = self;
                tokio::select! {
                    biased;
                    input = interrupts.next() => Wake::Interrupt(input),
                    read = socket.next() => Wake::Read(read),
                    answer = answered(admission) => Wake::Answer(Box::new(answer)),
                    () = &mut timer => Wake::Timer,
                    outgoing = queued(live) => Wake::Queued(outgoing),
                }
            };
            let now_ms = self.now_ms();
            actions = match wake {
                Wake::Interrupt(input) => self.session.handle(now_ms, input),
                Wake::Read(read) => match read {
                    Some(Ok(Message::Text(text))) => self.session.handle(now_ms, Input::Text(&text)),
                    Some(read) => socket::input(&read).map_or_else(Vec::new, |i| self.session.handle(now_ms, i)),
                    None => self.session.handle(now_ms, Input::Closed),
                },
                Wake::Answer(answer) => {
                    self.admission = None;
                    match *answer {
                        Ok(admission) => self.admitted(admission).await?,
                        Err(refusal) => self.session.handle(now_ms, Input::Refused(refusal)),
                    }
                }
                Wake::Timer => {
                    if self.live.is_some() && now_ms >= SEAM_MS {
                        self.seam = None;
                    }
                    let actions = self.session.handle(now_ms, Input::Tick);
                    timer.as_mut().reset(self.due());
                    actions
                }
                Wake::Queued(outgoing) => {
                    self.forward(outgoing).await?;
                    Vec::new()
                }
            };
        }
    }

    async fn perform(&mut self, actions: Vec<Action>) -> Result<(), Exit> {
        let mut words = Vec::new();
        for action in actions {
            match action {
                Action::Send(text) => words.push(Message::text(text)),
                Action::Ping => words.push(Message::Ping(Bytes::new())),
                Action::Authenticate(identify) => {
                    self.admission = Some(Box::pin(admit(self.gateway.clone(), *identify, self.cookie)));
                }
                Action::Close(code) => return Err(Exit::Close(words, code)),
                Action::Leave => return Err(Exit::Leave),
            }
        }
        self.write(words).await
    }

    /// The chatter is in: READY and what was missed, then the queue.
    async fn admitted(&mut self, admission: Admission) -> Result<Vec<Action>, Exit> {
        let Admission { registration, plan: Plan { parts, replays, seam } } = admission;
        self.interrupts.ended = Some(Box::pin(registration.ended()));
        self.live = Some(registration);
        self.seam = Some(seam);
        let actions = self.session.handle(self.now_ms(), Input::Admitted);
        self.write(parts.into_iter().map(Message::text).collect()).await?;
        for replay in replays {
            self.replay(replay).await?;
        }
        Ok(actions)
    }

    /// Sends missed events page by page, from the store: the queue is kept for what happens now.
    async fn replay(&mut self, replay: Replay) -> Result<(), Exit> {
        let Some(user) = self.live.as_ref().map(Registration::user) else { return Ok(()) };
        let mut after = replay.after;
        while after < replay.until {
            let page = self.gateway.store.event_list(user, replay.conversation, after, REPLAY_PAGE).await;
            let page = match page {
                Ok(Some(page)) => page,
                // Theirs no longer: the inbox says so.
                Ok(None) => return Ok(()),
                Err(error) => {
                    tracing::warn!(%error, "a replay failed");
                    return Err(self.exit(Input::Refused(Refusal::Unavailable)));
                }
            };
            let events = page.events.iter().filter(|event| event.seq <= replay.until);
            self.write(events.map(|event| Message::text(event.encode())).collect()).await?;
            let Some(last) = page.events.last() else { return Ok(()) };
            after = last.seq;
        }
        Ok(())
    }

    /// Feeds what is queued, then flushes once.
    async fn forward(&mut self, first: Outgoing) -> Result<(), Exit> {
        let Self { socket, live: Some(live), seam, interrupts, .. } = self else { return Ok(()) };
        let write = async {
            let (mut next, mut fed) = (Some(first), 0);
            while let Some(outgoing) = next.take() {
                if seam.as_ref().is_none_or(|seam| seam.passes(&outgoing)) {
                    socket.feed(socket::text(&outgoing.frame)).await?;
                }
                fed += 1;
                // One queue's worth at a time, so that reading has its turn.
                if fed < QUEUE_FRAMES {
                    next = live.try_recv();
                }
            }
            socket.flush().await
        };
        let stop = bounded(interrupts, write).await;
        self.stopped(stop)
    }

    async fn write(&mut self, messages: Vec<Message>) -> Result<(), Exit> {
        if messages.is_empty() {
            return Ok(());
        }
        let Self { socket, interrupts, .. } = self;
        let write = async {
            for message in messages {
                socket.feed(message).await?;
            }
            socket.flush().await
        };
        let stop = bounded(interrupts, write).await;
        self.stopped(stop)
    }

    fn stopped(&mut self, stop: Option<Stop>) -> Result<(), Exit> {
        match stop {
            None => Ok(()),
            Some(Stop::Interrupt(input)) => Err(self.exit(input)),
            Some(Stop::Stuck) => Err(self.exit(Input::Ended(End::FellBehind))),
            Some(Stop::Lost) => Err(Exit::Leave),
        }
    }

    /// The end that follows from an input that ends it.
    fn exit(&mut self, input: Input<'_>) -> Exit {
        let mut words = Vec::new();
        for action in self.session.handle(self.now_ms(), input) {
            match action {
                Action::Send(text) => words.push(Message::text(text)),
                Action::Close(code) => return Exit::Close(words, code),
                Action::Ping | Action::Authenticate(_) | Action::Leave => {}
            }
        }
        Exit::Leave
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn due(&self) -> Instant {
        self.opened + Duration::from_millis(self.session.deadline_ms())
    }
}

/// Why a write was not finished.
enum Stop {
    Interrupt(Input<'static>),
    /// The reader took nothing for [`WRITE`].
    Stuck,
    Lost,
}

/// Runs a write, at most for [`WRITE`] and until the connection is ended from outside.
async fn bounded(
    interrupts: &mut Interrupts,
    write: impl Future<Output = Result<(), tungstenite::Error>>,
) -> Option<Stop> {
    tokio::select! {
        biased;
        input = interrupts.next() => Some(Stop::Interrupt(input)),
        written = timeout(WRITE, write) => match written {
            Ok(Ok(())) => None,
            Ok(Err(_)) => Some(Stop::Lost),
            Err(_) => Some(Stop::Stuck),
        },
    }
}

async fn answered(admission: &mut Option<BoxFuture<'static, Answer>>) -> Answer {
    match admission {
        Some(answer) => answer.await,
        None => std::future::pending().await,
    }
}

async fn queued(live: &mut Option<Registration>) -> Outgoing {
    if let Some(registration) = live
        && let Some(outgoing) = registration.recv().await
    {
        return outgoing;
    }
    std::future::pending().await
}
