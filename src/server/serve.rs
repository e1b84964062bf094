//! The accept loop: one task a connection, HTTP/1.1 with upgrades.
//!
//! Owns what must hold before anybody is known: a head that does not come in time ends its connection, and so does
//! one that nothing is asked on. Refuses to look into requests. A socket that was upgraded is its own task's.

use std::convert::Infallible;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tower::{Service, ServiceExt};

use super::shutdown::Shutdown;

/// How long to wait when nothing can be accepted: file descriptors are freed by connections that end.
const PAUSE: Duration = Duration::from_secs(1);

/// How long a client that nobody knows yet may take. No settings: only tests shorten them.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For a request's head, counted from when one may come: an idle connection is closed after it too.
    pub head: Duration,
    /// For a form's body as a whole: 256 KiB pass in time even at 150 kbit/s.
    pub body: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { head: Duration::from_secs(15), body: Duration::from_secs(15) }
    }
}

/// Serves until the shutdown begins, then finishes the requests in flight. Dropped, it drops its connections.
pub async fn serve<S>(listener: TcpListener, app: S, patience: Patience, shutdown: Shutdown)
where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static,
{
    let mut connections = JoinSet::new();
    let mut began = pin!(shutdown.began());
    loop {
        let accepted = tokio::select! {
            () = &mut began => break,
            // Ended ones are taken out, so that the set is what is open.
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                connections.spawn(connection(stream, peer, app.clone(), patience, shutdown.clone()));
            }
            // The client was gone before it was taken in.
            Err(error) if is_of_one_client(&error) => tracing::debug!(%error, "a connection was not accepted"),
            Err(error) => {
                tracing::error!(%error, "nothing can be accepted");
                tokio::select! {
                    () = &mut began => break,
                    () = tokio::time::sleep(PAUSE) => {}
                }
            }
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

fn is_of_one_client(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused)
}

async fn connection<S>(stream: TcpStream, peer: SocketAddr, app: S, patience: Patience, shutdown: Shutdown)
where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static,
{
    // A chat's answers are small: waiting to fill a packet would only delay them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        app.clone().oneshot(request)
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(patience.head);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service).with_upgrades());
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = shutdown.began() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended early");
    }
}
