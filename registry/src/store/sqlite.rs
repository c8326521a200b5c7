//! `SQLite`: one writer thread with group commit, several readers, one file.

use std::{
    path::Path,
    sync::{Arc, atomic::Ordering},
};

use diesel::{Connection as _, sqlite::SqliteConnection};

use super::{
    Busy, Changes, Conn, Health, Signs, Threads,
    job::{Job, Outcome},
};
use crate::error::{Error, Result};

/// Reader threads, each with a connection.
const READERS: usize = 4;
/// Work that may wait for a thread; more is refused at once.
const QUEUE: usize = 4_096;
/// Closures in one commit at most. A larger batch makes all clients march in step.
const BATCH: usize = 8;
/// How often work is run again when another process holds the file.
const ATTEMPTS: usize = 5;

/// Each commit waits for the disk: WAL with anything less than FULL loses acknowledged commits when
/// the power goes.
const PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
     PRAGMA foreign_keys = ON; PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY;";
/// A reader forgets its pages whenever something was written; the system keeps them as well.
const READER_PRAGMAS: &str = "PRAGMA cache_size = -2000;";

type Queue = flume::Sender<Box<dyn Job>>;

/// Opens the file, brings it up to date and starts the threads: queues of the readers and the writer.
pub(super) fn open(
    path: &Path,
    prepare: fn(&mut Conn) -> Result<()>,
    (health, changes): (&Arc<Health>, &Arc<Changes>),
    threads: &mut Threads,
) -> Result<(Queue, Queue)> {
    let mut conn = connect(path)?;
    prepare(&mut conn)?;
    conn.watch(Signs(Arc::clone(health)));
    let (readers, to_read) = flume::bounded(QUEUE);
    let (writers, to_write) = flume::bounded(QUEUE);
    for number in 0..READERS {
        let mut reader = connect(path)?;
        reader.execute(READER_PRAGMAS)?;
        reader.watch(Signs(Arc::clone(health)));
        let to_read = to_read.clone();
        start(threads, &format!("read-{number}"), health, move |health| {
            read_loop(reader, &to_read, health);
        })?;
    }
    let changes = Arc::clone(changes);
    start(threads, "write", health, move |health| {
        write_loop(conn, &to_write, (health, &changes));
    })?;
    Ok((readers, writers))
}

pub(super) fn connect(path: &Path) -> Result<Conn> {
    let path = path
        .to_str()
        .ok_or_else(|| Error::refused("the database's path must be UTF-8"))?;
    let mut conn: Conn = SqliteConnection::establish(path)?.into();
    conn.execute(PRAGMAS)?;
    Ok(conn)
}

/// Starts a thread whose connection counts as open while it lives.
fn start(
    threads: &mut Threads,
    name: &str,
    health: &Arc<Health>,
    run: impl FnOnce(&Health) + Send + 'static,
) -> Result<()> {
    let health = Arc::clone(health);
    health.open.fetch_add(1, Ordering::Relaxed);
    threads.start(format!("sqlite-{name}"), move || {
        run(&health);
        health.open.fetch_sub(1, Ordering::Relaxed);
    })
}

fn read_loop(mut conn: Conn, queue: &flume::Receiver<Box<dyn Job>>, health: &Health) {
    while let Ok(mut job) = queue.recv() {
        if !job.begin() {
            continue;
        }
        let _busy = Busy::new(health);
        let ended = alone(&mut conn, "BEGIN", job.as_mut());
        job.finish(ended);
    }
}

/// Runs one job in a transaction of its own, again when somebody else was in the way.
fn alone(conn: &mut Conn, begin: &'static str, job: &mut dyn Job) -> Result<()> {
    for attempt in 1.. {
        if let Err(error) = conn.begin(begin) {
            if matches!(error, Error::Retry) && attempt < ATTEMPTS {
                continue;
            }
            return Err(error);
        }
        let outcome = job.run(conn);
        if outcome == Outcome::Keep {
            return conn.commit().inspect_err(|_| undo(conn));
        }
        undo(conn);
        if outcome != Outcome::Again || attempt == ATTEMPTS {
            break;
        }
    }
    // The refusal is with the job.
    Ok(())
}

fn undo(conn: &mut Conn) {
    if let Err(error) = conn.rollback() {
        tracing::debug!(%error, "nothing to undo");
    }
}

fn write_loop(
    mut conn: Conn,
    queue: &flume::Receiver<Box<dyn Job>>,
    (health, changes): (&Health, &Changes),
) {
    while let Ok(first) = queue.recv() {
        let _busy = Busy::new(health);
        let mut batch: Vec<_> = std::iter::once(first)
            .chain(queue.try_iter().take(BATCH - 1))
            .filter(|job| job.begin())
            .collect();
        let ended = match batch.as_mut_slice() {
            [] => continue,
            [job] => alone(&mut conn, "BEGIN IMMEDIATE", job.as_mut()),
            jobs => together(&mut conn, jobs),
        };
        // Also when it is not known what became of it.
        changes.note(&conn.take_changed());
        if ended.is_err() && batch.len() > 1 {
            // One failure of the disk, or one job that must run again, undid all: each on its own.
            for mut job in batch {
                let ended = alone(&mut conn, "BEGIN IMMEDIATE", job.as_mut());
                changes.note(&conn.take_changed());
                job.finish(ended);
            }
            continue;
        }
        answer(batch, &ended);
    }
}

/// Runs several jobs in one transaction, each in a savepoint, and commits them with one flush.
fn together(conn: &mut Conn, jobs: &mut [Box<dyn Job>]) -> Result<()> {
    conn.begin("BEGIN IMMEDIATE")?;
    let run = jobs.iter_mut().try_for_each(|job| {
        conn.control("SAVEPOINT job")?;
        match job.run(conn) {
            Outcome::Keep => conn.control("RELEASE job"),
            Outcome::Undo => conn.execute("ROLLBACK TO job; RELEASE job"),
            Outcome::Again | Outcome::Broken => Err(Error::Retry),
        }
    });
    run.and_then(|()| conn.commit()).inspect_err(|_| undo(conn))
}

fn answer(batch: Vec<Box<dyn Job>>, ended: &Result<()>) {
    for job in batch {
        let ended = match ended {
            Ok(()) => Ok(()),
            Err(error) => Err(Error::Unavailable(error.to_string().into())),
        };
        job.finish(ended);
    }
}
