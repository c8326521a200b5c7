//! What the limit server plays: the answers of a real registry, and the rows that a real registry wrote. It
//! is recorded in each run and handed over as a file.

use serde::{Deserialize, Serialize};

/// The header that says which step of a handshake a request is; the registry does not look at it.
pub(crate) const STEP: &str = "x-bench-step";

/// All answers.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Script {
    /// The only token that is let in.
    pub(crate) token: String,
    /// What is read.
    pub(crate) reads: Vec<Read>,
    /// The steps of a handshake; none when only reads are measured.
    pub(crate) steps: Vec<Answer>,
}

/// A request that only reads, and its answer.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Read {
    /// The path, which no other read has, and the query behind it.
    pub(crate) path: String,
    /// The body of the answer.
    pub(crate) body: String,
    /// The entity tag: whoever names it has the answer already.
    pub(crate) etag: String,
}

/// What one step of a handshake answers.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: String,
    /// The sizes of the rows that the registry appended in this step; none when it only read.
    pub(crate) rows: Vec<usize>,
}
