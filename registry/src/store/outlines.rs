//! Versions in outline: what a line about one says, without builds and artifacts. A fixed number of statements
//! however many are loaded.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{
    Conn, buckets, on,
    prepared::any_of,
    revocations,
    schema::builds,
    versions::{self, Version},
};
use crate::{
    domain::{
        build::BuildStatus,
        revocation::{Revocation, effective},
        time::Time,
        version::{VersionStatus, status},
    },
    error::Result,
};

/// A version, where it is, and what its status follows from.
#[derive(Debug, Clone)]
pub struct Outline {
    /// The version.
    pub version: Version,
    /// The name of its bucket.
    pub bucket_name: String,
    /// The revocation that decides.
    pub revocation: Option<Revocation>,
    /// Where its builds stand, while it is incomplete.
    builds: Vec<BuildStatus>,
}

impl Outline {
    /// Its status at a moment.
    pub fn status(&self, now: Time) -> VersionStatus {
        let builds = self.builds.iter().copied();
        status(self.version.number, builds, self.revocation.as_ref(), now)
    }
}

/// Versions by id, as far as they exist in this project.
pub fn of(conn: &mut Conn, project_id: &str, ids: &[String]) -> Result<HashMap<String, Outline>> {
    let rows = versions::in_project(conn, project_id, ids)?;
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let bucket_ids: Vec<String> = rows.iter().map(|row| row.bucket_id.clone()).collect();
    let names = buckets::names(conn, &bucket_ids)?;
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let mut revoked: HashMap<String, Vec<Revocation>> = HashMap::new();
    for row in revocations::of_versions(conn, &ids)? {
        revoked.entry(row.version_id.clone()).or_default().push(row);
    }
    let open = rows.iter().filter(|row| row.number.is_none());
    let open: Vec<String> = open.map(|row| row.id.clone()).collect();
    let mut builds: HashMap<String, Vec<BuildStatus>> = HashMap::new();
    for (version_id, status) in statuses(conn, &open)? {
        builds.entry(version_id).or_default().push(status);
    }
    let outline = |version: Version| {
        let outline = Outline {
            bucket_name: names.get(&version.bucket_id).cloned().unwrap_or_default(),
            revocation: revoked.get(&version.id).and_then(effective).cloned(),
            builds: builds.remove(&version.id).unwrap_or_default(),
            version,
        };
        (outline.version.id.clone(), outline)
    };
    Ok(rows.into_iter().map(outline).collect())
}

/// Where the builds of some versions stand, in no order.
fn statuses(conn: &mut Conn, version_ids: &[String]) -> Result<Vec<(String, BuildStatus)>> {
    let query = builds::table
        .filter(any_of(builds::version_id, version_ids))
        .select((builds::version_id, builds::status));
    let rows: Vec<(String, String)> = on!(conn, |c| query.load(c))?;
    rows.into_iter()
        .map(|(id, status)| Ok((id, BuildStatus::try_from(status)?)))
        .collect()
}
