//! The commit that each build was made from, kept beside its metadata so that it can be looked for.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::{
    Conn,
    builds::Build,
    on,
    prepared::{any_of, prepared},
    schema::{build_commits, builds},
};
use crate::{domain::commit, error::Result};

/// The commit that the metadata of a build tell.
pub fn of(build: &Build) -> Option<String> {
    build.metadata.as_deref().and_then(commit::of)
}

/// Notes the commit of a build whose metadata were other ones before; its bucket must be locked.
pub fn set(conn: &mut Conn, build: &Build, before: Option<&str>) -> Result<()> {
    let told = of(build);
    if told == before.and_then(commit::of) {
        return Ok(());
    }
    let Some(told) = told else {
        let row = build_commits::table.find(&build.id);
        on!(conn, |c| diesel::delete(row).execute(c))?;
        return Ok(());
    };
    let values = (
        build_commits::build_id.eq(&build.id),
        build_commits::commit_id.eq(&told),
    );
    on!(conn, |c| prepared!(
        diesel::insert_into(build_commits::table)
            .values(values)
            .on_conflict(build_commits::build_id)
            .do_update()
            .set(build_commits::commit_id.eq(&told))
            .returning(build_commits::build_id)
    )
    .get_results::<String>(c))?;
    Ok(())
}

/// The commits that are noted of the builds of some versions, by build.
pub fn of_versions(conn: &mut Conn, version_ids: &[String]) -> Result<BTreeMap<String, String>> {
    let query = build_commits::table
        .inner_join(builds::table)
        .filter(any_of(builds::version_id, version_ids))
        .select((build_commits::build_id, build_commits::commit_id));
    let rows: Vec<(String, String)> = on!(conn, |c| query.load(c))?;
    Ok(rows.into_iter().collect())
}
