//! Faults: the process killed, the network to the database broken, the disk full, nodes exchanged. What was
//! acknowledged stays, what is refused is refused cleanly, and work goes on when the fault is over.
//!
//! `KILL_ROUNDS` says how often the process is killed.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a helper of tests that cannot go on has failed, and one that measured says what"
)]

mod channel_reads;
mod disk;
mod kill;
mod network;
mod restarts;
mod stalls;
mod writer;
mod writings;

use touchmark_tests::skipped;
