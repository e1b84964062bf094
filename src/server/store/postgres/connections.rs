//! Connections: two pools, so that many reads never keep a post waiting; and one to each replica's.

use std::str::FromStr;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use tokio_postgres::{Config, IsolationLevel};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::failure::closed;
use super::tls;
use crate::server::store::StoreError;

/// Connections for changes: one for each lane of posts, and some for what is rare.
const WRITERS: usize = super::lanes::LANES + 4;
const READERS: usize = 12;
/// How long a connection is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// After so long without a sign a connection counts as lost: a cut network says nothing.
const SILENCE: Duration = Duration::from_secs(10);

/// No statement of ours takes as long. A commit is durable before it is answered, whatever the server's own settings say.
/// And a node that vanished in the middle of a change holds its locks, for which others wait, no longer than a moment.
const OPTIONS: &str = "-c statement_timeout=10s -c idle_in_transaction_session_timeout=3s -c synchronous_commit=on \
    -c default_transaction_isolation=read\\ committed -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 \
    -c tcp_keepalives_count=3 -c tcp_user_timeout=10000";

#[derive(Clone)]
pub(super) struct Connections {
    config: Config,
    tls: MakeRustlsConnect,
    writers: Pool,
    readers: Pool,
    replicas: Vec<Pool>,
}

impl Connections {
    pub(super) fn new(url: &str, replicas: &[&str]) -> Result<Self, StoreError> {
        let (config, tls) = (configuration(url)?, tls::connector());
        let writers = pool(&config, &tls, WRITERS)?;
        let readers = pool(&config, &tls, READERS)?;
        let replica = |url: &&str| pool(&configuration(url)?, &tls, READERS);
        let replicas = replicas.iter().map(replica).collect::<Result<_, _>>()?;
        Ok(Self { config, tls, writers, readers, replicas })
    }

    pub(super) async fn writer(&self) -> Result<Object, StoreError> {
        Ok(self.writers.get().await?)
    }

    pub(super) async fn reader(&self) -> Result<Object, StoreError> {
        Ok(self.readers.get().await?)
    }

    /// Pools of the databases that follow this one.
    pub(super) fn replicas(&self) -> &[Pool] {
        &self.replicas
    }

    /// Runs a statement without an answer.
    pub(super) async fn tell(&self, statement: &str) -> Result<(), StoreError> {
        Ok(self.writer().await?.batch_execute(statement).await?)
    }

    /// How to connect outside the pools.
    pub(super) fn how(&self) -> (&Config, MakeRustlsConnect) {
        (&self.config, self.tls.clone())
    }

    /// From now on there are none.
    pub(super) fn close(&self) {
        [&self.writers, &self.readers].into_iter().chain(&self.replicas).for_each(Pool::close);
    }
}

fn configuration(url: &str) -> Result<Config, StoreError> {
    let mut config = Config::from_str(url)
        .map_err(|error| StoreError::Unavailable(format!("that is no address of a PostgreSQL database: {error}")))?;
    let options = config.get_options().map_or_else(|| OPTIONS.to_owned(), |own| format!("{OPTIONS} {own}"));
    config.options(&options).application_name("chatter").connect_timeout(PATIENCE);
    config
        .tcp_user_timeout(SILENCE)
        .keepalives_idle(SILENCE / 2)
        .keepalives_interval(SILENCE / 5)
        .keepalives_retries(3);
    Ok(config)
}

fn pool(config: &Config, tls: &MakeRustlsConnect, size: usize) -> Result<Pool, StoreError> {
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    Pool::builder(Manager::from_config(config.clone(), tls.clone(), recycling))
        .max_size(size)
        .wait_timeout(Some(PATIENCE))
        .create_timeout(Some(PATIENCE))
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(|_| closed())
}

/// Reads of one moment.
pub(super) async fn snapshot(client: &mut Object) -> Result<deadpool_postgres::Transaction<'_>, StoreError> {
    let building = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
    Ok(building.start().await?)
}
