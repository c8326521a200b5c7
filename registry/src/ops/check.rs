//! Re-verifies the stored state: every invariant, and that replaying the log of events gives it.
//!
//! A check reads one snapshot of the database, place by place: what is outside of buckets first, then
//! bucket by bucket. It changes nothing and needs no server; one may run.

mod builds;
mod channels;
mod kinds;
mod log;
mod replay;
mod report;
mod revocations;
mod versions;

use std::collections::HashSet;

pub(super) use log::{LOG, archived_through};
pub use report::Finding;

use self::{log::Cut, replay::Replay, report::Report};
use crate::{
    domain::time::Time,
    error::Result,
    store::{
        Conn, Store,
        buckets::{self, Bucket},
        check as rows,
    },
};

/// Looks at everything; an empty list says that all is sound.
///
/// # Errors
/// When the database does not answer. What is wrong in it is a finding, not an error.
pub async fn check(store: &Store, now: Time) -> Result<Vec<Finding>> {
    store.examine(move |conn| look(conn, now)).await
}

fn look(conn: &mut Conn, now: Time) -> Result<Vec<Finding>> {
    let mut report = Report::default();
    for flaw in rows::flaws(conn)? {
        report.add("database", "database", flaw);
    }
    let cut = Cut::find(conn)?;
    let outside = outside(conn, &mut report)?;
    let mut after = String::new();
    while let Some(id) = rows::next_bucket(conn, &after)? {
        let resource = format!("bucket {id}");
        let seen = inside(conn, &mut report, (&id, &outside), (cut, now));
        report.keep_on(&resource, seen)?;
        after = id;
    }
    Ok(report.findings())
}

/// Checks what is outside of buckets: ids of all that is there.
fn outside(conn: &mut Conn, report: &mut Report) -> Result<HashSet<String>> {
    let mut replay = Replay::default();
    log::read(conn, report, "", &mut replay)?;
    let living = replay.compare(conn, report, "")?;
    replay.report_missing(report, |id| living.contains(id));
    Ok(living)
}

/// A bucket and the moment of the check.
struct Place<'a> {
    bucket: &'a Bucket,
    /// The later of the check's time and the last change of the bucket.
    now: Time,
}

/// Checks one bucket, which may be one that only the log knows.
fn inside(
    conn: &mut Conn,
    report: &mut Report,
    (id, outside): (&str, &HashSet<String>),
    (cut, now): (Cut, Time),
) -> Result<()> {
    let mut replay = Replay::default();
    let story = log::read(conn, report, id, &mut replay)?;
    let living = replay.compare(conn, report, id)?;
    replay.report_missing(report, |id| living.contains(id) || outside.contains(id));
    let Some(bucket) = buckets::by_ids(conn, &[id.to_owned()])?.pop() else {
        return Ok(());
    };
    story.check(report, &bucket, cut);
    let place = Place {
        bucket: &bucket,
        now: now.max(bucket.changed_at),
    };
    versions::check(conn, report, &place)?;
    channels::check(conn, report, &place)
}
