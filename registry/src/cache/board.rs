//! The outdated boards of projects. They are kept in memory bucket by bucket, and of a board that is looked at
//! again only those buckets are read that something was changed for since.

mod known;
mod shelf;

use std::sync::Arc;

use crate::{
    domain::{
        board::{Reason, Sight, State},
        role::Action,
    },
    error::Result,
    ops::Access,
    state::State as Server,
};
use known::KnownBoard;
pub(super) use shelf::Shelf;

/// Where a board may come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// From memory, as far as nothing has changed since.
    Memory,
    /// From the database alone: whoever asks may know of changes that this node does not know of yet.
    Database,
}

/// The buckets of a project that somebody may see, the worst first.
#[derive(Debug, Clone)]
pub struct Board {
    /// The buckets.
    pub rows: Arc<[Row]>,
    /// How many there are in each state.
    pub counts: Counts,
}

/// A bucket on a board. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its id.
    pub bucket_id: Arc<str>,
    /// Its name.
    pub bucket: Arc<str>,
    /// How it is.
    pub state: State,
    /// Why, the worst first.
    pub reasons: Arc<[Reason]>,
}

/// How many buckets there are in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Somebody has to act now.
    pub act: usize,
    /// They fall behind.
    pub behind: usize,
    /// Nothing can be said of them yet.
    pub unknown: usize,
    /// All is well.
    pub calm: usize,
}

impl Counts {
    /// How many of these rows there are in each state.
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Self {
        let mut counts = Self::default();
        for row in rows {
            *match row.state {
                State::Act => &mut counts.act,
                State::Behind => &mut counts.behind,
                State::Unknown => &mut counts.unknown,
                State::Calm => &mut counts.calm,
            } += 1;
        }
        counts
    }
}

/// The board of the project that the caller is in, with the buckets that they may read.
///
/// # Errors
/// [`crate::error::Error::Forbidden`] when they may read none, and those of the database.
pub async fn board(server: &Server, access: &Access, source: Source) -> Result<Board> {
    let whole = access.check(Action::Read, None);
    let readable = |id: &str| access.check(Action::Read, Some(id)).is_ok();
    let on_buckets = access.has_bucket_roles();
    if !on_buckets {
        whole?;
        let known = KnownBoard::now(server, &access.project.id, source).await?;
        return Ok(known.seen_by_all(sight(access, None)));
    }
    let known = KnownBoard::now(server, &access.project.id, source).await?;
    let board = known.seen_by(|id| readable(id).then(|| sight(access, Some(id))));
    if board.rows.is_empty() {
        whole?;
    }
    Ok(board)
}

/// What the caller sees of a bucket, or of every bucket.
fn sight(access: &Access, bucket_id: Option<&str>) -> Sight {
    let sees = |bucket| access.check(Action::SeeRestricted, bucket).is_ok();
    if sees(None) {
        Sight::Everything
    } else if sees(bucket_id) {
        Sight::Bucket
    } else {
        Sight::Public
    }
}
