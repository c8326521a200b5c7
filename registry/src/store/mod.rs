//! The only place that knows diesel: connections, tables, queries.
//!
//! [`Store::read`] and [`Store::write`] run a closure in one transaction on a thread that owns its
//! connection; the functions of the other modules take that [`Conn`] and never open a transaction.
//! Every query is written once, for `SQLite` and `PostgreSQL`, with the macro `on!`.

pub mod ancestry;
pub mod artifacts;
pub mod board;
pub mod buckets;
pub mod builds;
#[doc(hidden)]
pub mod bulk;
mod changes;
pub mod channels;
pub mod check;
pub mod commits;
mod condition;
mod conn;
mod crew;
pub mod enforced_blocks;
mod error;
pub mod events;
pub mod forecast;
pub mod freshness;
mod health;
pub mod inventory;
mod job;
pub mod members;
mod migrations;
pub mod operations;
pub mod organizations;
pub mod outlines;
pub mod packages;
pub mod page;
pub mod people;
pub mod policies;
mod postgres;
mod prepared;
pub mod principals;
pub mod registries;
pub mod resolve;
pub mod retention;
pub mod revocations;
pub mod run_tasks;
pub mod sboms;
mod schema;
pub mod sealed;
pub mod search;
pub mod selection;
mod snapshot;
mod sqlite;
pub mod steps;
pub mod versions;
pub mod views;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

pub use changes::{Change, Changes, LEASE, buckets_of, freshness_of};
pub(crate) use conn::on;
pub use conn::{Conn, Driver};
pub use migrations::current as schema_is_current;
pub use migrations::{is_newest as is_newest_schema, knows as knows_schema};
pub use page::{Page, PageRequest};
pub use snapshot::{Snapshot, take as snapshot};

use crate::{
    config::Database,
    error::{Error, Result},
};
use health::{Busy, Health, Signs, submit};
use job::{Call, Job};

/// How much longer work on `SQLite` may take that has begun: its thread waits for a disk, or for another
/// process, and gives up by itself.
const DISK_GRACE: Duration = Duration::from_secs(8);

/// The database, behind threads that own the connections. Cheap to clone.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "there is nothing to show")]
pub struct Store {
    readers: flume::Sender<Box<dyn Job>>,
    writers: flume::Sender<Box<dyn Job>>,
    health: Arc<Health>,
    changes: Arc<Changes>,
    /// Whether other nodes may use the same database.
    shared: bool,
    /// Last, since the threads end when the queues are gone.
    _threads: Arc<Threads>,
}

/// The threads that own the connections. They are waited for when the last store is gone: a connection
/// that is closed while the process exits would use a library that is being taken down.
#[derive(Default)]
struct Threads {
    running: Vec<thread::JoinHandle<()>>,
    /// Tells who supervises others, by being dropped, that the store is gone.
    in_use: Option<flume::Sender<()>>,
}

impl Threads {
    fn start(&mut self, name: String, run: impl FnOnce() + Send + 'static) -> Result<()> {
        let thread = thread::Builder::new()
            .name(name)
            .spawn(run)
            .map_err(Error::internal)?;
        self.running.push(thread);
        Ok(())
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.in_use = None;
        for thread in self.running.drain(..) {
            // A panic has been logged; there is nobody left to tell.
            drop(thread.join());
        }
    }
}

impl Store {
    /// Brings the database up to the newest schema and opens it.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it cannot be reached, [`Error::Refused`] when its schema is newer than
    /// this program.
    pub fn open(database: &Database) -> Result<Self> {
        Self::open_with(database, migrations::run)
    }

    /// Opens a database without changing it.
    ///
    /// # Errors
    /// As [`Store::open`], and [`Error::Refused`] when its schema is older than this program.
    pub fn open_as_it_is(database: &Database) -> Result<Self> {
        Self::open_with(database, migrations::require)
    }

    fn open_with(database: &Database, prepare: fn(&mut Conn) -> Result<()>) -> Result<Self> {
        let grace = match database {
            Database::Sqlite(_) => DISK_GRACE,
            Database::Postgres(_) => Duration::ZERO,
        };
        let health = Arc::new(Health::new(grace));
        let changes = Arc::<Changes>::default();
        let shared = (&health, &changes);
        let mut threads = Threads::default();
        let (readers, writers) = match database {
            Database::Sqlite(path) => sqlite::open(path, prepare, shared, &mut threads)?,
            Database::Postgres(url) => postgres::open(url, prepare, shared, &mut threads)?,
        };
        Ok(Self {
            readers,
            writers,
            health,
            changes,
            shared: matches!(database, Database::Postgres(_)),
            _threads: Arc::new(threads),
        })
    }

    /// Runs `work` on one snapshot of the database. It may be run again, so it must have no effect.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        submit(&self.readers, &self.health, work).await
    }

    /// [`Store::read`] of something that may take as long as it needs; each statement must still be short.
    pub async fn examine<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let away = || Error::Unavailable("the database does not answer".into());
        let (call, reply, _ticket) = Call::new(work);
        self.readers.try_send(Box::new(call)).map_err(|_| away())?;
        reply.await.map_err(|_| away())?
    }

    /// Runs `work` in one write transaction, which is committed when it answers `Ok`. It may be run
    /// again when another writer got in the way, so it must have no effect outside the transaction.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        submit(&self.writers, &self.health, work).await
    }

    /// What changed when.
    pub fn changes(&self) -> &Changes {
        &self.changes
    }

    /// Whether other nodes may use the same database.
    pub fn is_shared(&self) -> bool {
        self.shared
    }

    /// Whether a write could be done now; writes nothing.
    pub async fn writer_answers(&self) -> Result<()> {
        self.write(|_| Ok(())).await
    }

    /// How many connections are open, and how many of them work just now.
    pub fn connections(&self) -> (usize, usize) {
        let now = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        (now(&self.health.open), now(&self.health.busy))
    }
}

/// Runs SQL on a database without a server: what tests use to make and drop databases, and to see what
/// a server makes of rows that it did not write.
///
/// # Errors
/// When the database cannot be reached or refuses.
#[doc(hidden)]
pub fn execute_for_tests(database: &Database, sql: &str) -> Result<()> {
    use diesel::Connection as _;
    let mut conn: Conn = match database {
        Database::Sqlite(path) => {
            diesel::SqliteConnection::establish(&path.to_string_lossy())?.into()
        }
        Database::Postgres(url) => postgres::establish(url)?,
    };
    conn.execute(sql)
}
