//! Whether the database answers, how many connections there are, and how long work waits for an answer.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use diesel::connection::{DebugQuery, Instrumentation, InstrumentationEvent};

use super::{
    Conn,
    job::{Call, Job},
};
use crate::error::{Error, Result};

/// How long a piece of work may wait while the database answers nobody: the caller hears of it within 2 s.
const SILENCE: Duration = Duration::from_millis(1_500);
/// How long it may wait at most, however many others are answered.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is known of the database's health.
#[derive(Debug)]
pub(super) struct Health {
    pub(super) open: AtomicUsize,
    pub(super) busy: AtomicUsize,
    begun: Instant,
    /// When the database answered last, in milliseconds after `begun`.
    answered: AtomicU64,
    /// How much longer a piece of work may take that has begun when the silence has lasted too long.
    grace: Duration,
}

impl Health {
    pub(super) fn new(grace: Duration) -> Self {
        Self {
            open: AtomicUsize::new(0),
            busy: AtomicUsize::new(0),
            begun: Instant::now(),
            answered: AtomicU64::new(0),
            grace,
        }
    }

    /// Milliseconds since this was made: a moment that fits into an atomic.
    pub(super) fn moment(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Notes that the database answered somebody.
    pub(super) fn sign(&self) {
        self.answered.fetch_max(self.moment(), Ordering::Relaxed);
    }

    /// Notes that the database answered what it was asked at the moment `asked`. An answer that comes this
    /// late says nothing of now: whoever waits for the next would wait in vain.
    pub(super) fn sign_of(&self, asked: u64) {
        if u128::from(self.moment().saturating_sub(asked)) < SILENCE.as_millis() {
            self.sign();
        }
    }

    /// The moment of the last sign.
    pub(super) fn last_sign(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    /// When a piece of work that was queued at `queued` has waited in vain, as far as is known now. A
    /// database that answers others is busy, not away: a burst is worked off one by one.
    fn limit(&self, queued: Instant) -> Instant {
        let sign = self.begun + Duration::from_millis(self.last_sign());
        (sign.max(queued) + SILENCE).min(queued + PATIENCE)
    }
}

/// Queues `work` and waits for its answer, no longer than the limits.
pub(super) async fn submit<T: Send + 'static>(
    queue: &flume::Sender<Box<dyn Job>>,
    health: &Health,
    work: impl FnMut(&mut Conn) -> Result<T> + Send + 'static,
) -> Result<T> {
    let away = || Error::Unavailable("the database does not answer".into());
    let lost = |_| Error::internal("a database thread has ended");
    let (call, mut reply, ticket) = Call::new(work);
    let queued = Instant::now();
    queue.try_send(Box::new(call)).map_err(|_| away())?;
    loop {
        let limit = health.limit(queued);
        if let Ok(answer) = tokio::time::timeout_at(limit.into(), &mut reply).await {
            return answer.map_err(lost)?;
        }
        if health.limit(queued) <= Instant::now() {
            break;
        }
    }
    if ticket.withdraw() {
        return Err(away());
    }
    if let Ok(answer) = tokio::time::timeout(health.grace, &mut reply).await {
        return answer.map_err(lost)?;
    }
    ticket.give_up();
    // It may have been done in this very moment.
    reply.try_recv().unwrap_or_else(|_| Err(away()))
}

/// Marks a connection as busy while it lives.
pub(super) struct Busy<'a>(&'a Health);

impl<'a> Busy<'a> {
    pub(super) fn new(health: &'a Health) -> Self {
        health.busy.fetch_add(1, Ordering::Relaxed);
        Self(health)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Takes every answer to a statement for a sign, and shows the statements to a log of level `trace`.
pub(super) struct Signs(pub(super) Arc<Health>);

impl Instrumentation for Signs {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { query, .. } => trace(query),
            InstrumentationEvent::FinishQuery { error: None, .. } => self.0.sign(),
            _ => {}
        }
    }
}

/// Logs a statement; what is bound to it may be a secret.
pub(super) fn trace(query: &dyn DebugQuery) {
    if tracing::enabled!(tracing::Level::TRACE) {
        let text = query.to_string();
        let (statement, _) = text.split_once(" -- binds:").unwrap_or((&text, ""));
        tracing::trace!(statement);
    }
}
