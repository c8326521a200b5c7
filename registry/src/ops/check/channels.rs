//! Channels: what each may hold, what `latest` must hold, and that the history says the same.

use std::collections::HashMap;

use super::{Place, report::Report};
use crate::{
    domain::{channel::LATEST, revocation::Revocation},
    error::Result,
    store::{
        Conn, ancestry,
        channels::{self, Assignment, Channel},
        check as rows, revocations,
        revocations::Outlook,
        versions::{self, Version},
    },
};

/// Checks the channels of a bucket.
pub(super) fn check(conn: &mut Conn, report: &mut Report, place: &Place<'_>) -> Result<()> {
    let all = channels::list(conn, &place.bucket.id)?;
    if !all.iter().any(|channel| channel.name == LATEST) {
        let bucket = format!("bucket {}", place.bucket.name);
        report.add("latest-exists", bucket, "it has no channel latest");
    }
    for channel in &all {
        one(conn, report, place, channel)?;
        history(conn, report, place, channel)?;
    }
    Ok(())
}

fn named(place: &Place<'_>, channel: &Channel) -> String {
    format!("channel {} of bucket {}", channel.name, place.bucket.name)
}

fn one(conn: &mut Conn, report: &mut Report, place: &Place<'_>, channel: &Channel) -> Result<()> {
    let mut add = |rule, detail: &str| report.add(rule, named(place, channel), detail);
    if channel.managed != (channel.name == LATEST) {
        add("channel-managed", "latest is managed, and no other is");
    }
    let mut held = None;
    let mut revoked = Vec::new();
    if let Some(id) = &channel.version_id {
        held = versions::by_ids(conn, std::slice::from_ref(id))?.pop();
        revoked = revocations::all_of(conn, id)?;
        let Some(version) = &held else {
            add("channel-version", "the version that it holds is gone");
            return Ok(());
        };
        if version.bucket_id != place.bucket.id {
            add("channel-bucket", "it holds a version of another bucket");
        }
        if version.number.is_none() {
            add("channel-incomplete", "it holds an incomplete version");
        }
    }
    if channel.name == LATEST {
        return latest(conn, report, place, (channel, held.as_ref(), &revoked));
    }
    // One whose revocation told channels to stay may be held; one that is not settled waits for a job.
    if revoked.iter().any(|row| row.settled && !row.keep_channels) {
        add("channel-revoked", "it holds a version that is revoked");
    }
    Ok(())
}

/// `latest` holds the newest complete version whose revocation is not in force. What has fallen due
/// since the bucket changed last is for a job to settle.
fn latest(
    conn: &mut Conn,
    report: &mut Report,
    place: &Place<'_>,
    (channel, held, revoked): (&Channel, Option<&Version>, &[Revocation]),
) -> Result<()> {
    let bucket = place.bucket;
    if revoked.iter().any(|row| row.settled) {
        let detail = "it holds a version that is revoked";
        report.add("latest-revoked", named(place, channel), detail);
    }
    let newest = versions::newest_valid(conn, &bucket.id, bucket.changed_at, Outlook::default())?;
    let newest = newest.and_then(|version| version.number).unwrap_or(0);
    let number = held.and_then(|version| version.number).unwrap_or(0);
    if number < newest {
        let detail = format!("it should hold v{newest}, the newest that is good");
        report.add("latest-newest", named(place, channel), detail);
    }
    let held: Vec<String> = channel.version_id.iter().cloned().collect();
    let links = ancestry::parents(conn, &held)?;
    let parents: Vec<String> = links.into_iter().map(|link| link.parent_id).collect();
    let parents = versions::in_project(conn, &bucket.project_id, &parents)?;
    let noted = ancestry::parent_buckets(conn, &bucket.id)?;
    if !parents
        .iter()
        .all(|parent| noted.contains(&parent.bucket_id))
    {
        let detail = "it is not noted from which buckets its version was built";
        report.add("latest-parents", named(place, channel), detail);
    }
    Ok(())
}

/// The newest row of the history is what the channel holds, and copies agree with what they are of.
fn history(
    conn: &mut Conn,
    report: &mut Report,
    place: &Place<'_>,
    channel: &Channel,
) -> Result<()> {
    let mut after = i64::MIN;
    let mut newest = String::new();
    let mut number = 0;
    loop {
        let page = rows::history(conn, &channel.id, after)?;
        let Some(last) = page.last() else { break };
        after = last.sequence;
        newest.clone_from(&last.version_id);
        for row in &page {
            number += 1;
            if row.number != number {
                let detail = format!("row {} of its history is number {number}", row.sequence);
                report.add("history-number", named(place, channel), detail);
                number = row.number;
            }
        }
        copies(conn, report, place, (channel, &page))?;
    }
    if newest != channel.version_id.as_deref().unwrap_or_default() {
        let detail = "the newest row of its history is not what it holds";
        report.add("history-newest", named(place, channel), detail);
    }
    if after > place.bucket.revision {
        let detail = "its history goes on beyond the bucket's revision";
        report.add("history-sequence", named(place, channel), detail);
    }
    Ok(())
}

fn copies(
    conn: &mut Conn,
    report: &mut Report,
    place: &Place<'_>,
    (channel, page): (&Channel, &[Assignment]),
) -> Result<()> {
    let ids: Vec<String> = page.iter().map(|row| row.version_id.clone()).collect();
    let found = versions::by_ids(conn, &ids)?;
    let found: HashMap<&str, &Version> = found.iter().map(|v| (v.id.as_str(), v)).collect();
    for row in page {
        let Some(version) = found.get(row.version_id.as_str()) else {
            continue;
        };
        if row.version_fingerprint != version.fingerprint || row.version_name != version.name() {
            let (at, fingerprint) = (row.sequence, &version.fingerprint);
            let detail = format!("row {at} of its history calls {fingerprint} by another name");
            report.add("history-copy", named(place, channel), detail);
        }
    }
    Ok(())
}
