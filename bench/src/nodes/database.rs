//! A database for one run, and what it counts.

use std::{thread, time::Duration};

use diesel::{
    Connection as _, PgConnection, QueryableByName, RunQueryDsl as _,
    connection::SimpleConnection as _, sql_query, sql_types::BigInt,
};

use crate::Done;

/// How late PostgreSQL may count what a connection has done.
const LATE: Duration = Duration::from_millis(1_500);

/// A database that is gone when this is dropped.
pub(super) struct Database {
    /// Its address.
    pub(super) url: String,
    name: String,
    server: String,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    transactions: i64,
}

impl Database {
    /// A new one, beside that of this address.
    pub(super) fn create(server: &str, number: usize) -> Done<Self> {
        let (base, _) = server
            .rsplit_once('/')
            .ok_or("a database URL ends with /name")?;
        let name = format!("touchmark_bench_{}_{number}", std::process::id());
        PgConnection::establish(server)?.batch_execute(&format!("CREATE DATABASE {name}"))?;
        Ok(Self {
            url: format!("{base}/{name}"),
            server: server.to_owned(),
            name,
        })
    }

    /// How many transactions its servers make while this is done.
    pub(super) fn transactions_within(&self, work: impl FnOnce() -> Done) -> Done<i64> {
        let before = self.transactions()?;
        work()?;
        Ok(self.transactions()? - before)
    }

    /// How many there were so far. Asked in another database, where it counts for nothing here.
    fn transactions(&self) -> Done<i64> {
        thread::sleep(LATE);
        let counted: Counted = sql_query(format!(
            "SELECT xact_commit + xact_rollback AS transactions FROM pg_stat_database WHERE datname = '{}'",
            self.name
        ))
        .get_result(&mut PgConnection::establish(&self.server)?)?;
        Ok(counted.transactions)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let drop_it = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // It is known by its name to whoever looks for what was left behind.
        if let Ok(mut conn) = PgConnection::establish(&self.server) {
            drop(conn.batch_execute(&drop_it));
        }
    }
}
