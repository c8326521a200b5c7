//! The outdated board: from what is known of a bucket to whether it needs somebody, why, and what mends it.

mod facts;
mod reason;
mod rules;
#[cfg(test)]
mod tests;
mod words;

use std::time::Duration;

pub use facts::{
    Ahead, ChannelFacts, Emptied, Facts, LastFacts, ParentChannel, ParentFacts, Place, Release,
    VersionFacts,
};
pub use reason::{Kind, Missing, Page, Parent, Reason};
pub use rules::judge;

/// How long a channel may lag behind when the project does not say.
pub const GRACE: Duration = Duration::from_hours(7 * 24);
/// How long an incomplete version may stand still.
pub const STANDSTILL: Duration = Duration::from_hours(24);
/// The longest span of a rule, in seconds: a hundred years.
pub const LONGEST_SPAN: i64 = 100 * 366 * 24 * 3_600;

/// How a bucket is, the worst first; and how bad a reason is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Somebody has to act now.
    Act,
    /// It falls behind.
    Behind,
    /// Nothing can be said yet.
    Unknown,
    /// All is well.
    Calm,
}

impl State {
    /// All of them, the worst first.
    pub const ALL: [Self; 4] = [Self::Act, Self::Behind, Self::Unknown, Self::Calm];

    /// Its stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Act => "act",
            Self::Behind => "behind",
            Self::Unknown => "unknown",
            Self::Calm => "calm",
        }
    }

    /// The state of a bucket with these reasons. That nothing can be said weighs more than any of them.
    pub fn of(reasons: &[Reason]) -> Self {
        let all = || reasons.iter().map(|reason| reason.severity);
        if all().any(|severity| severity == Self::Unknown) {
            return Self::Unknown;
        }
        all().min().unwrap_or(Self::Calm)
    }

    /// The state of this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// To whom a bucket is judged: restricted channels are not there for those who may not see them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sight {
    /// Sees the restricted channels of every bucket of the project.
    Everything,
    /// Sees those of this bucket, not those of others.
    Bucket,
    /// Sees none.
    Public,
}

impl Sight {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Everything, Self::Bucket, Self::Public];
}
