//! Versions as forms name them: chosen from the newest, or typed.

use serde::Deserialize;

use super::{
    form::Form,
    show::{State, distance},
};
use crate::{
    domain::{revocation::effective, time::Time, version::status},
    error::{Error, Kind, Result},
    store::{
        Conn,
        buckets::Bucket,
        resolve, revocations,
        versions::{self, Version},
    },
};

/// The version of a path.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct VersionPath {
    /// The name of its bucket.
    pub(super) bucket: String,
    /// Its fingerprint.
    pub(super) fingerprint: String,
}

/// A version that a channel may hold.
pub(super) struct Choice {
    /// Its fingerprint.
    pub(super) fingerprint: String,
    /// Its name, state and age.
    pub(super) text: String,
}

/// The newest complete versions of a bucket that are not revoked.
pub(super) fn newest(conn: &mut Conn, bucket: &Bucket, now: Time) -> Result<Vec<Choice>> {
    let found = resolve::before(conn, &bucket.id, i64::MAX)?;
    let states = states(conn, &found, now)?;
    let all = found.into_iter().zip(states);
    let open = all.filter(|(_, state)| state.class() != "revoked");
    let choice = |(version, state): (Version, State)| Choice {
        text: format!(
            "{} · {} · {}",
            version.name(),
            state.word(),
            distance(version.updated_at, now)
        ),
        fingerprint: version.fingerprint,
    };
    Ok(open.map(choice).collect())
}

/// Where complete versions stand, in the order given.
pub(super) fn states(conn: &mut Conn, versions: &[Version], now: Time) -> Result<Vec<State>> {
    let ids: Vec<String> = versions.iter().map(|version| version.id.clone()).collect();
    let revocations = revocations::of_versions(conn, &ids)?;
    let state = |version: &Version| {
        let own = revocations
            .iter()
            .filter(|row| row.version_id == version.id);
        State::of(status(version.number, [], effective(own), now))
    };
    Ok(versions.iter().map(state).collect())
}

/// What a form says of a version: what was typed, or else chosen.
pub(super) fn wanted(form: &Form) -> &str {
    match form.text("typed").trim() {
        "" => form.text("version"),
        typed => typed,
    }
}

/// The version that a fingerprint, or a name such as `v12`, means.
///
/// # Errors
/// [`Error::Unknown`] when there is none.
pub(super) fn meant(conn: &mut Conn, bucket: &Bucket, text: &str) -> Result<Version> {
    if let Some(version) = versions::find(conn, &bucket.id, text)? {
        return Ok(version);
    }
    let number = text
        .strip_prefix('v')
        .and_then(|digits| digits.parse().ok());
    let found = match number {
        Some(number) => versions::by_number(conn, &bucket.id, number)?,
        None => None,
    };
    found.ok_or_else(|| Error::Unknown {
        kind: Kind::Version,
        by: format!("the name or fingerprint {text}"),
    })
}

/// What people call a version: its name, or its fingerprint as long as it has none.
pub(super) fn called<'a>(name: &'a str, fingerprint: &'a str) -> &'a str {
    if name == "v0" { fingerprint } else { name }
}
