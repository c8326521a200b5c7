//! Several real servers on one `PostgreSQL`, by themselves and behind HAProxy: what one changes the others know in
//! time, or they do not answer; what is read often costs the database nothing; and a caller behind the
//! balancer reads what they wrote.
//!
//! `REVOCATION_ROUNDS` says how many revocations are made. With `REQUIRE_HAPROXY=1` it is a failure that HAProxy is
//! not installed. `TERRAFORM_PROVIDER_HCP` is the path of a built `terraform-provider-hcp`.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a helper of tests that cannot go on has failed, and one that measured says what"
)]

mod balancer;
mod cluster;
mod moving;
mod revocations;
mod statements;
mod stories;
mod terraform;

use tokio::sync::{Mutex, MutexGuard};

use touchmark_tests::skipped;

/// Lets one test run at a time: each has several servers, and looks at how soon they know something.
async fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::const_new(());
    TURN.lock().await
}
