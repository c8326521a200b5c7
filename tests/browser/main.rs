//! The web pages in Debian's Chromium: stories from the first click to the last, with and without scripts; and
//! whether everybody can use and read every page.
//!
//! Needs `chromium`, `chromium-driver`, and axe-core, whose `axe.min.js` the variable `AXE_CORE` names. Where something
//! is missing that is said; with `REQUIRE_BROWSER=1` it is a failure. Screenshots go to `target/screenshots`.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a helper of tests that cannot go on has failed"
)]

mod axe;
mod chromium;
mod looks;
mod stories;
