//! From a selection to its versions. Everything is looked up by an index, and in bounded numbers: nobody is kept
//! waiting by a selection that looks at the whole registry.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    domain::{limit, role::Action, selection::Selection, time::Time},
    error::{Error, Kind, Result},
    ops::Access,
    store::{
        Conn,
        buckets::{self, Bucket},
        selection::{self as rows, Candidate},
    },
};

/// Ids of the versions that a selection is about.
#[derive(Debug, Clone, Default)]
pub(super) struct Selected {
    /// Those to revoke, at most [`limit::REVOKED`].
    pub(super) targets: Vec<String>,
    /// Those that are revoked already.
    pub(super) skipped: Vec<String>,
}

/// Finds the versions of a selection.
///
/// # Errors
/// [`Error::Missing`] for what is named and does not exist, [`Error::Forbidden`] when the caller may not revoke
/// one of them, [`Error::Refused`] when one that is named is revoked already, or there are too many.
pub(super) fn select(
    conn: &mut Conn,
    access: &Access,
    (selection, now): (&Selection, Time),
) -> Result<Selected> {
    let mut found = candidates(conn, access, selection)?;
    found.sort();
    found.dedup();
    if let Some(age) = selection.older_than {
        found.retain(|version| version.created_at < now.before(age));
    }
    if let Some(labels) = &selection.labels {
        let bound = (labels, limit::SELECTED);
        let fit = rows::with_labels(conn, &ids(&found), bound)?.ok_or_else(too_wide)?;
        found.retain(|version| fit.contains(&version.id));
    }
    let revoked = rows::revoked(conn, &ids(&found), now)?;
    let (skipped, targets): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|version| revoked.contains(&version.id));
    for version in &targets {
        access.check(Action::Decide, Some(&version.bucket_id))?;
    }
    if let Some(version) = skipped.first().filter(|_| selection.versions.is_some()) {
        let place = (version.bucket_id.as_str(), version.fingerprint.as_str());
        return Err(is_revoked(conn, place)?);
    }
    if targets.len() > limit::REVOKED {
        let why = format!(
            "{} versions are selected, and at most {} are revoked at once: select fewer",
            targets.len(),
            limit::REVOKED
        );
        return Err(Error::refused(why));
    }
    Ok(Selected {
        targets: ids(&targets),
        skipped: ids(&skipped),
    })
}

/// The refusal of a version that was named and is revoked already.
pub(super) fn is_revoked(conn: &mut Conn, (bucket_id, fingerprint): (&str, &str)) -> Result<Error> {
    let names = buckets::names(conn, &[bucket_id.to_owned()])?;
    let bucket = names.get(bucket_id).map_or("", String::as_str);
    let what = format!("{fingerprint} of bucket {bucket}");
    Ok(super::is_revoked(&what))
}

fn ids(versions: &[Candidate]) -> Vec<String> {
    versions.iter().map(|version| version.id.clone()).collect()
}

fn too_wide() -> Error {
    Error::refused(format!(
        "more than {} versions or builds would have to be looked at: name a bucket, or versions",
        limit::SELECTED
    ))
}

/// What the parts select that name something: versions, artifacts, a bucket; all of the project when none does.
fn candidates(conn: &mut Conn, access: &Access, selection: &Selection) -> Result<Vec<Candidate>> {
    let bucket = match &selection.bucket {
        Some(name) => Some(decided(conn, access, name)?),
        None => None,
    };
    let inside = |version: &Candidate| match &bucket {
        Some(bucket) => version.bucket_id == bucket.id,
        None => true,
    };
    let named = match &selection.versions {
        Some(wanted) => Some(by_name(conn, access, wanted)?),
        None => None,
    };
    if bucket.is_none() && named.is_none() {
        access.check(Action::Read, None)?;
    }
    let holders = match &selection.artifacts {
        Some(wanted) => Some(by_artifact(conn, access, (wanted, &inside))?),
        None => None,
    };
    let found: Vec<Candidate> = match (named, holders) {
        (Some(named), Some(holders)) => {
            let both = named.into_iter().filter(|one| holders.contains(one));
            both.collect()
        }
        (Some(named), None) => named,
        (None, Some(holders)) => holders.into_iter().collect(),
        (None, None) => return of_places(conn, access, bucket.as_ref()),
    };
    Ok(found.into_iter().filter(inside).collect())
}

/// The bucket of this name, in which the caller may revoke.
fn decided(conn: &mut Conn, access: &Access, name: &str) -> Result<Bucket> {
    let bucket = buckets::find(conn, &access.project.id, name)?;
    access.check(Action::Decide, Some(&bucket.id))?;
    Ok(bucket)
}

fn by_name(
    conn: &mut Conn,
    access: &Access,
    wanted: &[(String, String)],
) -> Result<Vec<Candidate>> {
    let mut by_bucket: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (bucket, fingerprint) in wanted {
        let fingerprints = by_bucket.entry(bucket).or_default();
        fingerprints.push(fingerprint.clone());
    }
    let mut found = Vec::new();
    for (name, fingerprints) in by_bucket {
        let bucket = decided(conn, access, name)?;
        let some = rows::by_fingerprint(conn, &bucket.id, &fingerprints)?;
        let known: BTreeSet<&str> = some.iter().map(|one| one.fingerprint.as_str()).collect();
        let missing = fingerprints
            .iter()
            .find(|one| !known.contains(one.as_str()));
        if let Some(missing) = missing {
            let what = format!("{missing} of bucket {name}");
            return Err(Error::Missing(Kind::Version, what));
        }
        found.extend(some);
    }
    Ok(found)
}

/// Versions that hold artifacts. One that is only in another bucket than the one that was named does not exist.
fn by_artifact(
    conn: &mut Conn,
    access: &Access,
    (wanted, inside): (&[String], &impl Fn(&Candidate) -> bool),
) -> Result<BTreeSet<Candidate>> {
    let mut found = rows::by_artifact(conn, &access.project.id, wanted, limit::SELECTED + 1)?;
    if found.len() > limit::SELECTED {
        return Err(too_wide());
    }
    found.retain(|(_, version)| inside(version));
    let known: BTreeSet<&str> = found.iter().map(|(id, _)| id.as_str()).collect();
    if let Some(missing) = wanted.iter().find(|id| !known.contains(id.as_str())) {
        return Err(Error::Missing(Kind::Artifact, missing.clone()));
    }
    Ok(found.into_iter().map(|(_, version)| version).collect())
}

/// All versions of the bucket, or of the project.
fn of_places(conn: &mut Conn, access: &Access, bucket: Option<&Bucket>) -> Result<Vec<Candidate>> {
    let places = match bucket {
        Some(bucket) => vec![bucket.id.clone()],
        None => rows::buckets_of(conn, &access.project.id)?,
    };
    let found = rows::of_buckets(conn, &places, limit::SELECTED + 1)?;
    if found.len() > limit::SELECTED {
        return Err(too_wide());
    }
    Ok(found)
}
