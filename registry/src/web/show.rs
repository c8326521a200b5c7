//! How single values are shown: times, ids, states, people.

use std::{collections::HashMap, fmt};

use askama::filters::HtmlSafe;

use crate::{
    domain::{time::Time, version::VersionStatus},
    error::Result,
    store::{Conn, principals},
};

/// Characters at the end of an id that are always shown.
const TAIL: usize = 6;

/// An id, which is shortened in the middle where there is no room.
pub(super) struct Id {
    /// All of it.
    pub(super) whole: String,
    /// What may be shortened.
    pub(super) start: String,
    /// What is always shown.
    pub(super) end: String,
}

impl Id {
    /// Of a text.
    pub(super) fn new(whole: String) -> Self {
        let at = whole.len().saturating_sub(TAIL);
        let (start, end) = whole.split_at(whole.floor_char_boundary(at));
        Self {
            start: start.to_owned(),
            end: end.to_owned(),
            whole,
        }
    }
}

/// The state of a version: a shape, a word and a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct State(VersionStatus);

impl State {
    /// Of a version.
    pub(super) const fn of(status: VersionStatus) -> Self {
        Self(status)
    }

    /// By which the style sheet knows it.
    pub(super) const fn class(self) -> &'static str {
        match self.0 {
            VersionStatus::Running => "building",
            VersionStatus::Cancelled => "cancelled",
            VersionStatus::Failed => "failed",
            VersionStatus::Incomplete => "unknown",
            VersionStatus::Active => "calm",
            VersionStatus::RevocationScheduled => "scheduled",
            VersionStatus::Revoked => "revoked",
        }
    }

    /// Its shape, where the style sheet cannot draw it.
    pub(super) const fn shape(self) -> &'static str {
        match self.0 {
            VersionStatus::Running => "…",
            VersionStatus::Cancelled => "–",
            VersionStatus::Incomplete => "○",
            VersionStatus::Active => "●",
            VersionStatus::RevocationScheduled => "◷",
            VersionStatus::Failed | VersionStatus::Revoked => "✕",
        }
    }

    /// What people read.
    pub(super) const fn word(self) -> &'static str {
        match self.0 {
            VersionStatus::Running => "building",
            VersionStatus::Cancelled => "cancelled",
            VersionStatus::Failed => "failed",
            VersionStatus::Incomplete => "incomplete",
            VersionStatus::Active => "active",
            VersionStatus::RevocationScheduled => "revocation scheduled",
            VersionStatus::Revoked => "revoked",
        }
    }
}

/// The names of those who did something, by id; who is gone, or is the registry itself, is shown as stored.
pub(super) struct Authors(HashMap<String, String>);

impl Authors {
    /// Of these ids.
    pub(super) fn of(
        conn: &mut Conn,
        organization_id: &str,
        ids: impl IntoIterator<Item = String>,
    ) -> Result<Self> {
        let ids: std::collections::BTreeSet<String> = ids.into_iter().collect();
        let ids: Vec<String> = ids.into_iter().collect();
        let found = principals::by_ids(conn, organization_id, &ids)?;
        let names = found.into_iter().map(|found| (found.id, found.name));
        Ok(Self(names.collect()))
    }

    /// The name of one.
    pub(super) fn name(&self, id: &str) -> String {
        self.0.get(id).map_or(id, String::as_str).to_owned()
    }
}

/// A moment, as long ago or ahead as it is, with the absolute time (UTC) when one points at it.
pub(super) struct When {
    at: Time,
    now: Time,
}

impl When {
    /// A moment as seen now.
    pub(super) const fn new(at: Time, now: Time) -> Self {
        Self { at, now }
    }

    /// A moment in microseconds since 1970.
    pub(super) const fn micros(at: i64, now: Time) -> Self {
        Self::new(Time::from_micros(at), now)
    }
}

impl HtmlSafe for When {}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = chrono::DateTime::from_timestamp(self.at.seconds(), 0).unwrap_or_default();
        let machine = at.format("%Y-%m-%dT%H:%M:%SZ");
        let people = at.format("%Y-%m-%d %H:%M:%S UTC");
        let distance = distance(self.at, self.now);
        write!(
            f,
            r#"<time datetime="{machine}" title="{people}">{distance}</time>"#
        )
    }
}

/// How far a moment is from another, in one unit.
pub(super) fn distance(at: Time, now: Time) -> String {
    let (ahead, seconds) = if at > now {
        (true, now.until(at).as_secs())
    } else {
        (false, at.until(now).as_secs())
    };
    let text = match seconds {
        0..60 => return if ahead { "in a moment" } else { "just now" }.into(),
        60..5_400 => format!("{} min", (seconds + 30) / 60),
        5_400..129_600 => format!("{} h", (seconds + 1_800) / 3_600),
        129_600..5_184_000 => format!("{} days", (seconds + 43_200) / 86_400),
        5_184_000..63_072_000 => format!("{} months", seconds / 2_628_000),
        _ => format!("{} years", seconds / 31_536_000),
    };
    if ahead {
        format!("in {text}")
    } else {
        format!("{text} ago")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: Time = Time::from_micros(1_800_000_000_000_000);

    #[test]
    fn times_are_told_in_one_unit() {
        let ago = |seconds| distance(NOW.before(Duration::from_secs(seconds)), NOW);
        let told: Vec<String> = [
            0, 59, 60, 5_399, 5_400, 100_000, 200_000, 6_000_000, 70_000_000,
        ]
        .map(ago)
        .into();
        assert_eq!(
            told.join(", "),
            "just now, just now, 1 min ago, 90 min ago, 2 h ago, 28 h ago, 2 days ago, 2 months ago, 2 years ago"
        );
        let ahead = NOW.after(Duration::from_hours(72));
        assert_eq!(distance(ahead, NOW), "in 3 days");
        assert_eq!(
            When::new(ahead, NOW).to_string(),
            r#"<time datetime="2027-01-18T08:00:00Z" title="2027-01-18 08:00:00 UTC">in 3 days</time>"#
        );
    }
}
