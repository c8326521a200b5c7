//! The threads that work on `PostgreSQL`, and who watches over them: a thread that waits for an answer
//! that will never come is replaced, since nothing ends its waiting as long as the network says nothing.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use diesel::connection::{Instrumentation, InstrumentationEvent};

use super::{Changes, Health, health::trace, job::Job};

/// How long a statement may be under way while the database answers nobody, in milliseconds.
const SILENCE: u64 = 2_000;
/// How long it may be under way at all: the server's own limits come first.
const LONGEST: u64 = 12_000;
/// How often the threads are looked after.
const LOOK: Duration = Duration::from_millis(100);
/// The same when the store is gone and they are waited for.
const LAST_LOOK: Duration = Duration::from_millis(2);
/// Threads that were replaced and have not ended: beyond that many the rest has to wait.
const STRAYS: usize = 240;

/// What a thread does, and on what.
#[derive(Clone)]
pub(super) struct Post {
    pub(super) name: String,
    pub(super) url: String,
    /// How it begins a transaction.
    pub(super) begin: &'static str,
    pub(super) queue: flume::Receiver<Box<dyn Job>>,
    pub(super) health: Arc<Health>,
    pub(super) changes: Arc<Changes>,
}

/// What a thread and its supervisor tell each other.
#[derive(Debug, Default)]
pub(super) struct Worker {
    /// Since when a statement is under way, as [`Health::moment`] plus one; 0 when none is.
    statement: AtomicU64,
    replaced: AtomicBool,
}

impl Worker {
    /// Whether another thread does this one's work by now: it must not commit, and end when it can.
    pub(super) fn is_replaced(&self) -> bool {
        self.replaced.load(Ordering::Acquire)
    }

    /// Whether its statement waits for an answer that will not come.
    fn is_stuck(&self, health: &Health) -> bool {
        let since = self.statement.load(Ordering::Acquire);
        let Some(since) = since.checked_sub(1) else {
            return false;
        };
        let now = health.moment();
        let silent = now.saturating_sub(since.max(health.last_sign()));
        silent > SILENCE || now.saturating_sub(since) > LONGEST
    }
}

/// Tells the supervisor when a statement begins and ends, and takes each prompt answer for a sign of life.
pub(super) struct Statements {
    pub(super) worker: Arc<Worker>,
    pub(super) health: Arc<Health>,
}

impl Instrumentation for Statements {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        let note = |moment| self.worker.statement.swap(moment, Ordering::AcqRel);
        match event {
            InstrumentationEvent::StartQuery { query, .. } => {
                trace(query);
                note(self.health.moment() + 1);
            }
            InstrumentationEvent::FinishQuery { error, .. } => {
                let asked = note(0).checked_sub(1);
                if let (Some(asked), None) = (asked, error) {
                    self.health.sign_of(asked);
                }
            }
            _ => {}
        }
    }
}

struct Hand {
    post: Post,
    worker: Arc<Worker>,
    thread: JoinHandle<()>,
}

impl Hand {
    fn start(post: Post, serve: fn(&Post, &Arc<Worker>)) -> std::io::Result<Self> {
        let worker = Arc::new(Worker::default());
        let (of_thread, known) = (post.clone(), Arc::clone(&worker));
        let thread = thread::Builder::new()
            .name(post.name.clone())
            .spawn(move || serve(&of_thread, &known))?;
        Ok(Self {
            post,
            worker,
            thread,
        })
    }
}

/// Keeps a thread at each post until the store is gone, which `in_use` tells by having no sender left.
pub(super) fn supervise(
    posts: Vec<Post>,
    in_use: &flume::Receiver<()>,
    serve: fn(&Post, &Arc<Worker>),
) {
    let started = posts.into_iter().map(|post| Hand::start(post, serve));
    let (mut hands, failed): (Vec<_>, Vec<_>) = started.partition(Result::is_ok);
    let mut hands: Vec<Hand> = hands.drain(..).flatten().collect();
    for error in failed.into_iter().filter_map(Result::err) {
        tracing::error!(%error, "a database thread cannot be started");
    }
    let mut strays: Vec<JoinHandle<()>> = Vec::new();
    let mut ending = false;
    loop {
        if ending {
            thread::sleep(LAST_LOOK);
            hands.retain(|hand| !hand.thread.is_finished());
            if hands.is_empty() {
                return;
            }
        } else {
            ending = in_use.recv_timeout(LOOK) == Err(flume::RecvTimeoutError::Disconnected);
        }
        strays.retain(|stray| !stray.is_finished());
        for hand in &mut hands {
            if strays.len() < STRAYS && hand.worker.is_stuck(&hand.post.health) {
                replace(hand, &mut strays, serve);
            }
        }
    }
}

fn replace(hand: &mut Hand, strays: &mut Vec<JoinHandle<()>>, serve: fn(&Post, &Arc<Worker>)) {
    match Hand::start(hand.post.clone(), serve) {
        Ok(new) => {
            tracing::warn!(
                thread = hand.post.name,
                "the database does not answer, connection given up"
            );
            let old = std::mem::replace(hand, new);
            old.worker.replaced.store(true, Ordering::Release);
            strays.push(old.thread);
        }
        Err(error) => tracing::error!(%error, "a database thread cannot be replaced"),
    }
}
