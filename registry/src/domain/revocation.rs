//! Revocations: which one decides, and what `revoke_at`, `revoke_in` and `restore` may say.

use std::time::Duration;

use serde::Serialize;

use super::{limit, name, time::Time};
use crate::error::{Error, Result};

/// A version's revocation, its own or inherited from an ancestor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Revocation {
    /// The revoked version.
    pub version_id: String,
    /// The version that was revoked by somebody; equal to `version_id` when this is its own.
    pub source_id: String,
    /// The bucket of the source, as it was called.
    pub source_bucket_name: String,
    /// The name of the source, such as `v3`.
    pub source_version_name: String,
    /// The fingerprint of the source.
    pub source_fingerprint: String,
    /// From when on it is in force.
    pub revoke_at: Time,
    /// Who revoked.
    pub author_id: String,
    /// Why.
    pub message: String,
    /// Whether channels that hold the version stay on it.
    pub keep_channels: bool,
    /// Whether what happens when it comes into force has been done.
    pub settled: bool,
    /// When it was recorded.
    pub created_at: Time,
}

impl Revocation {
    /// Whether it is the version's own, not an inherited one.
    pub fn own(&self) -> bool {
        self.version_id == self.source_id
    }

    /// Whether its time has come.
    pub fn in_force(&self, now: Time) -> bool {
        self.revoke_at <= now
    }
}

/// The revocation that decides: the earliest, and of two at the same time the version's own, else the one that
/// was recorded first.
pub fn effective<'a>(
    revocations: impl IntoIterator<Item = &'a Revocation>,
) -> Option<&'a Revocation> {
    revocations
        .into_iter()
        .min_by_key(|r| (r.revoke_at, !r.own(), r.created_at, r.source_id.as_str()))
}

/// What an update of a version asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionChange {
    /// Nothing at all.
    Nothing,
    /// Complete it now.
    Complete,
    /// Revoke it, now or later.
    Revoke(Revoke),
    /// Make it valid again.
    Restore,
}

/// How to revoke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoke {
    /// From when on.
    pub at: When,
    /// Why; may be empty.
    pub message: String,
    /// Whether descendants that exist are spared.
    pub spare_descendants: bool,
    /// Whether channels stay on a version that is revoked.
    pub keep_channels: bool,
}

/// A moment given as such or as a distance from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// At this moment.
    At(Time),
    /// This long from the moment of the request.
    In(Duration),
}

impl When {
    /// Reads the moment from what was sent, if anything was; `field` is the name of the distance.
    ///
    /// # Errors
    /// [`Error::Invalid`] when both are given, or the distance is none.
    pub fn parse(at: Option<Time>, (field, span): (&'static str, &str)) -> Result<Option<Self>> {
        match (at, span) {
            (Some(_), text) if !text.is_empty() => Err(Error::invalid(
                field,
                "cannot be given together with revoke_at",
            )),
            (Some(at), _) => Ok(Some(Self::At(at))),
            (None, "") => Ok(None),
            (None, text) => Ok(Some(Self::In(parse_span(field, text)?))),
        }
    }

    /// The moment that is meant; one that has passed is kept as it was sent.
    pub fn resolve(self, now: Time) -> Time {
        match self {
            Self::At(at) => at,
            Self::In(duration) => now.after(duration),
        }
    }
}

/// The fields of an update of a version, as sent.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the wire has them as they are here"
)]
pub struct VersionFields {
    /// Complete it.
    pub complete: bool,
    /// Restore it.
    pub restore: bool,
    /// Revoke at; `None` also for the year 1, which Go clients send for "not set".
    pub revoke_at: Option<Time>,
    /// Revoke in, such as `30d` or `2h45m`; empty for "not set".
    pub revoke_in: String,
    /// Why.
    pub message: String,
    /// Spare descendants.
    pub spare_descendants: bool,
    /// Leave channels where they are.
    pub keep_channels: bool,
}

