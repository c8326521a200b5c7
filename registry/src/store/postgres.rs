//! `PostgreSQL`: threads that own a connection each and open it again when it was lost.

use std::{
    sync::{Arc, atomic::Ordering},
    thread,
    time::Duration,
};

use diesel::{Connection as _, pg::PgConnection};

use super::{
    Busy, Changes, Conn, Health, Threads,
    crew::{self, Post, Statements, Worker},
    job::{Job, Outcome},
};
use crate::error::{Error, Result};

/// Threads, and so connections, that read.
const READERS: usize = 4;
/// Threads, and so connections, that write.
const WRITERS: usize = 8;
/// Work that may wait for a thread; more is refused at once.
const QUEUE: usize = 4_096;
/// How often work is run again when another transaction got in the way.
const ATTEMPTS: u32 = 8;

const READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
const WRITE: &str = "BEGIN";

/// No statement may hang: not on a lock, not on a lost network.
const SETTINGS: &str = "SET lock_timeout = '5s'; SET statement_timeout = '8s'; \
     SET idle_in_transaction_session_timeout = '20s'; SET synchronous_commit = on;";
/// A writer whose words the network swallowed must not keep its locks. Nothing here pauses between the
/// statements of a transaction that writes.
const WRITER_SETTINGS: &str = "SET idle_in_transaction_session_timeout = '2s';";

type Queue = flume::Sender<Box<dyn Job>>;

/// Brings the database up to date and starts the threads: queues of the readers and the writers.
pub(super) fn open(
    url: &str,
    prepare: fn(&mut Conn) -> Result<()>,
    (health, changes): (&Arc<Health>, &Arc<Changes>),
    threads: &mut Threads,
) -> Result<(Queue, Queue)> {
    let url = with_timeouts(url)?;
    prepare(&mut establish(&url)?)?;
    let (read, reads) = flume::bounded(QUEUE);
    let (write, writes) = flume::bounded(QUEUE);
    let mut posts = Vec::with_capacity(READERS + WRITERS);
    for (queue, begin, count) in [(reads, READ, READERS), (writes, WRITE, WRITERS)] {
        let kind = if begin == READ { "read" } else { "write" };
        posts.extend((0..count).map(|number| Post {
            name: format!("postgres-{kind}-{number}"),
            url: url.clone(),
            begin,
            queue: queue.clone(),
            health: Arc::clone(health),
            changes: Arc::clone(changes),
        }));
    }
    let (sender, in_use) = flume::bounded(0);
    threads.in_use = Some(sender);
    threads.start("postgres".into(), move || {
        crew::supervise(posts, &in_use, serve);
    })?;
    Ok((read, write))
}

/// The URL with limits on how long connecting and sending may hang, unless it says so itself.
fn with_timeouts(url: &str) -> Result<String> {
    let mut url =
        url::Url::parse(url).map_err(|e| Error::refused(format!("the database URL: {e}")))?;
    for (name, value) in [
        ("connect_timeout", "2"),
        ("tcp_user_timeout", "3000"),
        ("keepalives_idle", "5"),
        ("application_name", "touchmark"),
    ] {
        if !url.query_pairs().any(|(key, _)| key == name) {
            url.query_pairs_mut().append_pair(name, value);
        }
    }
    Ok(url.into())
}

/// A connection with the settings of the server and the URL.
pub(super) fn establish(url: &str) -> Result<Conn> {
    Ok(PgConnection::establish(url)?.into())
}

/// A connection whose statements are watched, from the first one on.
fn connect(post: &Post, worker: &Arc<Worker>) -> Result<Conn> {
    let mut conn = establish(&post.url)?;
    conn.watch(Statements {
        worker: Arc::clone(worker),
        health: Arc::clone(&post.health),
    });
    conn.execute(SETTINGS)?;
    if post.begin == WRITE {
        conn.execute(WRITER_SETTINGS)?;
    }
    Ok(conn)
}

fn serve(post: &Post, worker: &Arc<Worker>) {
    let mut conn: Option<Conn> = None;
    while !worker.is_replaced()
        && let Ok(mut job) = post.queue.recv()
    {
        if !job.begin() {
            continue;
        }
        let _busy = Busy::new(&post.health);
        let ended = work(&mut conn, post, worker, job.as_mut());
        job.finish(ended);
    }
    drop_connection(&mut conn, &post.health);
}

/// Runs one job, on a fresh connection if there is none. One that turns out to be lost before anything
/// was written is replaced and the job run again.
fn work(
    slot: &mut Option<Conn>,
    post: &Post,
    worker: &Arc<Worker>,
    job: &mut dyn Job,
) -> Result<()> {
    let health = &post.health;
    for attempt in 1..=ATTEMPTS {
        if worker.is_replaced() {
            break;
        }
        let fresh = slot.is_none();
        let conn = if let Some(conn) = slot {
            conn
        } else {
            let conn = connect(post, worker)?;
            health.open.fetch_add(1, Ordering::Relaxed);
            slot.insert(conn)
        };
        if let Err(error) = conn.begin(post.begin) {
            drop_connection(slot, health);
            if fresh {
                return Err(error);
            }
            continue;
        }
        let outcome = job.run(conn);
        if worker.is_replaced() {
            break;
        }
        let ended = match outcome {
            Outcome::Keep => conn.commit(),
            _ => conn.rollback(),
        };
        // Also when it is not known what became of it.
        post.changes.note(&conn.take_changed());
        let broken = outcome == Outcome::Broken || matches!(ended, Err(Error::Unavailable(_)));
        if broken {
            drop_connection(slot, health);
        }
        match (outcome, &ended) {
            // A commit that failed by a conflict wrote nothing; any other is not known to have.
            (Outcome::Again, _) | (Outcome::Keep, Err(Error::Retry)) => {
                thread::sleep(Duration::from_millis(u64::from(attempt * attempt)));
            }
            (Outcome::Broken, _) if !fresh => {}
            _ => return ended,
        }
    }
    if worker.is_replaced() {
        // Its caller has been told that it failed, so it must not be committed.
        drop_connection(slot, health);
        return Err(Error::Unavailable("the answer came too late".into()));
    }
    Ok(())
}

fn drop_connection(slot: &mut Option<Conn>, health: &Health) {
    if slot.take().is_some() {
        health.open.fetch_sub(1, Ordering::Relaxed);
    }
}
