//! A database that is filled at once, for measurements: no commit waits for the disk, so a crash in the
//! middle loses what was filled in. Whoever opens the database later gets the usual durability.

use super::{Conn, Driver, Store, migrations};
use crate::{config::Database, error::Result};

impl Store {
    /// [`Store::open`] for filling. On `PostgreSQL` it is [`forgo_flush`] that spares the disk.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_for_filling(database: &Database) -> Result<Self> {
        Self::open_with(database, |conn| {
            migrations::run(conn)?;
            match conn.driver() {
                // The pragmas belong to the connection of the writer and go with it. The cache and the rarer
                // checkpoints are for pages that are changed again and again in random order.
                Driver::Sqlite(_) => conn.execute(
                    "PRAGMA synchronous = OFF; PRAGMA cache_size = -500000; \
                     PRAGMA wal_autocheckpoint = 20000;",
                ),
                Driver::Postgres(_) => Ok(()),
            }
        })
    }
}

/// Lets the commit of this transaction not wait for the disk, where that can be said of a transaction.
pub fn forgo_flush(conn: &mut Conn) -> Result<()> {
    match conn.driver() {
        Driver::Postgres(_) => conn.execute("SET LOCAL synchronous_commit = off"),
        Driver::Sqlite(_) => Ok(()),
    }
}
