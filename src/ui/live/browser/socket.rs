//! One WebSocket: tells what happens to it, in order, until it is let go.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;

use futures_util::future::{AbortHandle, abortable};
use futures_util::{SinkExt, StreamExt};
use gloo_net::websocket::futures::WebSocket;
use gloo_net::websocket::{Message, State, WebSocketError};
use leptos::task::spawn_local;

/// What happens to a socket.
pub(super) enum Happening {
    Opened,
    Text(String),
    /// Nothing follows.
    Closed(Option<u16>),
}

/// Lets go of the socket, which closes it, when dropped; nothing is told after that.
pub(super) struct Socket {
    inner: Rc<RefCell<WebSocket>>,
    reader: AbortHandle,
    /// Aborting takes effect at the reader's next turn; what lies ready must not be told before it.
    let_go: Rc<Cell<bool>>,
}

impl Socket {
    /// Begins to connect; nothing where the address is refused.
    pub(super) fn open(url: &str, tell: impl Fn(Happening) + 'static) -> Option<Self> {
        let inner = Rc::new(RefCell::new(WebSocket::open(url).ok()?));
        let let_go = Rc::new(Cell::new(false));
        let (reading, reader) = abortable(read(Rc::clone(&inner), Rc::clone(&let_go), tell));
        spawn_local(async {
            // Aborted means let go: there is nobody to tell.
            let _ = reading.await;
        });
        Some(Self { inner, reader, let_go })
    }

    /// A frame that the socket does not take any more is told by its close.
    pub(super) fn send(&self, text: String) {
        let mut socket = self.inner.borrow_mut();
        if matches!(socket.state(), State::Open) {
            let _ = socket.start_send_unpin(Message::Text(text));
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.let_go.set(true);
        self.reader.abort();
    }
}

/// The borrows last for one poll each, so that `send` can come in between.
async fn read(socket: Rc<RefCell<WebSocket>>, let_go: Rc<Cell<bool>>, tell: impl Fn(Happening)) {
    let connected = poll_fn(|cx| socket.borrow_mut().poll_ready_unpin(cx)).await;
    if !let_go.get() && connected.is_ok() && matches!(socket.borrow().state(), State::Open) {
        tell(Happening::Opened);
    }
    loop {
        let next = poll_fn(|cx| socket.borrow_mut().poll_next_unpin(cx)).await;
        if let_go.get() {
            return;
        }
        match next {
            Some(Ok(Message::Text(text))) => tell(Happening::Text(text)),
            Some(Err(WebSocketError::ConnectionClose(close))) => return tell(Happening::Closed(Some(close.code))),
            // A close event follows an error; a binary frame is none of ours.
            Some(_) => {}
            None => return tell(Happening::Closed(None)),
        }
    }
}
