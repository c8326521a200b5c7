//! The test bench: real servers, each with a database of its own, and callers as values.
//!
//! [`TestServer::start`] goes the way that production goes, on port 0 and with a clock that stands
//! still. `TEST_DATABASE_URL` (a PostgreSQL URL whose role may create databases) decides which database
//! the tests run on; without it that is SQLite.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a bench that cannot go on panics, and says what it expected"
)]

mod binary;
mod database;
mod documents;
pub mod invariants;
mod machine;
pub mod pages;
mod people;
mod process;
mod proxy;
mod rows;
mod server;
mod shown;
mod story;
mod visitor;

pub use binary::{installed, program, skipped};
pub use database::{TestDatabase, variable};
pub use documents::{frame, upload, upload_of};
pub use machine::Machine;
pub use process::{Ended, Process};
pub use proxy::{Network, Proxy};
pub use server::{Options, TestServer};
pub use shown::{refusal, shown};
pub use story::{RUN, Story, artifact, done};
pub use touchmark_client::{Answer, BoardFilter, Client, Error, EventFilter, Part};
pub use touchmark_wire as wire;
pub use visitor::Visitor;
