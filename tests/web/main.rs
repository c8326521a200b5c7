//! Pages.
#![expect(
    clippy::expect_used,
    reason = "a helper of tests that cannot go on has failed"
)]

mod actions;
