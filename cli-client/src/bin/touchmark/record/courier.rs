//! Carries a journal to the registry while a build goes on: in order, again after a while when the registry is
//! away, with a sign of life of each running build in between.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior};
use touchmark_client::wire::build::BuildStatus;

use super::entry::Entry;
use super::journal::Journal;
use super::sender::Sender;
use crate::exit::{Code, Failure, Result};

/// Pause before the registry is asked again that was away.
const PAUSE: Duration = Duration::from_secs(10);

/// The journal of a build that goes on.
#[derive(Clone)]
pub(crate) struct Courier {
    journal: Arc<Mutex<Journal>>,
    wake: mpsc::UnboundedSender<Wake>,
}

enum Wake {
    /// There is something new.
    Said,
    /// All is to be said now, and how it went.
    Flush(oneshot::Sender<Result<()>>),
}

impl Courier {
    /// Starts to carry; `beat` is the time between two signs of life.
    pub(crate) fn start(journal: Journal, sender: Sender, beat: Duration) -> Self {
        let journal = Arc::new(Mutex::new(journal));
        let (wake, woken) = mpsc::unbounded_channel();
        let round = Round {
            journal: Arc::clone(&journal),
            sender,
            running: BTreeSet::new(),
            refused: None,
        };
        tokio::spawn(round.run(woken, beat));
        Self { journal, wake }
    }

    /// The journal.
    pub(crate) fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps an entry and has it carried.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub(crate) fn say(&self, entry: Entry) -> Result<()> {
        self.journal().say(entry)?;
        // Whoever carries has ended only together with all of us.
        let _ = self.wake.send(Wake::Said);
        Ok(())
    }

    /// Removes the journal: all of it has been heard, or none of it is to be said.
    pub(crate) fn forget(&self) -> Result<()> {
        self.journal().remove()
    }

    /// Waits until all has been heard.
    ///
    /// # Errors
    /// With [`Code::Unavailable`] when the registry is away; otherwise it refused something.
    pub(crate) async fn flush(&self) -> Result<()> {
        let (answer, answered) = oneshot::channel();
        let _ = self.wake.send(Wake::Flush(answer));
        answered
            .await
            .unwrap_or_else(|_| Err(Failure::plain("the journal is not carried any more")))
    }
}

struct Round {
    journal: Arc<Mutex<Journal>>,
    sender: Sender,
    running: BTreeSet<String>,
    refused: Option<Failure>,
}

impl Round {
    async fn run(mut self, mut woken: mpsc::UnboundedReceiver<Wake>, beat: Duration) {
        let mut beats = tokio::time::interval_at(Instant::now() + beat, beat);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut retry = tokio::time::interval_at(Instant::now() + PAUSE, PAUSE);
        retry.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut away = false;
        loop {
            tokio::select! {
                wake = woken.recv() => match wake {
                    None => return,
                    // While the registry is away the next one is not asked at once.
                    Some(Wake::Said) if away => {}
                    Some(Wake::Said) => away = self.deliver().await.is_err(),
                    Some(Wake::Flush(answer)) => {
                        let delivered = self.deliver().await;
                        away = delivered.is_err();
                        let _ = answer.send(delivered);
                    }
                },
                _ = retry.tick(), if away => away = self.deliver().await.is_err(),
                _ = beats.tick() => self.beat().await,
            }
        }
    }

    async fn deliver(&mut self) -> Result<()> {
        if let Some(failure) = &self.refused {
            return Err(failure.clone());
        }
        let Self {
            journal,
            sender,
            running,
            ..
        } = self;
        let delivered = deliver(journal, sender, |entry| entry.note(running)).await;
        if let Err(failure) = &delivered
            && !failure.is(Code::Unavailable)
        {
            self.refused = Some(failure.clone());
        }
        delivered
    }

    /// A sign of life that is not heard is followed by the next one.
    async fn beat(&mut self) {
        for component in self.running.clone() {
            let _ = self.sender.status(&component, BuildStatus::Running).await;
        }
    }
}

/// Says all of a journal that has not been heard, and tells of each entry that has.
///
/// # Errors
/// With [`Code::Unavailable`] when the registry is away; otherwise it refused an entry.
async fn deliver(
    journal: &Mutex<Journal>,
    sender: &mut Sender,
    mut heard: impl FnMut(&Entry),
) -> Result<()> {
    let lock = || journal.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let next = lock().next();
        let Some((number, entry)) = next else {
            return Ok(());
        };
        sender.send(&entry).await?;
        heard(&entry);
        lock().heard(number)?;
    }
}

/// The same of a journal that nobody else writes; it is given back.
pub(crate) async fn deliver_all(journal: Journal, sender: &mut Sender) -> (Journal, Result<()>) {
    let shared = Mutex::new(journal);
    let delivered = deliver(&shared, sender, |_| {}).await;
    let journal = shared.into_inner();
    (journal.unwrap_or_else(PoisonError::into_inner), delivered)
}
