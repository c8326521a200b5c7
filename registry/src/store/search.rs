//! What the search of the web pages looks for, by an index each and no more rows than are shown.

use diesel::prelude::*;

use super::{
    Conn,
    channels::Channel,
    condition::checked,
    on,
    packages::end_of_prefix,
    prepared::any_of,
    schema::{
        buckets, build_commits, builds, channels, sbom_packages as packages, sboms, versions,
    },
};
use crate::{domain::label::Labels, error::Result};

/// Buckets of a project that are looked through at most.
const BUCKETS: i64 = 10_000;
/// Packages that are looked at before it is known where they are.
const PACKAGES: i64 = 200;
/// SBOMs that are looked at for these.
const SBOMS: i64 = 1_000;

/// As much of a bucket as it is found by.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = buckets)]
pub struct Bucket {
    /// ULID.
    pub id: String,
    /// Unique in the project.
    pub name: String,
    /// Free text.
    pub description: String,
    /// Labels.
    #[diesel(deserialize_as = String)]
    pub labels: Labels,
}

/// The buckets of a project, by name; 10,000 at most.
pub fn buckets(conn: &mut Conn, project_id: &str) -> Result<Vec<Bucket>> {
    let query = buckets::table
        .filter(buckets::project_id.eq(project_id))
        .order(buckets::name)
        .limit(BUCKETS);
    Ok(on!(conn, |c| query.select(Bucket::as_select()).load(c))?)
}

/// How a fingerprint is looked for.
#[derive(Debug, Clone, Copy)]
pub enum Fingerprint<'a> {
    /// As it is.
    Exactly(&'a str),
    /// By its beginning.
    From(&'a str),
}

/// The ids of versions of a project by fingerprint, in the order of fingerprints.
pub fn fingerprints(
    conn: &mut Conn,
    project_id: &str,
    sought: Fingerprint<'_>,
    limit: i64,
) -> Result<Vec<String>> {
    Ok(on!(conn, |c| {
        let query = versions::table
            .inner_join(buckets::table)
            .filter(checked(buckets::project_id).eq(project_id))
            .select(versions::id)
            .limit(limit)
            .into_boxed();
        match sought {
            Fingerprint::Exactly(text) => query
                .filter(versions::fingerprint.eq(text))
                .order(versions::id),
            Fingerprint::From(text) => {
                let query = query.filter(versions::fingerprint.ge(text));
                let query = match end_of_prefix(text) {
                    Some(end) => query.filter(versions::fingerprint.lt(end)),
                    None => query,
                };
                query.order((versions::fingerprint, versions::id))
            }
        }
        .load(c)
    })?)
}

/// A commit, and a version that has a build made from it.
pub type Commit = (String, String);

/// The commits of a project that begin so, the builds of one the newest first.
pub fn commits(conn: &mut Conn, project_id: &str, prefix: &str, limit: i64) -> Result<Vec<Commit>> {
    let end = end_of_prefix(prefix).unwrap_or_default();
    let query = build_commits::table
        .inner_join(builds::table.inner_join(versions::table.inner_join(buckets::table)))
        .filter(checked(buckets::project_id).eq(project_id))
        .filter(build_commits::commit_id.ge(prefix))
        .filter(build_commits::commit_id.lt(end))
        .order((
            build_commits::commit_id.desc(),
            build_commits::build_id.desc(),
        ))
        .select((build_commits::commit_id, versions::id))
        .limit(limit);
    Ok(on!(conn, |c| query.load(c))?)
}

/// A package, and a version that has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The version of a bucket that has it.
    pub version_id: String,
}

/// Where the packages are whose names begin so: those of the first 200 by name, each place once, the newest
/// versions of buckets first.
pub fn packages(conn: &mut Conn, project_id: &str, prefix: &str) -> Result<Vec<Package>> {
    let rows: Vec<(String, String, String)> = on!(conn, |c| {
        let query = packages::table
            .filter(packages::name.ge(prefix))
            .select((packages::name, packages::version, packages::document_digest))
            .limit(PACKAGES)
            .into_boxed();
        let query = match end_of_prefix(prefix) {
            Some(end) => query.filter(packages::name.lt(end)),
            None => query,
        };
        query
            .order((
                packages::name,
                packages::document_digest,
                packages::position,
            ))
            .load(c)
    })?;
    let mut digests: Vec<String> = rows.iter().map(|(_, _, digest)| digest.clone()).collect();
    digests.sort();
    digests.dedup();
    let query = sboms::table
        .inner_join(builds::table.inner_join(versions::table.inner_join(buckets::table)))
        .filter(checked(buckets::project_id).eq(project_id))
        .filter(any_of(sboms::document_digest, &digests))
        .select((sboms::document_digest, versions::id))
        .limit(SBOMS);
    let places: Vec<(String, String)> = on!(conn, |c| query.load(c))?;
    let mut found: Vec<Package> = rows
        .iter()
        .flat_map(|(name, version, digest)| {
            let there = places
                .iter()
                .filter(move |(document, _)| document == digest);
            there.map(|(_, version_id)| Package {
                name: name.clone(),
                version: version.clone(),
                version_id: version_id.clone(),
            })
        })
        .collect();
    found.sort_by(|a, b| {
        let of = |package: &Package| (package.name.clone(), package.version.clone());
        of(a).cmp(&of(b)).then(b.version_id.cmp(&a.version_id))
    });
    found.dedup();
    Ok(found)
}

/// The channels that hand out some versions, in no order.
pub fn holders(conn: &mut Conn, version_ids: &[String]) -> Result<Vec<Channel>> {
    let query = channels::table.filter(any_of(channels::version_id.assume_not_null(), version_ids));
    Ok(on!(conn, |c| query.select(Channel::as_select()).load(c))?)
}
