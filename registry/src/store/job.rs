//! A piece of work on its way to a database thread, and its answer on the way back.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

use tokio::sync::oneshot;

use super::Conn;
use crate::error::{Error, Result};

/// What a run came to, for the thread that must end the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Commit it.
    Keep,
    /// Undo it; the refusal is the answer.
    Undo,
    /// Undo it and run it again: another transaction got in the way.
    Again,
    /// The database itself failed: disk full, I/O error, connection lost.
    Broken,
}

/// A piece of work whose answer's type is not known here.
pub(super) trait Job: Send {
    /// Takes the work up. `false` when nobody waits for it any more.
    fn begin(&self) -> bool;
    /// Runs it inside a transaction that the caller began, and keeps the answer.
    fn run(&mut self, conn: &mut Conn) -> Outcome;
    /// Sends the answer; `ended` says what became of the transaction.
    fn finish(self: Box<Self>, ended: Result<()>);
}

const WAITING: u8 = 0;
const BEGUN: u8 = 1;
const WITHDRAWN: u8 = 2;
const GIVEN_UP: u8 = 3;

/// The waiting side's hold on a piece of work.
pub(super) struct Ticket(Arc<AtomicU8>);

impl Ticket {
    /// Takes the work back. `false` when it has begun already.
    pub(super) fn withdraw(&self) -> bool {
        change(&self.0, WITHDRAWN)
    }

    /// Says that nobody waits any more for work that has begun: its caller will be told that it failed,
    /// so it had better not be committed.
    pub(super) fn give_up(&self) {
        self.0.store(GIVEN_UP, Ordering::Release);
    }
}

fn change(state: &AtomicU8, to: u8) -> bool {
    state
        .compare_exchange(WAITING, to, Ordering::AcqRel, Ordering::Acquire)
        .is_ok()
}

/// A closure, the place of its answer, and whom to tell.
pub(super) struct Call<T, F> {
    work: F,
    answer: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
    state: Arc<AtomicU8>,
}

impl<T, F> Call<T, F> {
    /// Packs `work` up: the job, where its answer arrives, and the ticket to take it back.
    pub(super) fn new(work: F) -> (Self, oneshot::Receiver<Result<T>>, Ticket) {
        let (reply, receiver) = oneshot::channel();
        let state = Arc::new(AtomicU8::new(WAITING));
        let ticket = Ticket(Arc::clone(&state));
        (
            Self {
                work,
                answer: None,
                reply,
                state,
            },
            receiver,
            ticket,
        )
    }
}

impl<T: Send, F: FnMut(&mut Conn) -> Result<T> + Send> Job for Call<T, F> {
    fn begin(&self) -> bool {
        change(&self.state, BEGUN)
    }

    fn run(&mut self, conn: &mut Conn) -> Outcome {
        let work = &mut self.work;
        // A panic must neither end the thread nor commit: it becomes an error like any other.
        let answer = catch_unwind(AssertUnwindSafe(|| work(conn)))
            .unwrap_or_else(|_| Err(Error::internal("a database operation panicked")));
        if self.state.load(Ordering::Acquire) == GIVEN_UP {
            // Neither kept nor run again.
            self.answer = Some(Err(Error::Unavailable("it was given up".into())));
            return Outcome::Undo;
        }
        let outcome = match &answer {
            Ok(_) => Outcome::Keep,
            Err(Error::Retry) => Outcome::Again,
            Err(Error::Unavailable(_)) => Outcome::Broken,
            Err(_) => Outcome::Undo,
        };
        self.answer = Some(answer);
        outcome
    }

    fn finish(self: Box<Self>, ended: Result<()>) {
        let answer = match (ended, self.answer) {
            // A refusal stays what it was, whatever became of the transaction around it.
            (_, Some(Err(refusal))) => Err(refusal),
            (Ok(()), Some(answer)) => answer,
            (Ok(()), None) => Err(Error::internal("a database operation was not run")),
            (Err(error), _) => Err(error),
        };
        // Nobody listens when the caller has gone away; the work is done all the same.
        drop(self.reply.send(answer));
    }
}
