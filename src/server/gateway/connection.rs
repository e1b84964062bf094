//! One socket, one task, one `select!`.
//!
//! Does what [`Session`] says, and owns how: what it has to say goes on its [`Line`], which deliveries write on too, so
//! that this task sleeps through what it only passes on. No write outlives the connection's end from outside. Refuses to
//! decide anything about the protocol.

mod acting;
mod away;
mod closing;
mod exit;
mod inbound;
mod inward;
mod outward;

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use acting::Live;
use bytes::Bytes;
use exit::Exit;
use futures_util::future::BoxFuture;
use inbound::{Inbound, Message};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::Gateway;
use super::admission::{Admission, Refused};
use super::session::{Action, Input, ReadError, Session};
use super::waiting::Place;
use crate::server::chatters::{Line, Turn, Writer};
use crate::server::store::TokenHash;

/// So long after READY nothing of before the snapshot can still come, and the seam's memory is given back.
const SEAM_MS: u64 = 30_000;
/// Longest that one write may wait for its reader: of a part of READY, of ten events of a replay, of what was queued.
const WRITE: Duration = Duration::from_secs(20);

type Answer = Result<Admission, Refused>;

/// Serves one connection until it ends. `cookie` is the session that a browser's upgrade came with; `place` is given
/// back when it is known whose connection it is. The stream must hold nothing back for a flush.
pub async fn serve<S>(stream: S, gateway: Gateway, cookie: Option<TokenHash>, place: Option<Place>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (reader, writer) = tokio::io::split(stream);
    run(Inbound::new(Box::new(reader), &[]), Box::new(writer), gateway, cookie, place).await;
}

/// The same for a TCP stream, of which `read` was read already.
pub(super) async fn serve_tcp(
    stream: TcpStream,
    read: Bytes,
    gateway: Gateway,
    cookie: Option<TokenHash>,
    place: Option<Place>,
) {
    let (reader, writer) = stream.into_split();
    let inbound = Inbound::new(Box::new(reader), &read);
    // Its memory is that of HTTP's buffer.
    drop(read);
    run(inbound, Box::new(writer), gateway, cookie, place).await;
}

async fn run(inbound: Inbound, writer: Writer, gateway: Gateway, cookie: Option<TokenHash>, place: Option<Place>) {
    let (session, hello) = Session::open();
    let mut connection = Connection {
        inbound,
        line: Line::new(writer),
        session,
        opened: Instant::now(),
        shutdown_began: Box::pin(gateway.shutdown.began()),
        gateway,
        cookie,
        place,
        admission: None,
        live: None,
        seam_until_ms: None,
    };
    let Err(exit) = connection.run_until_exit(hello).await;
    let Connection { inbound, line, session, live, gateway, .. } = connection;
    // Out of the map first: nobody should queue for a socket that says good-bye.
    drop(live);
    if session.unknown_ops() > 0 {
        tracing::debug!(count = session.unknown_ops(), "a client sent ops that this build does not know");
    }
    // Boxed, here and elsewhere: an idle connection should not weigh what its busiest moments do.
    match exit {
        Exit::Close(words, code) => Box::pin(closing::close(&line, inbound, words, code, &gateway.shutdown)).await,
        Exit::Answer(close) => Box::pin(closing::answer(&line, close)).await,
        Exit::Leave => {}
    }
}

struct Connection {
    inbound: Inbound,
    line: Arc<Line>,
    session: Session,
    /// Zero of the session's clock.
    opened: Instant,
    shutdown_began: Pin<Box<WaitForCancellationFutureOwned>>,
    gateway: Gateway,
    cookie: Option<TokenHash>,
    /// Among the sockets that have not said who they are, until they have.
    place: Option<Place>,
    /// The answer to IDENTIFY, while it is being found: reading goes on beside it.
    admission: Option<BoxFuture<'static, Box<Answer>>>,
    /// From READY on.
    live: Option<Live>,
    /// When what READY covered is forgotten.
    seam_until_ms: Option<u64>,
}

enum Wake {
    GoingDown,
    Line(Turn),
    Read(Result<Message, ReadError>),
    Answer(Box<Answer>),
    Timer,
}

impl Connection {
    async fn run_until_exit(&mut self, mut actions: Vec<Action>) -> Result<std::convert::Infallible, Exit> {
        let timer = sleep_until(self.due());
        tokio::pin!(timer);
        loop {
            self.perform(actions).await?;
            let wake = {
                let Self { inbound, line, shutdown_began, admission, .. } = self;
                tokio::select! {
                    biased;
                    turn = poll_fn(|cx| line.poll_turn(cx)) => Wake::Line(turn),
                    () = shutdown_began => Wake::GoingDown,
                    // Before the read, which a peer that never pauses keeps ready: pieces of a message that never ends
                    // are no sign of life, and must not stop the clock.
                    () = &mut timer => Wake::Timer,
                    read = inbound.next() => Wake::Read(read),
                    answer = answered(admission) => Wake::Answer(answer),
                }
            };
            actions = match wake {
                Wake::GoingDown => return Err(self.going_down()),
                Wake::Line(Turn::Blocked) => {
                    timer.as_mut().reset(self.due());
                    Vec::new()
                }
                Wake::Line(turn) => return Err(self.turned(turn)),
                Wake::Read(read) => self.was_read(read)?,
                Wake::Answer(answer) => {
                    self.admission = None;
                    match *answer {
                        Ok(admission) => Box::pin(self.admitted(admission)).await?,
                        Err((refusal, place)) => {
                            self.place = place;
                            self.session.handle(self.now_ms(), Input::Refused(refusal))
                        }
                    }
                }
                Wake::Timer => {
                    if self.is_stuck() {
                        return Err(self.stuck());
                    }
                    let now_ms = self.now_ms();
                    if self.seam_until_ms.take_if(|until_ms| now_ms >= *until_ms).is_some() {
                        self.line.forget_seam();
                    }
                    let actions = self.session.handle(now_ms, Input::Tick);
                    timer.as_mut().reset(self.due());
                    actions
                }
            };
        }
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// When the session's time has come, or the reader is stuck.
    fn due(&self) -> Instant {
        let session = self.opened + Duration::from_millis(self.session.deadline_ms());
        self.line.blocked_since().map_or(session, |since| session.min(since + WRITE))
    }
}

async fn answered(admission: &mut Option<BoxFuture<'static, Box<Answer>>>) -> Box<Answer> {
    match admission {
        Some(answer) => answer.await,
        None => std::future::pending().await,
    }
}
