//! From a configuration to a running server, and back down in order.
//!
//! Down: for as long as `drain_seconds` says, still serve, with `/readyz` red and the sockets told to go elsewhere one
//! after the other. Then: stop accepting, tell the sockets RECONNECT and 1012, let requests in flight finish, then
//! deliver what was committed, then close the store. Each of these steps is bounded; together they take less than ten
//! seconds.

mod running;

use std::fs::File;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use futures_util::FutureExt;
use tokio::net::{TcpListener, TcpSocket};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};
use tower::Layer;

use crate::server::assets::Assets;
use crate::server::auth::token::install_crypto;
use crate::server::auth::{Auth, GatewayTokens, Passwords};
use crate::server::bus::local::LocalBus;
use crate::server::bus::nats::NatsBus;
use crate::server::bus::{Bus, Inbound};
use crate::server::chat::Chat;
use crate::server::chatters::Chatters;
use crate::server::config::{BusUrl, Config};
use crate::server::data_lock;
use crate::server::delivery::Delivery;
use crate::server::folder;
use crate::server::gateway::{Gateway, WaitingRoom, root_upgrade};
use crate::server::limits::Limits;
use crate::server::router::App;
use crate::server::secrets::Secrets;
use crate::server::serve;
use crate::server::shutdown::Shutdown;
use crate::server::state::{AppState, Parts};
use crate::server::storage;
use crate::server::store::StoreError;

pub use running::Running;

/// Bytes that the kernel holds for one reader (it doubles the figure): without a bound it is megabytes for each that
/// stopped reading. A frame of any size passes through it; and 256 KiB on their way are 20 Mbit/s at 100 ms.
const SEND_BUFFER: u32 = 128 * 1024;
/// Connections that may wait to be accepted: all clients of a node come back at once.
const BACKLOG: u32 = 4_096;
/// How long another may have the data folder: most commands are done by then.
const LOCKED: Duration = Duration::from_secs(3);

/// Starts a server: opens the store, binds, serves.
pub async fn start(config: Config) -> anyhow::Result<Running> {
    config.check_bind()?;
    if config.proxy_untrusted() {
        tracing::warn!("CHATTER_TRUSTED_PROXIES is not set: everybody counts as one address, the HTTPS proxy's");
    }
    install_crypto();
    let config = Arc::new(config);
    folder::create(&config.data).with_context(|| format!("cannot create {}", config.data.display()))?;
    let alone = lock(&config, data_lock::COMMANDS, "works with {}: let it end, or end it, then start again").await?;
    let served = "serves {}: stop it first, or name another folder with CHATTER_DATA";
    let lock = lock(&config, data_lock::SERVER, served).await?;
    let secrets = Secrets::load_or_create(&config)?;
    let (store, committed) = storage::to_serve(&config, &secrets).await?;
    drop(alone);

    let (left_tx, left) = mpsc::unbounded_channel();
    let chatters = Chatters::new(left_tx);
    let shutdown = Shutdown::new();
    let (delivery, bus) = Delivery::apart(|| {
        let (bus, inbound) = open_bus(config.bus.as_ref(), &secrets)?;
        let delivery =
            Delivery::start(store.clone(), bus.clone(), committed, inbound, chatters.clone(), left, &shutdown);
        anyhow::Ok((delivery, bus))
    })?;
    let limits = Arc::new(Limits::new(&config.limits));
    let tokens = Arc::new(GatewayTokens::new(&secrets.gateway));
    let auth = Auth {
        store: store.clone(),
        bus: bus.clone(),
        passwords: Passwords::new(),
        limits: limits.clone(),
        sign_up: config.sign_up,
    };
    let gateway = Gateway {
        store: store.clone(),
        chatters,
        delivery,
        tokens: tokens.clone(),
        config: config.clone(),
        shutdown: shutdown.clone(),
        waiting: WaitingRoom::default(),
    };
    let assets = Assets::new(config.site.clone(), config.leptos.site_root.as_ref().into());
    let chat = Chat { store, bus, limits };
    let state = AppState::new(Parts { config: config.clone(), chat, auth, tokens, gateway, assets, shutdown });

    let listener = listen(config.bind)
        .with_context(|| format!("cannot listen on {}: choose another address with LEPTOS_SITE_ADDR", config.bind))?;
    let address = listener.local_addr()?;
    let app = root_upgrade::layer().layer(App::new(state.clone())?);
    let served = tokio::spawn(serve::serve(listener, app, config.patience, state.shutdown.clone()));
    Ok(Running { address, state, served, _lock: lock })
}

/// Serves until SIGTERM or Ctrl-C, or until the store has failed for good: that is an error.
pub async fn serve(config: Config) -> anyhow::Result<()> {
    let shown = config.public_url.as_ref().map(|url| url.origin().to_owned());
    // Heard from the start on: who waits for "ready" may stop us in the same moment.
    let drain = config.drain;
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let running = start(config).await?;
    let url = shown.unwrap_or_else(|| format!("http://{}", running.address));
    crate::server::cli::output::line(&format!("Chatter is ready: {url}"))?;
    tracing::info!(address = %running.address, "listening");
    let store = running.state.chat.store.clone();
    let failed = tokio::select! {
        _ = terminate.recv() => None,
        _ = interrupt.recv() => None,
        reason = store.failed() => Some(reason),
    };
    if failed.is_none() && !drain.is_zero() {
        tracing::info!(seconds = drain.as_secs(), "going down: others take over");
        tokio::select! {
            () = running.take_leave(drain) => {}
            // Asked once more: at once.
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
    tracing::info!("stopping");
    running.stop().await;
    tracing::info!("stopped");
    // What is brought into the database at the very end may fail, too.
    match failed.or_else(|| store.failed().now_or_never()) {
        None => Ok(()),
        Some(reason) => {
            let advice = "stopped, as nothing can be saved for certain any more: look at the disk, then start again";
            Err(anyhow::Error::new(StoreError::Failed(reason)).context(advice))
        }
    }
}

/// What joins this node with others; or what it has instead, where it is the only one.
fn open_bus(url: Option<&BusUrl>, secrets: &Secrets) -> anyhow::Result<(Arc<dyn Bus>, Inbound)> {
    if let Some(url) = url {
        let (bus, inbound) = NatsBus::open(url.expose(), &secrets.bus_prefix())?;
        return Ok((Arc::new(bus), inbound));
    }
    let (bus, inbound) = LocalBus::open();
    Ok((Arc::new(bus), inbound))
}

/// Listens. The accepted sockets inherit the send buffer.
fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Waits a moment for a lock of the data folder; `held` says what to do when it stays another's.
async fn lock(config: &Config, name: &str, held: &str) -> anyhow::Result<File> {
    let began = Instant::now();
    loop {
        let lock = data_lock::take(&config.data, name)
            .with_context(|| format!("cannot lock {}", config.data.join(name).display()))?;
        match lock {
            Some(lock) => return Ok(lock),
            None if began.elapsed() < LOCKED => sleep(LOCKED / 40).await,
            None => bail!("another chatter {}", held.replace("{}", &config.data.display().to_string())),
        }
    }
}
