//! Packer's calls, in the order and with the bodies in which its releases send them,
//! and what it reads of the answers.
//!
//! [`run::Packer`] does what Packer does with an answer: where Packer would crash or abort, so does it.
//! The bodies are those that its Go client writes: keys sorted, empty ones left out, lists never.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a helper of tests that cannot go on has failed"
)]

mod ancestry;
mod data_sources;
mod endings;
mod metadata;
mod prepare;
mod publish;
mod race;
mod reading;
mod registers;
mod resume;
mod run;
