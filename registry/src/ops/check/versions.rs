//! Versions of a bucket: their numbers, their count, and what is below each.

use super::{Place, builds, report::Report, revocations};
use crate::{
    error::Result,
    store::{Conn, check as rows, versions::Version},
};

/// Hands over all versions of a bucket, page by page.
pub(super) fn pages(
    conn: &mut Conn,
    bucket_id: &str,
    mut each: impl FnMut(&mut Conn, &[Version]) -> Result<()>,
) -> Result<()> {
    let mut after = i64::MIN;
    loop {
        let page = rows::versions(conn, bucket_id, after)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.sequence;
        each(conn, &page)?;
    }
}

/// A version in words.
pub(super) fn named(place: &Place<'_>, version: &Version) -> String {
    let (name, bucket) = (version.name(), &place.bucket.name);
    format!(
        "version {} ({name}) of bucket {bucket}",
        version.fingerprint
    )
}

/// Checks all versions of a bucket.
pub(super) fn check(conn: &mut Conn, report: &mut Report, place: &Place<'_>) -> Result<()> {
    let bucket = place.bucket;
    let mut count = 0_i64;
    pages(conn, &bucket.id, |conn, page| {
        for version in page {
            count += 1;
            alone(report, place, version);
        }
        let seen = builds::check(conn, report, place, page);
        report.keep_on(&format!("a build of bucket {}", bucket.name), seen)?;
        let seen = revocations::check(conn, report, place, page);
        report.keep_on(&format!("a revocation of bucket {}", bucket.name), seen)
    })?;
    if count != bucket.version_count {
        let detail = format!(
            "it counts {} versions and has {count}",
            bucket.version_count
        );
        report.add("version-count", format!("bucket {}", bucket.name), detail);
    }
    Ok(())
}

/// Checks a version by itself.
fn alone(report: &mut Report, place: &Place<'_>, version: &Version) {
    let mut add = |rule, detail: String| report.add(rule, named(place, version), detail);
    let last = place.bucket.last_number;
    if version
        .number
        .is_some_and(|number| number < 1 || number > last)
    {
        let detail = format!("its number is not among those given, 1 to {last}");
        add("number-range", detail);
    }
    if version.sequence > place.bucket.revision {
        let detail = "it was created at a revision that the bucket has not come to";
        add("version-sequence", detail.into());
    }
    if version.updated_at > place.bucket.changed_at {
        add("version-time", "it changed later than its bucket".into());
    }
}
