//! A database that is filled at once, for measurements: whole rows, each written once, while nobody reads
//! them and no commit waits for the disk. A crash in the middle loses what was filled in. Whoever opens the
//! database later gets the usual durability.

use diesel::{QueryableByName, prelude::*, sql_types::Text};

use super::{
    Conn, Driver, Store,
    artifacts::Artifact,
    buckets::{self, Bucket},
    builds::Build,
    channels::{self, Assignment, Channel},
    events::NewEvent,
    job::Call,
    migrations, on, postgres, schema, sqlite,
    versions::Version,
};
use crate::{
    config::Database,
    domain::time::Time,
    error::{Error, Result},
};

/// Without flushes. The cache and the rarer checkpoints are for pages that are changed again and again in random
/// order.
const HASTE: &str =
    "PRAGMA synchronous = OFF; PRAGMA cache_size = -500000; PRAGMA wal_autocheckpoint = 20000;";

impl Store {
    /// [`Store::open`] for filling with [`Store::fill`].
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_for_filling(database: &Database) -> Result<Self> {
        Self::open_with(database, |conn| {
            migrations::run(conn)?;
            match conn.driver() {
                // The pragmas belong to the connection of the writer and go with it.
                Driver::Sqlite(_) => conn.execute(HASTE),
                Driver::Postgres(_) => Ok(()),
            }
        })
    }

    /// [`Store::write`] of something that takes as long as it needs and does not wait for the disk in the end.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn fill<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let away = || Error::Unavailable("the database does not answer".into());
        let (call, reply, _ticket) = Call::new(move |conn: &mut Conn| {
            forgo_flush(conn)?;
            work(conn)
        });
        self.writers.try_send(Box::new(call)).map_err(|_| away())?;
        reply.await.map_err(|_| away())?
    }
}

/// What cannot be said of a connection of `PostgreSQL` for good is said of each transaction.
fn forgo_flush(conn: &mut Conn) -> Result<()> {
    match conn.driver() {
        Driver::Postgres(_) => conn.execute(
            "SET LOCAL synchronous_commit = off; SET LOCAL statement_timeout = 0; \
             SET LOCAL idle_in_transaction_session_timeout = 0",
        ),
        Driver::Sqlite(_) => Ok(()),
    }
}

/// The indices that filling keeps up least: of the tables with the most rows, in no order of time.
const ON_SQLITE: &str = "SELECT name, sql FROM sqlite_master \
     WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('artifacts', 'events')";
const ON_POSTGRES: &str = "SELECT c.relname::text AS name, pg_get_indexdef(c.oid) AS sql \
     FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
     WHERE NOT i.indisunique AND i.indrelid IN ('artifacts'::regclass, 'events'::regclass)";

#[derive(QueryableByName)]
struct Index {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    sql: String,
}

/// A connection of its own: those of a store are given up when a statement takes long.
fn alone(database: &Database) -> Result<Conn> {
    match database {
        Database::Sqlite(path) => {
            let mut conn = sqlite::connect(path)?;
            conn.execute(HASTE)?;
            Ok(conn)
        }
        Database::Postgres(url) => {
            let mut conn = postgres::establish(url)?;
            conn.execute("SET synchronous_commit = off; SET maintenance_work_mem = '256MB'")?;
            Ok(conn)
        }
    }
}

/// Drops indices that are made sooner when all rows are there: the statements that make them again.
///
/// # Errors
/// When the database does not answer.
pub fn drop_indices(database: &Database) -> Result<Vec<String>> {
    let mut conn = alone(database)?;
    let indices: Vec<Index> = match conn.driver() {
        Driver::Sqlite(c) => diesel::sql_query(ON_SQLITE).load(c)?,
        Driver::Postgres(c) => diesel::sql_query(ON_POSTGRES).load(c)?,
    };
    for index in &indices {
        conn.execute(&format!("DROP INDEX {}", index.name))?;
    }
    Ok(indices.into_iter().map(|index| index.sql).collect())
}

/// Makes what was dropped, and lets `PostgreSQL` count what is there, as it would by itself after a while.
///
/// # Errors
/// When the database does not answer.
pub fn make_indices(database: &Database, statements: &[String]) -> Result<()> {
    let mut conn = alone(database)?;
    statements.iter().try_for_each(|sql| conn.execute(sql))?;
    match conn.driver() {
        Driver::Postgres(_) => conn.execute("ANALYZE"),
        Driver::Sqlite(_) => Ok(()),
    }
}

