//! The log of one place, event by event: digests, canonical form, revisions, numbers given.

use std::collections::BTreeSet;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{super::events::hex, replay::Replay, report::Report};
use crate::{
    error::Result,
    store::{
        Conn,
        buckets::Bucket,
        check::{self as rows, Entry},
    },
};

/// The kind of resource under which the archiving of old events is recorded.
pub(in crate::ops) const LOG: &str = "event_log";

/// Where the log begins: events up to here may have been archived.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut(Option<i64>);

impl Cut {
    /// Asks the log itself, whose archiving is an event.
    pub(super) fn find(conn: &mut Conn) -> Result<Self> {
        Ok(Self(archived_through(conn)?))
    }

    /// Whether the log is all that ever happened.
    pub(super) fn is_whole(self) -> bool {
        self.0.is_none()
    }
}

/// The last event that may have been archived, if any has.
pub(in crate::ops) fn archived_through(conn: &mut Conn) -> Result<Option<i64>> {
    let last = rows::last_of_kind(conn, LOG)?;
    let payload = last.and_then(|text| serde_json::from_str::<Value>(&text).ok());
    Ok(payload.and_then(|payload| payload.get("after")?.get("through")?.as_i64()))
}

/// What the log of a bucket says of its numbers and revisions.
#[derive(Debug, Default)]
pub(super) struct Story {
    revision: i64,
    at: i64,
    numbers: BTreeSet<i64>,
}

/// Reads the log of a place, checks each event, and folds them into `replay`.
pub(super) fn read(
    conn: &mut Conn,
    report: &mut Report,
    bucket_id: &str,
    replay: &mut Replay,
) -> Result<Story> {
    let mut story = Story::default();
    let mut after = i64::MIN;
    loop {
        let page = rows::log(conn, bucket_id, after)?;
        let Some(last) = page.last() else {
            return Ok(story);
        };
        after = last.sequence;
        for entry in &page {
            let after = examine(report, entry);
            story.follow(report, entry, &after);
            replay.apply(entry, after)?;
        }
    }
}

fn named(entry: &Entry) -> String {
    format!("event {} ({})", entry.sequence, entry.action)
}

/// Checks an event by itself: the resource after it.
fn examine(report: &mut Report, entry: &Entry) -> Value {
    if hex(&Sha256::digest(entry.payload.as_bytes())) != entry.digest {
        let detail = "the digest is not that of the payload: one of them was changed";
        report.add("event-digest", named(entry), detail);
    }
    let Ok(mut payload) = serde_json::from_str::<Value>(&entry.payload) else {
        report.add("event-payload", named(entry), "the payload is not JSON");
        return Value::Null;
    };
    let canonical = serde_json_canonicalizer::to_string(&payload);
    if canonical.is_ok_and(|text| text != entry.payload) {
        let detail = "the payload is not in canonical form";
        report.add("event-canonical", named(entry), detail);
    }
    let after = payload.get_mut("after").map(Value::take);
    after.unwrap_or_default()
}

impl Story {
    fn follow(&mut self, report: &mut Report, entry: &Entry, after: &Value) {
        if entry.revision < self.revision {
            let (its, before) = (entry.revision, self.revision);
            let detail = format!("its revision {its} comes after {before}");
            report.add("event-revision", named(entry), detail);
        }
        if entry.revision > 0 && entry.at < self.at {
            let detail = "its time lies before that of the event before";
            report.add("event-time", named(entry), detail);
        }
        self.revision = self.revision.max(entry.revision);
        self.at = self.at.max(entry.at);
        let number = after.get("number").and_then(Value::as_i64);
        if let (true, Some(number)) = (entry.action == "version.completed", number)
            && !self.numbers.insert(number)
        {
            let detail = format!("number {number} was given before");
            report.add("number-unique", named(entry), detail);
        }
    }

    /// Compares it with the bucket as it stands.
    pub(super) fn check(&self, report: &mut Report, bucket: &Bucket, cut: Cut) {
        let mut add = |rule, detail: String| {
            report.add(rule, format!("bucket {}", bucket.name), detail);
        };
        // A call that changed nothing may have taken a revision without an event.
        if self.revision > bucket.revision {
            let detail = format!(
                "its revision is {}, but the log has come to {}",
                bucket.revision, self.revision
            );
            add("bucket-revision", detail);
        }
        if self.at > bucket.changed_at.micros() {
            let detail = "its last change lies before its last event";
            add("bucket-time", detail.into());
        }
        let (last, given) = (bucket.last_number, self.numbers.last().copied());
        let given = given.unwrap_or(0);
        let each = usize::try_from(last).is_ok_and(|last| last == self.numbers.len());
        if given > last || (cut.is_whole() && (given < last || !each)) {
            let count = self.numbers.len();
            let detail = format!(
                "the last number is {last}, but the log gave {count} numbers up to {given}"
            );
            add("number-log", detail);
        }
    }
}
