//! What the nodes of a cluster share: PostgreSQL, NATS where there are several, and the file of secrets. Both are pinned to
//! the nodes' core, so that what they use is part of what a message costs.

use chatter_services::nats::Nats;
use chatter_services::ports::free_port;
use chatter_services::postgres::Postgres;

use crate::Result;
use crate::process::{self, Part};

pub struct Shared {
    bus: Option<Nats>,
    database: Postgres,
    /// Where PostgreSQL listens.
    port: u16,
    /// Of the secrets.
    folder: tempfile::TempDir,
}

impl Shared {
    pub fn start(with_bus: bool) -> Result<Self> {
        let core = process::core();
        let port = free_port()?;
        // It syncs. The buffers are PostgreSQL's own default, of which tests take less.
        let settings = ["listen_addresses=127.0.0.1", &format!("port={port}"), "shared_buffers=128MB"];
        let mut database = Postgres::prepare(&settings)?.pinned(&core);
        database.start_again()?;
        let bus = if with_bus { Some(Nats::absent(&[])?.pinned(&core)) } else { None };
        let mut shared = Self { bus, database, port, folder: tempfile::tempdir()? };
        if let Some(bus) = &mut shared.bus {
            bus.start_again()?;
        }
        process::output(&process::program(), &["secret-file", &shared.secrets()], &[])?;
        Ok(shared)
    }

    fn secrets(&self) -> String {
        self.folder.path().join("secrets.toml").to_string_lossy().into_owned()
    }

    /// A node's settings: the database by TCP, as from a machine of its own.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let database = format!("postgres://postgres@127.0.0.1:{}/postgres?sslmode=disable", self.port);
        let mut settings = vec![("CHATTER_DATABASE", database), ("CHATTER_SECRET_FILE", self.secrets())];
        settings.extend(self.bus.iter().map(|bus| ("CHATTER_BUS", bus.url())));
        settings
    }

    /// Of PostgreSQL's log. To count them by strace would slow it so much that more messages share each.
    pub fn syncs(&self) -> Result<u64> {
        Ok(self.database.ask("postgres", "SELECT wal_sync FROM pg_stat_wal")?.parse()?)
    }

    pub fn parts(&self) -> Vec<Part> {
        let part = |name, id: Option<u32>| Part { name, ids: id.into_iter().collect() };
        let bus = self.bus.iter().map(|bus| part("NATS", bus.id()));
        std::iter::once(part("PostgreSQL", self.database.id())).chain(bus).collect()
    }
}
