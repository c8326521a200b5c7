//! The web pages as HTTP shows them: who gets what, what forms take, and what no page may ever hold.
#![expect(
    clippy::expect_used,
    reason = "a helper of tests that cannot go on has failed"
)]

mod account;
mod actions;
mod activity;
mod ancestry;
mod crawl;
mod forms;
mod headers;
mod hostile;
mod invitations;
mod kit;
mod look;
mod markup;
mod matrix;
mod search;
mod sign_in;
mod versions;
mod visit;
