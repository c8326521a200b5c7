//! How much time the machine itself took from a test: what was late because nothing ran does not count
//! against what is tested.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

const NAP: Duration = Duration::from_millis(10);

/// Watches, until it is dropped, how late a thread wakes that only sleeps.
pub(crate) struct Stalls {
    late: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Stalls {
    pub(crate) fn watch() -> Self {
        let (late, over) = (Arc::<AtomicU64>::default(), Arc::<AtomicBool>::default());
        let (sum, end) = (Arc::clone(&late), Arc::clone(&over));
        let thread = thread::spawn(move || {
            while !end.load(Ordering::Relaxed) {
                let begun = Instant::now();
                thread::sleep(NAP);
                let more = begun.elapsed().saturating_sub(NAP).as_micros();
                sum.fetch_add(more.try_into().unwrap_or(u64::MAX), Ordering::Relaxed);
            }
        });
        Self {
            late,
            over,
            thread: Some(thread),
        }
    }

    /// The time that was lost since this began to watch.
    pub(crate) fn so_far(&self) -> Duration {
        Duration::from_micros(self.late.load(Ordering::Relaxed))
    }
}

impl Drop for Stalls {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
