//! What the SBOMs of a version hold: which documents there are, and which packages they name.

use std::collections::HashMap;

use diesel::{dsl::count_star, prelude::*};

use super::{
    Conn, on,
    prepared::any_of,
    sboms::Sbom,
    schema::{builds, sbom_packages as packages, sboms},
    selection::rows,
};
use crate::error::Result;

/// An SBOM of a version.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The SBOM.
    pub sbom: Sbom,
    /// What its build builds.
    pub component_type: String,
    /// How many packages it names.
    pub packages: i64,
}

/// The SBOMs of a version, by component type and name.
pub fn of_version(conn: &mut Conn, version_id: &str) -> Result<Vec<Listed>> {
    let query = sboms::table
        .inner_join(builds::table)
        .filter(builds::version_id.eq(version_id));
    let found: Vec<(Sbom, String)> = on!(conn, |c| query
        .select((Sbom::as_select(), builds::component_type))
        .load(c))?;
    let digests = found.iter().map(|(sbom, _)| sbom.document_digest.clone());
    let counts = counts(conn, &digests.collect::<Vec<_>>())?;
    let listed = found.into_iter().map(|(sbom, component_type)| Listed {
        packages: counts.get(&sbom.document_digest).copied().unwrap_or(0),
        component_type,
        sbom,
    });
    let mut listed: Vec<Listed> = listed.collect();
    listed.sort_by(|a, b| {
        let place = |of: &Listed| (of.component_type.clone(), of.sbom.name.clone());
        place(a).cmp(&place(b))
    });
    Ok(listed)
}

fn counts(conn: &mut Conn, digests: &[String]) -> Result<HashMap<String, i64>> {
    let query = packages::table
        .filter(any_of(packages::document_digest, digests))
        .group_by(packages::document_digest)
        .select((packages::document_digest, count_star()));
    let counts: Vec<(String, i64)> = on!(conn, |c| query.load(c))?;
    Ok(counts.into_iter().collect())
}

/// Whether a version has an SBOM at all.
pub fn exists(conn: &mut Conn, version_id: &str) -> Result<bool> {
    let query = sboms::table
        .inner_join(builds::table)
        .filter(builds::version_id.eq(version_id))
        .select(sboms::id);
    let found: Option<String> = on!(conn, |c| query.first(c).optional())?;
    Ok(found.is_some())
}

/// Names and versions of the packages of a version, each pair once and `limit` at most, in no order.
pub fn named(conn: &mut Conn, version_id: &str, limit: usize) -> Result<Vec<(String, String)>> {
    let documents = sboms::table
        .inner_join(builds::table)
        .filter(builds::version_id.eq(version_id))
        .select(sboms::document_digest);
    let query = packages::table
        .filter(packages::document_digest.eq_any(documents))
        .select((packages::name, packages::version))
        .distinct()
        .limit(rows(limit));
    Ok(on!(conn, |c| query.load(c))?)
}