/// Writes whole rows: one COPY, or one prepared statement again and again.
macro_rules! write {
    ($conn:expr, $table:ident, $rows:expr, |$row:ident| $($column:ident: $value:expr,)+) => {
        match $conn.driver() {
            Driver::Postgres(c) => {
                let values = $rows.iter().map(|$row| ($(schema::$table::$column.eq($value),)+));
                let values: Vec<_> = values.collect();
                diesel::copy_from(schema::$table::table).from_insertable(values).execute(c)?;
            }
            Driver::Sqlite(c) => {
                for $row in $rows {
                    diesel::insert_into(schema::$table::table)
                        .values(($(schema::$table::$column.eq($value),)+))
                        .execute(c)?;
                }
            }
        }
    };
}

/// Writes versions.
pub fn versions(conn: &mut Conn, rows: &[Version]) -> Result<()> {
    write!(conn, versions, rows, |row|
        id: &row.id,
        bucket_id: &row.bucket_id,
        sequence: row.sequence,
        fingerprint: &row.fingerprint,
        number: row.number,
        template_type: row.template_type.as_str(),
        author_id: &row.author_id,
        created_at: row.created_at.micros(),
        updated_at: row.updated_at.micros(),
    );
    Ok(())
}

/// Writes builds.
pub fn builds(conn: &mut Conn, rows: &[Build]) -> Result<()> {
    write!(conn, builds, rows, |row|
        id: &row.id,
        version_id: &row.version_id,
        sequence: row.sequence,
        component_type: &row.component_type,
        status: row.status.as_str(),
        status_reason: &row.status_reason,
        packer_run_uuid: &row.packer_run_uuid,
        platform: &row.platform,
        source_external_identifier: &row.source_external_identifier,
        parent_version_id: &row.parent_version_id,
        parent_channel_id: &row.parent_channel_id,
        labels: row.labels.to_json(),
        metadata: &row.metadata,
        heartbeat_at: row.heartbeat_at.0.map(Time::micros),
        created_at: row.created_at.micros(),
        updated_at: row.updated_at.micros(),
    );
    Ok(())
}

/// Writes artifacts.
pub fn artifacts(conn: &mut Conn, rows: &[Artifact]) -> Result<()> {
    write!(conn, artifacts, rows, |row|
        id: &row.id,
        build_id: &row.build_id,
        position: row.position,
        external_identifier: &row.external_identifier,
        region: &row.region,
        created_at: row.created_at.micros(),
    );
    Ok(())
}

/// Writes the history of channels.
pub fn history(conn: &mut Conn, rows: &[Assignment]) -> Result<()> {
    write!(conn, channel_history, rows, |row|
        channel_id: &row.channel_id,
        sequence: row.sequence,
        assigned_at: row.assigned_at.micros(),
        author_id: &row.author_id,
        version_id: &row.version_id,
        version_name: &row.version_name,
        version_fingerprint: &row.version_fingerprint,
        number: row.number,
    );
    Ok(())
}

/// Appends events, of which nobody is told.
pub fn events(conn: &mut Conn, rows: &[NewEvent<'_>]) -> Result<()> {
    write!(conn, events, rows, |row|
        id: &row.id,
        organization_id: row.organization_id,
        project_id: row.project_id,
        bucket_id: row.bucket_id,
        revision: row.revision,
        actor_kind: row.actor_kind,
        actor_id: row.actor_id,
        actor_name: row.actor_name,
        request_id: row.request_id,
        at: row.at.micros(),
        action: row.action,
        resource_kind: row.resource_kind,
        resource_id: row.resource_id,
        resource_name: row.resource_name,
        payload: &row.payload,
        digest: &row.digest,
    );
    Ok(())
}

/// Writes back a bucket after several changes below it, and its channel `latest`.
pub fn save(conn: &mut Conn, bucket: &Bucket, latest: &Channel) -> Result<()> {
    let set = (
        schema::buckets::revision.eq(bucket.revision),
        schema::buckets::changed_at.eq(bucket.changed_at.micros()),
    );
    let row = schema::buckets::table.find(&bucket.id);
    on!(conn, |c| diesel::update(row).set(set).execute(c))?;
    buckets::save(conn, bucket)?;
    channels::save(conn, latest)
}
