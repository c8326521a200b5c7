//! A connection to either database, and the macro that writes a query once for both.

use diesel::{
    connection::{
        AnsiTransactionManager, Connection as _, Instrumentation, SimpleConnection,
        TransactionManager,
    },
    pg::PgConnection,
    sqlite::SqliteConnection,
};

use super::{changes::Change, prepared::Control};
use crate::error::Result;

/// A connection inside a transaction.
#[expect(
    missing_debug_implementations,
    reason = "neither have the connections of diesel"
)]
pub struct Conn {
    driver: Driver,
    changed: Vec<Change>,
}

/// The connection of either database.
#[expect(
    missing_debug_implementations,
    reason = "neither have the connections of diesel"
)]
pub enum Driver {
    /// `PostgreSQL`.
    Postgres(PgConnection),
    /// `SQLite`.
    Sqlite(SqliteConnection),
}

/// Runs one query on whichever database `$conn` is: written once, compiled for both.
macro_rules! on {
    ($conn:expr, |$c:ident| $body:expr) => {
        match $conn.driver() {
            $crate::store::conn::Driver::Postgres($c) => $body,
            $crate::store::conn::Driver::Sqlite($c) => $body,
        }
    };
}
pub(crate) use on;

impl From<PgConnection> for Conn {
    fn from(conn: PgConnection) -> Self {
        Self {
            driver: Driver::Postgres(conn),
            changed: Vec::new(),
        }
    }
}

impl From<SqliteConnection> for Conn {
    fn from(conn: SqliteConnection) -> Self {
        Self {
            driver: Driver::Sqlite(conn),
            changed: Vec::new(),
        }
    }
}

impl Conn {
    /// The connection itself, for what only one of the databases needs.
    pub fn driver(&mut self) -> &mut Driver {
        &mut self.driver
    }

    /// Notes that the transaction changes something.
    pub(super) fn changes(&mut self, change: Change) {
        self.changed.push(change);
    }

    /// What the transactions have changed since this was asked last.
    pub(super) fn take_changed(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changed)
    }

    /// Runs statements that take no values and answer nothing.
    pub(super) fn execute(&mut self, statements: &str) -> Result<()> {
        Ok(on!(self, |c| c.batch_execute(statements))?)
    }

    /// Runs a statement that takes no values, answers nothing, and is often run.
    pub(super) fn control(&mut self, statement: &'static str) -> Result<()> {
        Ok(match &mut self.driver {
            Driver::Postgres(c) => c.batch_execute(statement),
            Driver::Sqlite(c) => Control(statement).run(c),
        }?)
    }

    /// Lets `instrumentation` see each statement begin and end.
    pub(super) fn watch(&mut self, instrumentation: impl Instrumentation) {
        on!(self, |c| c.set_instrumentation(instrumentation));
    }

    /// Begins a transaction with the given statement.
    pub(super) fn begin(&mut self, statement: &'static str) -> Result<()> {
        Ok(match &mut self.driver {
            Driver::Postgres(c) => AnsiTransactionManager::begin_transaction_sql(c, statement),
            Driver::Sqlite(c) => Control(statement).run(c),
        }?)
    }

    /// Commits the transaction.
    pub(super) fn commit(&mut self) -> Result<()> {
        Ok(match &mut self.driver {
            Driver::Postgres(c) => AnsiTransactionManager::commit_transaction(c),
            Driver::Sqlite(c) => Control("COMMIT").run(c),
        }?)
    }

    /// Undoes the transaction.
    pub(super) fn rollback(&mut self) -> Result<()> {
        Ok(match &mut self.driver {
            Driver::Postgres(c) => AnsiTransactionManager::rollback_transaction(c),
            Driver::Sqlite(c) => Control("ROLLBACK").run(c),
        }?)
    }
}