impl VersionFields {
    /// Reads what is wanted from the fields.
    ///
    /// # Errors
    /// [`Error::Invalid`] for fields that contradict each other or do not parse.
    pub fn parse(self) -> Result<VersionChange> {
        name::check_text("revocation_message", &self.message, limit::MESSAGE)?;
        let at = When::parse(self.revoke_at, ("revoke_in", &self.revoke_in))?;
        match (self.restore, at, self.complete) {
            (true, Some(_), _) => Err(Error::invalid(
                "restore",
                "cannot be given together with revoke_at or revoke_in",
            )),
            (true, None, true) | (false, Some(_), true) => Err(Error::invalid(
                "complete",
                "cannot be given together with a revocation or restore",
            )),
            (true, None, false) => Ok(VersionChange::Restore),
            (false, Some(at), false) => Ok(VersionChange::Revoke(Revoke {
                at,
                message: self.message,
                spare_descendants: self.spare_descendants,
                keep_channels: self.keep_channels,
            })),
            (false, None, true) => Ok(VersionChange::Complete),
            (false, None, false) => Ok(VersionChange::Nothing),
        }
    }
}

/// A hundred thousand days: beyond that a span is a mistake, and sums stay far from overflow.
const LONGEST: f64 = 100_000.0 * 86_400.0;

/// Reads a span such as `0s`, `30d`, `1.5h` or `2h45m`.
///
/// # Errors
/// [`Error::Invalid`] for anything else.
pub fn parse_span(field: &'static str, text: &str) -> Result<Duration> {
    let bad = || {
        Error::invalid(
            field,
            "must be a span such as 30d, 12h, 1.5h or 2h45m (units d, h, m, s)",
        )
    };
    if text.starts_with('-') {
        return Err(Error::invalid(field, "must not be negative"));
    }
    let mut seconds = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .ok_or_else(bad)?;
        let (amount, tail) = rest.split_at_checked(end).ok_or_else(bad)?;
        let mut characters = tail.chars();
        let unit = match characters.next() {
            Some('s') => 1.0,
            Some('m') => 60.0,
            Some('h') => 3_600.0,
            Some('d') => 86_400.0,
            _ => return Err(bad()),
        };
        if !amount.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(bad());
        }
        seconds += amount.parse::<f64>().map_err(|_| bad())? * unit;
        rest = characters.as_str();
    }
    if text.is_empty() || seconds > LONGEST {
        return Err(bad());
    }
    Ok(Duration::from_secs_f64(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn revocation(source: &str, at: i64) -> Revocation {
        Revocation {
            version_id: "v".into(),
            source_id: source.into(),
            source_bucket_name: String::new(),
            source_version_name: String::new(),
            source_fingerprint: String::new(),
            revoke_at: Time::from_micros(at),
            author_id: String::new(),
            message: String::new(),
            keep_channels: false,
            settled: false,
            created_at: Time::from_micros(0),
        }
    }

    #[test]
    fn the_earliest_decides_and_on_a_tie_the_own() {
        let rows = [revocation("a", 5), revocation("v", 5), revocation("b", 9)];
        assert_eq!(effective(&rows).unwrap().source_id, "v");
        let rows = [revocation("v", 6), revocation("a", 5)];
        assert_eq!(effective(&rows).unwrap().source_id, "a");
        assert!(effective([]).is_none());
    }

    #[test]
    fn spans_are_read() {
        let seconds = |text| parse_span("revoke_in", text).unwrap().as_secs();
        assert_eq!(seconds("0s"), 0);
        assert_eq!(seconds("30d"), 30 * 86_400);
        assert_eq!(seconds("2h45m"), 9_900);
        assert_eq!(seconds("1.5h"), 5_400);
        for bad in [
            "",
            "5",
            "d",
            "-1h",
            "1w",
            "1h ",
            ".h",
            "1..5h",
            "999999999d",
            "٣d",
        ] {
            assert!(parse_span("revoke_in", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn fields_that_contradict_each_other_are_refused() {
        let both = VersionFields {
            revoke_at: Some(Time::from_micros(1)),
            revoke_in: "1h".into(),
            ..VersionFields::default()
        };
        assert!(both.parse().is_err());
        let restore = VersionFields {
            restore: true,
            revoke_in: "1h".into(),
            ..VersionFields::default()
        };
        assert!(restore.parse().is_err());
        assert_eq!(
            VersionFields::default().parse().unwrap(),
            VersionChange::Nothing
        );
    }
}
