//! A connection to either database, and the macro that writes a query once for both.

use diesel::{
    connection::{
        AnsiTransactionManager, Connection as _, Instrumentation, SimpleConnection,
        TransactionManager,
    },
    pg::PgConnection,
    sqlite::SqliteConnection,
};

use crate::error::Result;

/// A connection inside a transaction.
#[expect(
    missing_debug_implementations,
    reason = "neither have the connections of diesel"
)]
pub enum Conn {
    /// `PostgreSQL`.
    Postgres(PgConnection),
    /// `SQLite`.
    Sqlite(SqliteConnection),
}

/// Runs one query on whichever database `$conn` is: written once, compiled for both.
macro_rules! on {
    ($conn:expr, |$c:ident| $body:expr) => {
        match $conn {
            $crate::store::Conn::Postgres($c) => $body,
            $crate::store::Conn::Sqlite($c) => $body,
        }
    };
}
pub(crate) use on;

impl Conn {
    /// Runs statements that take no values and answer nothing.
    pub(super) fn execute(&mut self, statements: &str) -> Result<()> {
        Ok(on!(self, |c| c.batch_execute(statements))?)
    }

    /// Lets `instrumentation` see each statement begin and end.
    pub(super) fn watch(&mut self, instrumentation: impl Instrumentation) {
        on!(self, |c| c.set_instrumentation(instrumentation));
    }

    /// Begins a transaction with the given statement.
    pub(super) fn begin(&mut self, statement: &str) -> Result<()> {
        Ok(on!(self, |c| {
            AnsiTransactionManager::begin_transaction_sql(c, statement)
        })?)
    }

    /// Commits the transaction.
    pub(super) fn commit(&mut self) -> Result<()> {
        Ok(on!(self, |c| AnsiTransactionManager::commit_transaction(
            c
        ))?)
    }

    /// Undoes the transaction.
    pub(super) fn rollback(&mut self) -> Result<()> {
        Ok(on!(
            self,
            |c| AnsiTransactionManager::rollback_transaction(c)
        )?)
    }
}
