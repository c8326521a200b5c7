//! What all requests and jobs of one server share.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use crate::{
    auth::{link::LinkKey, password::Passwords, slow_down::SlowDown, token::KeyRing},
    cache::Cache,
    config::{Retention, TrustedProxies},
    domain::time::{Clock, Time},
    error::{Error, Result},
    seal::MasterKey,
    store::Store,
    telemetry::metrics::Metrics,
};

/// One running server.
#[expect(
    missing_debug_implementations,
    reason = "it holds the keys that sign tokens"
)]
pub struct State {
    /// The database.
    pub store: Store,
    /// What is kept in memory.
    pub cache: Cache,
    /// The time.
    pub clock: Clock,
    /// What signs and checks tokens.
    pub keys: KeyRing,
    /// What signs links that need no token.
    pub links: LinkKey,
    /// How many large bodies are taken at once.
    pub uploads: Uploads,
    /// Who failed to sign in lately.
    pub sign_ins: Mutex<SlowDown>,
    /// Makes and checks the hashes of passwords.
    pub passwords: Passwords,
    /// What seals values that must be read back.
    pub seal: MasterKey,
    /// How clients reach this registry, such as `https://registry.example.com`, without a slash at its end:
    /// every absolute address begins with it.
    pub public_url: String,
    /// Whether browsers are told to come by TLS alone.
    pub strict_transport: bool,
    /// What is counted.
    pub metrics: Metrics,
    /// Wakes the jobs before their time.
    pub jobs: Wake,
    /// Whose word on where a request came from is believed.
    pub trusted_proxies: TrustedProxies,
    /// After how long without a heartbeat a running build counts as gone.
    pub heartbeat_timeout: Duration,
    /// What goes when it is old, and when that was looked for last.
    pub retention: Keeping,
    /// Whether the server is going down: readiness says no, requests are still answered.
    pub draining: Draining,
}

/// How long after a start it is looked for what is old.
const FIRST_LOOK: Duration = Duration::from_mins(1);

/// What goes when it is old.
#[derive(Debug)]
pub struct Keeping {
    /// At what age.
    pub ages: Retention,
    /// The folder that old events are moved to.
    pub archive: PathBuf,
    /// Seconds since 1970 of the next look; looking costs a walk over much that is stored.
    due: AtomicI64,
}

impl Keeping {
    /// With this archive; the first look is due some time after the start, so as not to delay it.
    pub fn new(ages: Retention, archive: PathBuf, start: Time) -> Self {
        Self {
            ages,
            archive,
            due: AtomicI64::new(start.after(FIRST_LOOK).seconds()),
        }
    }

    /// Whether to look now; if so, the next look is due after `pause`.
    pub fn is_due(&self, now: Time, pause: Duration) -> bool {
        let due = self.due.load(Ordering::Acquire) <= now.seconds();
        if due {
            let next = now.after(pause).seconds();
            self.due.store(next, Ordering::Release);
        }
        due
    }
}

/// Wakes whoever sleeps until something is due.
#[derive(Debug, Default)]
pub struct Wake(Notify);

impl Wake {
    /// Says that there may be something earlier than what is slept for.
    pub fn wake(&self) {
        self.0.notify_one();
    }

    /// Sleeps until woken, or for this long.
    pub async fn sleep(&self, most: Duration) {
        // Running out of time is the normal end.
        let _ = tokio::time::timeout(most, self.0.notified()).await;
    }
}

/// Whether the server is going down, and what it still answers.
#[derive(Debug, Default)]
pub struct Draining {
    on: AtomicBool,
    in_flight: AtomicUsize,
}

/// A request that is being answered, until this is dropped.
#[derive(Debug)]
pub struct InFlight<'a>(&'a Draining);

impl Draining {
    /// From now on it is.
    pub fn begin(&self) {
        self.on.store(true, Ordering::Release);
    }

    /// Whether it is.
    pub fn is_on(&self) -> bool {
        self.on.load(Ordering::Acquire)
    }

    /// Counts a request.
    pub fn enter(&self) -> InFlight<'_> {
        self.in_flight.fetch_add(1, Ordering::AcqRel);
        InFlight(self)
    }

    /// Whether every request has been answered.
    pub fn is_done(&self) -> bool {
        self.in_flight.load(Ordering::Acquire) == 0
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::AcqRel);
    }
}

/// How many large documents are taken at once: what each needs while it is read is memory by the
/// hundreds of megabytes.
#[derive(Debug)]
pub struct Uploads {
    bodies: Arc<Semaphore>,
    readings: Arc<Semaphore>,
}

impl Uploads {
    /// Bodies that are in memory at once.
    const BODIES: usize = 8;
    /// Documents that are expanded and read at once.
    const READINGS: usize = 2;
    /// How long an upload waits for its turn.
    const PATIENCE: Duration = Duration::from_mins(1);

    /// Waits until there is room for one more body, which there is until the permit is dropped.
    ///
    /// # Errors
    /// [`Error::TooMany`] when it takes too long.
    pub async fn body(&self) -> Result<OwnedSemaphorePermit> {
        Self::turn(&self.bodies).await
    }

    /// Waits until one more document may be read, which it may until the permit is dropped.
    ///
    /// # Errors
    /// [`Error::TooMany`] when it takes too long.
    pub async fn reading(&self) -> Result<OwnedSemaphorePermit> {
        Self::turn(&self.readings).await
    }

    async fn turn(turns: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit> {
        let turn = turns.clone().acquire_owned();
        match tokio::time::timeout(Self::PATIENCE, turn).await {
            Ok(permit) => permit.map_err(Error::internal),
            Err(_) => Err(Error::TooMany(Duration::from_secs(5))),
        }
    }
}

impl Default for Uploads {
    fn default() -> Self {
        Self {
            bodies: Arc::new(Semaphore::new(Self::BODIES)),
            readings: Arc::new(Semaphore::new(Self::READINGS)),
        }
    }
}
