//! One socket, one task, one `select!`.
//!
//! Does what [`Session`] says, and owns how: frames are fed while any wait and flushed once; no write outlives
//! the connection's end from outside; every close is sent, and then read after until the peer is done, so that
//! unread input does not turn it into a reset. Refuses to decide anything about the protocol.

mod inward;
mod outward;
mod socket;
mod write;

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use outward::queued;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{self, Bytes, Message};
use write::{Interrupts, Stop};

use super::Gateway;
use super::admission::{Admission, Refused, admit};
use super::ready::Seam;
use super::session::{Action, Input, Session};
use super::waiting::Place;
use crate::protocol::CloseCode;
use crate::server::chatters::{End, Outgoing, Registration};
use crate::server::store::TokenHash;

/// So long after READY nothing of before the snapshot can still come, and the seam's memory is given back.
const SEAM_MS: u64 = 30_000;

type Socket<S> = WebSocketStream<S>;
type Answer = Result<Admission, Refused>;

/// Serves one connection until it ends. `cookie` is the session that a browser's upgrade came with; `place` is given
/// back when it is known whose connection it is.
pub async fn serve<S>(stream: S, gateway: Gateway, cookie: Option<TokenHash>, place: Option<Place>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let socket = socket::open(stream).await;
    let (session, hello) = Session::open();
    let interrupts = Interrupts::new(&gateway.shutdown);
    let opened = Instant::now();
    let mut connection = Connection {
        socket,
        session,
        opened,
        gateway,
        cookie,
        interrupts,
        place,
        admission: None,
        live: None,
        seam: None,
    };
    let exit = connection.run(hello).await;
    let Connection { socket, session, live, gateway, .. } = connection;
    // Out of the map first: nobody should queue for a socket that says good-bye.
    drop(live);
    if session.unknown_ops() > 0 {
        tracing::debug!(count = session.unknown_ops(), "a client sent ops that this build does not know");
    }
    if let Exit::Close(words, code) = exit {
        socket::close(socket, words, code, &gateway.shutdown).await;
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
    /// Among the sockets that have not said who they are, until they have.
    place: Option<Place>,
    /// The answer to IDENTIFY, while it is being found: reading goes on beside it.
    admission: Option<BoxFuture<'static, Answer>>,
    /// The place in the chatters map, from READY on.
    live: Option<Registration>,
    /// What READY covered, and when it is forgotten.
    seam: Option<(Seam, u64)>,
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
                    // Before the read, which a peer that never pauses keeps ready: pieces of a message that never ends
                    // are no sign of life, and must not stop the clock.
                    () = &mut timer => Wake::Timer,
                    read = socket.next() => Wake::Read(read),
                    answer = answered(admission) => Wake::Answer(Box::new(answer)),
                    outgoing = queued(live) => Wake::Queued(outgoing),
                }
            };
            let now_ms = self.now_ms();
            actions = match wake {
                Wake::Interrupt(input) => self.session.handle(now_ms, input),
                Wake::Read(read) => self.was_read(read),
                Wake::Answer(answer) => {
                    self.admission = None;
                    match *answer {
                        Ok(admission) => self.admitted(admission).await?,
                        Err((refusal, place)) => {
                            self.place = place;
                            self.session.handle(now_ms, Input::Refused(refusal))
                        }
                    }
                }
                Wake::Timer => {
                    self.seam.take_if(|(_, until_ms)| now_ms >= *until_ms);
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
                    self.admission =
                        Some(Box::pin(admit(self.gateway.clone(), *identify, self.cookie, self.place.take())));
                }
                Action::Close(code) => return Err(Exit::Close(words, code)),
                Action::Leave => return Err(Exit::Leave),
            }
        }
        self.write(words).await.map(drop)
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

async fn answered(admission: &mut Option<BoxFuture<'static, Answer>>) -> Answer {
    match admission {
        Some(answer) => answer.await,
        None => std::future::pending().await,
    }
}
