//! Races: many callers at once, on one node and on two nodes of one `PostgreSQL`.
//!
//! Every race is run several rounds. None waits for a moment by sleeping: callers start together behind
//! a barrier, and what must hold holds in whatever order they get through.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a helper of tests that cannot go on has failed"
)]

mod arena;
mod assignments;
mod buckets;
mod builds;
mod builds_and_more;
mod revocations;
mod start;
mod versions;
