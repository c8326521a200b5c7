//! The program `touchmark`, as people and scripts meet it: exit code, standard output, standard error.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::too_many_lines,
    reason = "a helper of tests that cannot go on has failed, and most lines of a test are its snapshots"
)]

mod artifacts;
mod auth;
mod buckets;
mod channels;
mod completion;
mod doctor;
mod events;
mod examples;
mod failures;
mod follow;
mod program;
mod prompts;
mod resolve;
mod revocations;
mod sboms;
mod seed;
mod shapes;
mod shell;
mod versions;
