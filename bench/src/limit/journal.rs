//! Appends rows to a table, several callers with one flush: the least that a durable write costs. Neither
//! indices nor updates, which is what makes it a limit.

use std::{
    path::Path,
    sync::{Arc, mpsc},
    thread,
};

use diesel::{
    Connection as _, ExpressionMethods as _, RunQueryDsl as _, SqliteConnection,
    connection::SimpleConnection as _,
};
use tokio::sync::oneshot;

use crate::{Done, output::note};

diesel::table! {
    journal (id) {
        id -> BigInt,
        row -> Text,
    }
}

/// Callers in one commit at most, as in the registry.
const BATCH: usize = 8;

/// The same durability as the registry's.
const PREPARE: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
     PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY; \
     CREATE TABLE IF NOT EXISTS journal (id INTEGER NOT NULL PRIMARY KEY, row TEXT NOT NULL) STRICT;";

struct Job {
    rows: Arc<[usize]>,
    reply: oneshot::Sender<bool>,
}

/// The table, behind a thread that owns it.
pub(super) struct Journal(mpsc::Sender<Job>);

impl Journal {
    /// Opens the database, or makes it.
    pub(super) fn open(path: &Path) -> Done<Self> {
        let path = path.to_str().ok_or("the path must be UTF-8")?;
        let mut conn = SqliteConnection::establish(path)?;
        conn.batch_execute(PREPARE)?;
        let (sender, inbox) = mpsc::channel();
        thread::Builder::new()
            .name("journal".into())
            .spawn(move || keep(&mut conn, &inbox))?;
        Ok(Self(sender))
    }

    /// Appends rows of these sizes, and says whether they are on the disk.
    pub(super) async fn append(&self, rows: Arc<[usize]>) -> bool {
        let (reply, answer) = oneshot::channel();
        self.0.send(Job { rows, reply }).is_ok() && answer.await.unwrap_or(false)
    }
}

fn keep(conn: &mut SqliteConnection, inbox: &mpsc::Receiver<Job>) {
    let mut text = String::new();
    while let Ok(first) = inbox.recv() {
        let more = inbox.try_iter().take(BATCH - 1);
        let batch: Vec<Job> = std::iter::once(first).chain(more).collect();
        let written = conn.batch_execute("BEGIN IMMEDIATE").and_then(|()| {
            for size in batch.iter().flat_map(|job| job.rows.iter()) {
                // Long enough for any of them; what it says does not matter.
                text.extend(std::iter::repeat_n('x', size.saturating_sub(text.len())));
                let row = text.get(..*size).unwrap_or_default();
                diesel::insert_into(journal::table)
                    .values(journal::row.eq(row))
                    .execute(conn)?;
            }
            conn.batch_execute("COMMIT")
        });
        if let Err(error) = &written {
            note(&format!("error: the journal: {error}"));
            drop(conn.batch_execute("ROLLBACK"));
        }
        for job in batch {
            // Nobody listens when the caller has gone away.
            let _ = job.reply.send(written.is_ok());
        }
    }
}
