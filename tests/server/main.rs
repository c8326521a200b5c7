//! The server from its first start to its end, through the library and through the real programs.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a helper of tests that cannot go on has failed"
)]

mod backup;
mod certificates;
mod check;
mod commands;
mod demo;
mod drain;
mod first_start;
mod health;
mod http;
mod hygiene;
mod jobs;
mod log;
mod metrics;
mod recover;
mod refusals;
mod restart;
mod retention;
mod settings;
mod tale;
mod versions;
