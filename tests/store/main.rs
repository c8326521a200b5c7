//! The store and the event log, on the database itself.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a helper of tests that cannot go on has failed"
)]

mod batches;
mod events;
mod events_of_access;
mod events_of_revocation;
mod look;
mod refusals;
mod schema;
mod snapshots;
mod story;
mod times;
mod upgrade;
