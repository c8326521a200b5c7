//! Brings a database up to the newest schema, and refuses one that is newer than this program.

use diesel::sqlite::SqliteConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Conn, conn::Driver, on};
use crate::error::{Error, Result};

const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");

/// An arbitrary number that all nodes agree on: who holds it migrates.
const LOCK: i64 = 0x746f_7563_686d;

/// Applies what is missing, one process at a time.
///
/// # Errors
/// [`Error::Refused`] when the database knows a migration that this program does not.
pub(super) fn run(conn: &mut Conn) -> Result<()> {
    match conn.driver() {
        // Takes the file's write lock; each migration is a savepoint within.
        Driver::Sqlite(c) => c.immediate_transaction(on_sqlite)?,
        Driver::Postgres(_) => {
            // Another node may be at it just now, for longer than a statement may take otherwise.
            conn.execute(&format!(
                "SET lock_timeout = 0; SET statement_timeout = 0; SELECT pg_advisory_lock({LOCK})"
            ))?;
            let applied = on_postgres(conn);
            conn.execute(&format!("SELECT pg_advisory_unlock({LOCK})"))?;
            applied?;
        }
    }
    Ok(())
}

fn on_sqlite(c: &mut SqliteConnection) -> Result<()> {
    refuse_newer(
        c.applied_migrations(),
        c.pending_migrations(SQLITE),
        &SQLITE,
    )?;
    c.run_pending_migrations(SQLITE).map_err(failed)?;
    Ok(())
}

fn on_postgres(conn: &mut Conn) -> Result<()> {
    let Driver::Postgres(c) = conn.driver() else {
        return Ok(());
    };
    refuse_newer(
        c.applied_migrations(),
        c.pending_migrations(POSTGRES),
        &POSTGRES,
    )?;
    c.run_pending_migrations(POSTGRES).map_err(failed)?;
    Ok(())
}

type Found<T> = Result<Vec<T>, Box<dyn std::error::Error + Send + Sync>>;

/// Compares what the database knows with what this program knows.
fn refuse_newer<DB: diesel::backend::Backend>(
    applied: Found<diesel::migration::MigrationVersion<'static>>,
    pending: Found<Box<dyn diesel::migration::Migration<DB>>>,
    ours: &EmbeddedMigrations,
) -> Result<()>
where
    EmbeddedMigrations: diesel::migration::MigrationSource<DB>,
{
    use diesel::migration::MigrationSource;
    drop(pending);
    let known: Vec<_> = MigrationSource::<DB>::migrations(ours)
        .map_err(failed)?
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect();
    match applied
        .map_err(failed)?
        .iter()
        .map(ToString::to_string)
        .find(|version| !known.contains(version))
    {
        Some(version) => Err(Error::refused(format!(
            "the database has schema {version}, which is newer than this program ({}); start the version that wrote it, or a later one",
            env!("CARGO_PKG_VERSION"),
        ))),
        None => Ok(()),
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is what map_err hands over"
)]
fn failed(error: Box<dyn std::error::Error + Send + Sync>) -> Error {
    Error::Unavailable(format!("the database could not be brought up to date: {error}").into())
}

/// Looks whether the schema is that of this program, and changes nothing.
///
/// # Errors
/// [`Error::Refused`] when it is newer or older, or there is none.
pub(super) fn require(conn: &mut Conn) -> Result<()> {
    let pending = match conn.driver() {
        Driver::Sqlite(c) => {
            refuse_newer(
                c.applied_migrations(),
                c.pending_migrations(SQLITE),
                &SQLITE,
            )?;
            c.has_pending_migration(SQLITE)
        }
        Driver::Postgres(c) => {
            let pending = c.pending_migrations(POSTGRES);
            refuse_newer(c.applied_migrations(), pending, &POSTGRES)?;
            c.has_pending_migration(POSTGRES)
        }
    };
    if pending.map_err(failed)? {
        return Err(Error::refused(format!(
            "the database has an older schema than this program ({}); `serve` brings it up to date",
            env!("CARGO_PKG_VERSION"),
        )));
    }
    Ok(())
}

/// The migrations of this program, by name, the oldest first.
fn names() -> Result<Vec<String>> {
    let known = diesel::migration::MigrationSource::<diesel::sqlite::Sqlite>::migrations(&SQLITE);
    let known = known.map_err(failed)?;
    let names = known
        .iter()
        .map(|migration| migration.name().version().to_string());
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    Ok(names)
}

/// Whether this program knows a schema, given as the last migration that it was made by.
pub fn knows(schema: &str) -> Result<bool> {
    Ok(names()?.iter().any(|name| name == schema))
}

/// Whether that is the newest that this program knows.
pub fn is_newest(schema: &str) -> Result<bool> {
    Ok(names()?.last().is_some_and(|name| name == schema))
}

/// Whether every migration of this program has been applied, for readiness.
///
/// # Errors
/// When the database does not answer.
pub fn current(conn: &mut Conn) -> Result<bool> {
    use diesel::prelude::*;
    diesel::table! { __diesel_schema_migrations (version) { version -> Text, } }
    let applied: i64 = on!(conn, |c| __diesel_schema_migrations::table
        .count()
        .get_result(c))?;
    let known = diesel::migration::MigrationSource::<diesel::pg::Pg>::migrations(&POSTGRES)
        .map_err(failed)?;
    Ok(usize::try_from(applied).is_ok_and(|applied| applied >= known.len()))
}
