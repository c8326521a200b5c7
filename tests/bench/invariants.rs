//! What holds in every database whatever was done to it, looked at past the functions of the registry.

use diesel::{QueryableByName, RunQueryDsl as _, sql_query};
use touchmark_registry::{
    domain::time::Time,
    ops::check::check,
    store::{Conn, Driver, Store},
};

/// What must not be, and the query that finds it. Each names what it found in a column `text`.
const FORBIDDEN: [(&str, &str); 12] = [
    (
        "a version has a number that its bucket never gave out",
        "SELECT v.id AS text FROM versions v JOIN buckets b ON b.id = v.bucket_id \
         WHERE v.number < 1 OR v.number > b.last_number",
    ),
    (
        "two versions of a bucket have one number",
        "SELECT bucket_id AS text FROM versions WHERE number IS NOT NULL \
         GROUP BY bucket_id, number HAVING COUNT(*) > 1",
    ),
    (
        "a version is incomplete although all its builds are done",
        "SELECT v.id AS text FROM versions v WHERE v.number IS NULL \
         AND EXISTS (SELECT 1 FROM builds d WHERE d.version_id = v.id) \
         AND NOT EXISTS (SELECT 1 FROM builds d WHERE d.version_id = v.id AND d.status <> 'DONE')",
    ),
    (
        "a complete version has a build that is not done",
        "SELECT v.id AS text FROM versions v JOIN builds d ON d.version_id = v.id \
         WHERE v.number IS NOT NULL AND d.status <> 'DONE'",
    ),
    (
        "a build is done and has nothing to show for it",
        "SELECT d.id AS text FROM builds d WHERE d.status = 'DONE' AND (d.platform = '' \
         OR NOT EXISTS (SELECT 1 FROM artifacts a WHERE a.build_id = d.id))",
    ),
    (
        "a channel holds an incomplete version, or one of another bucket",
        "SELECT c.id AS text FROM channels c JOIN versions v ON v.id = c.version_id \
         WHERE v.number IS NULL OR v.bucket_id <> c.bucket_id",
    ),
    (
        "a channel holds something else than its history says",
        "SELECT c.id AS text FROM channels c WHERE COALESCE(c.version_id, '') <> COALESCE(\
         (SELECT h.version_id FROM channel_history h WHERE h.channel_id = c.id \
         ORDER BY h.sequence DESC LIMIT 1), '')",
    ),
    (
        "a channel holds a version whose revocation should have moved it",
        "SELECT c.id AS text FROM channels c JOIN revocations r ON r.version_id = c.version_id \
         WHERE r.settled AND (c.managed OR NOT r.keep_channels)",
    ),
    (
        "a bucket does not have one managed channel",
        "SELECT b.id AS text FROM buckets b WHERE \
         (SELECT COUNT(*) FROM channels c WHERE c.bucket_id = b.id AND c.managed) <> 1",
    ),
    (
        "a bucket counts its versions wrong",
        "SELECT b.id AS text FROM buckets b WHERE b.version_count <> \
         (SELECT COUNT(*) FROM versions v WHERE v.bucket_id = b.id)",
    ),
    (
        "a complete version has not exactly one event of its completion",
        "SELECT v.id AS text FROM versions v WHERE v.number IS NOT NULL AND 1 <> \
         (SELECT COUNT(*) FROM events e WHERE e.resource_id = v.id AND e.action = 'version.completed')",
    ),
    (
        "an event has a revision that its bucket has not reached",
        "SELECT e.id AS text FROM events e JOIN buckets b ON b.id = e.bucket_id \
         WHERE e.revision > b.revision",
    ),
];

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = diesel::sql_types::Text)]
    text: String,
}

/// What the registry's own check finds; empty when all is well.
///
/// # Panics
/// When the database cannot be read.
pub async fn findings(store: &Store, now: Time) -> Vec<String> {
    let found = check(store, now).await;
    let found = found.expect("a database that can be read");
    found.iter().map(ToString::to_string).collect()
}

/// The same, and whatever else in the database must not be.
///
/// # Panics
/// When the database cannot be read.
pub async fn violations(store: &Store, now: Time) -> Vec<String> {
    let mut all = findings(store, now).await;
    let read = store.read(|conn| {
        let mut all = Vec::new();
        for (what, sql) in FORBIDDEN {
            all.extend(
                query(conn, sql)
                    .into_iter()
                    .map(|id| format!("{what}: {id}")),
            );
        }
        if let Driver::Sqlite(_) = conn.driver() {
            let sound = query(
                conn,
                "SELECT integrity_check AS text FROM pragma_integrity_check",
            );
            all.extend(sound.into_iter().filter(|text| text != "ok"));
        }
        Ok(all)
    });
    all.extend(read.await.expect("a database that can be read"));
    all
}

/// The number of the last event; 0 when there is none.
///
/// # Panics
/// When the database cannot be read.
pub async fn last_event(store: &Store) -> u64 {
    let sql = "SELECT CAST(COALESCE(MAX(sequence), 0) AS TEXT) AS text FROM events";
    let read = store.read(move |conn| Ok(query(conn, sql)));
    let rows = read.await.expect("a database that can be read");
    let number = rows.first().and_then(|text| text.parse().ok());
    number.expect("a number")
}

fn query(conn: &mut Conn, sql: &str) -> Vec<String> {
    let rows: Vec<Found> = match conn.driver() {
        Driver::Postgres(conn) => sql_query(sql).load(conn),
        Driver::Sqlite(conn) => sql_query(sql).load(conn),
    }
    .expect("a query that both databases understand");
    rows.into_iter().map(|row| row.text).collect()
}
