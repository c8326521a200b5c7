//! The filters of the log as they stand in an address.

use chrono::{Days, NaiveDate, NaiveTime};

use super::super::{form::Query, href};
use crate::{
    domain::search::Pointer,
    error::{Error, Result},
    store::{Conn, events::Filter, versions},
};

/// Characters of a filter at most.
const LONGEST: usize = 256;

/// What was asked for, as it was typed.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    pub(super) bucket: String,
    /// Whether the bucket is that of the path.
    pub(super) bucket_given: bool,
    version: String,
    channel: String,
    actor: String,
    action: String,
    since: String,
    until: String,
}

/// A field of the form.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) value: String,
    pub(super) is_date: bool,
    pub(super) hint: &'static str,
}

/// The field that a problem is about.
pub(super) fn named(field: &str) -> &'static str {
    let mut known = NAMES.into_iter();
    known.find(|name| *name == field).unwrap_or("bucket")
}

const NAMES: [&str; 7] = [
    "bucket", "version", "channel", "actor", "action", "since", "until",
];

impl Asked {
    pub(super) fn of(query: &Query) -> Self {
        let text = |name: &str| query.text(name).trim().to_owned();
        Self {
            bucket: text("bucket"),
            bucket_given: false,
            version: text("version"),
            channel: text("channel"),
            actor: text("actor"),
            action: text("action"),
            since: text("since"),
            until: text("until"),
        }
    }

    /// The filters by name, without the bucket of a path.
    fn pairs(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let values = [
            if self.bucket_given { "" } else { &self.bucket },
            &self.version,
            &self.channel,
            &self.actor,
            &self.action,
            &self.since,
            &self.until,
        ];
        NAMES.into_iter().zip(values)
    }

    /// Whether anything narrows the list.
    pub(super) fn any(&self) -> bool {
        self.pairs().any(|(_, value)| !value.is_empty())
    }

    /// The address of the same as a file.
    pub(super) fn address(&self, path: &str, format: &str) -> String {
        let set = self.pairs().filter(|(_, value)| !value.is_empty());
        let set = set.map(|(name, value)| format!("{name}={}&", href::encoded(value)));
        format!("{path}?{}format={format}", set.collect::<String>())
    }

    /// The form, filled in.
    pub(super) fn fields(&self) -> Vec<Field> {
        let field = |(name, value): (&'static str, &str)| {
            let (label, hint) = match name {
                "bucket" => ("Bucket", ""),
                "version" => ("Version", ""),
                "channel" => ("Channel", ""),
                "actor" => ("Who", ""),
                "action" => ("What", ""),
                "since" => ("From", "UTC"),
                _ => ("To", "UTC"),
            };
            Field {
                name,
                label,
                hint,
                value: value.to_owned(),
                is_date: matches!(name, "since" | "until"),
            }
        };
        let shown = self
            .pairs()
            .filter(|(name, _)| !self.bucket_given || *name != "bucket");
        shown.map(field).collect()
    }

    /// What the log is asked for. The bucket is not in it, nor is a version that is named by its number.
    pub(super) fn filter(&self) -> Result<Filter> {
        if let Some((name, _)) = self
            .pairs()
            .find(|(_, text)| text.chars().count() > LONGEST)
        {
            return Err(Error::invalid(name, "is too long"));
        }
        let by_number = matches!(Pointer::parse(&self.version), Some(Pointer::Number(_)));
        if by_number && self.bucket.is_empty() {
            let problem = "needs a bucket: each has its own numbers";
            return Err(Error::invalid("version", problem));
        }
        let mut filter = Filter {
            actor: self.actor.clone(),
            action: self.action.clone(),
            since: day("since", &self.since, 0)?,
            until: day("until", &self.until, 1)?,
            ..Filter::default()
        };
        match (self.version.as_str(), self.channel.as_str()) {
            ("", "") => {}
            ("", channel) => {
                "channel".clone_into(&mut filter.resource_kind);
                channel.clone_into(&mut filter.resource);
            }
            (version, "") => {
                "version".clone_into(&mut filter.resource_kind);
                version.clone_into(&mut filter.resource);
            }
            _ => {
                let problem = "cannot be asked for together with a version: nothing is about both";
                return Err(Error::invalid("channel", problem));
            }
        }
        Ok(filter)
    }

    /// Finds the fingerprint of a version that is named by its number, when it is known in which bucket.
    pub(super) fn resolve_version(&self, conn: &mut Conn, filter: &mut Filter) -> Result<()> {
        let Some(Pointer::Number(number)) = Pointer::parse(&self.version) else {
            return Ok(());
        };
        if filter.bucket_id.is_empty() {
            return Ok(());
        }
        if let Some(version) = versions::by_number(conn, &filter.bucket_id, number)? {
            filter.resource = version.fingerprint;
        }
        Ok(())
    }
}

/// The beginning of a day, or of one after it, in microseconds since 1970.
fn day(field: &'static str, text: &str, later: u64) -> Result<Option<i64>> {
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || Error::invalid(field, "must be a day such as 2026-01-31");
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| wrong())?;
    let day = day.checked_add_days(Days::new(later)).ok_or_else(wrong)?;
    Ok(Some(
        day.and_time(NaiveTime::MIN).and_utc().timestamp_micros(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_days_belong_to_the_span() {
        assert_eq!(day("since", "1970-01-02", 0).unwrap(), Some(86_400_000_000));
        assert_eq!(
            day("until", "1970-01-02", 1).unwrap(),
            Some(172_800_000_000)
        );
        assert_eq!(day("until", "", 1).unwrap(), None);
        for wrong in [
            "1970-13-01",
            "yesterday",
            "1970-01-01T00:00:00Z",
            "+999999-01-01",
        ] {
            assert!(day("since", wrong, 0).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_file_has_the_same_filters() {
        let asked = Asked {
            bucket: "app".into(),
            actor: "a&b".into(),
            ..Asked::default()
        };
        assert_eq!(
            asked.address("/x", "csv"),
            "/x?bucket=app&actor=a%26b&format=csv"
        );
        let asked = Asked {
            bucket_given: true,
            ..asked
        };
        assert_eq!(asked.address("/x", "csv"), "/x?actor=a%26b&format=csv");
    }
}
