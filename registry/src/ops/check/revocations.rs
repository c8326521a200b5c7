//! Revocations: whom they come from, and that all who descend from a revoked version inherit.

use std::collections::HashMap;

use serde_json::Value;

use super::{Place, report::Report, versions::named};
use crate::{
    domain::revocation::Revocation,
    error::Result,
    store::{
        Conn,
        builds::{self, Build},
        check::{self as rows, Entry},
        revocations,
        steps::in_steps,
        versions::{self, Version},
    },
};

/// Versions of a project with their revocations, as far as they were asked for.
#[derive(Default)]
struct Known {
    versions: HashMap<String, Version>,
    revocations: HashMap<String, Vec<Revocation>>,
}

impl Known {
    fn load(&mut self, conn: &mut Conn, project_id: &str, mut ids: Vec<String>) -> Result<()> {
        ids.sort_unstable();
        ids.dedup();
        ids.retain(|id| !self.versions.contains_key(id));
        for version in in_steps(&ids, |ids| versions::in_project(conn, project_id, ids))? {
            self.versions.insert(version.id.clone(), version);
        }
        for row in in_steps(&ids, |ids| revocations::of_versions(conn, ids))? {
            let of = self.revocations.entry(row.version_id.clone());
            of.or_default().push(row);
        }
        Ok(())
    }

    fn of(&self, version_id: &str) -> &[Revocation] {
        self.revocations.get(version_id).map_or(&[], Vec::as_slice)
    }

    fn own(&self, version_id: &str) -> Option<&Revocation> {
        self.of(version_id).iter().find(|row| row.own())
    }
}

/// Checks the revocations of a page of versions.
pub(super) fn check(
    conn: &mut Conn,
    report: &mut Report,
    place: &Place<'_>,
    page: &[Version],
) -> Result<()> {
    let ids: Vec<String> = page.iter().map(|version| version.id.clone()).collect();
    let children: Vec<Build> = builds::of_versions(conn, &ids)?
        .into_iter()
        .filter(|build| !build.parent_version_id.is_empty())
        .collect();
    let project = &place.bucket.project_id;
    let parents = children.iter().map(|build| build.parent_version_id.clone());
    let mut known = Known::default();
    known.load(conn, project, ids.iter().cloned().chain(parents).collect())?;
    let sources = known.revocations.values().flatten();
    let sources = sources.map(|row| row.source_id.clone()).collect();
    known.load(conn, project, sources)?;
    for version in page {
        for row in known.of(&version.id) {
            origin(report, place, &known, (version, row));
        }
    }
    for build in &children {
        inherits(conn, report, place, (&known, build))?;
    }
    Ok(())
}

/// Checks where a revocation comes from.
fn origin(
    report: &mut Report,
    place: &Place<'_>,
    known: &Known,
    (version, row): (&Version, &Revocation),
) {
    let mut add = |rule, detail: String| report.add(rule, named(place, version), detail);
    if row.settled && row.revoke_at > place.now {
        let detail = "a revocation counts as settled before it is in force";
        add("revocation-settled", detail.into());
    }
    // When the source was deleted, what it revoked stays revoked.
    let Some(source) = known.versions.get(&row.source_id) else {
        return;
    };
    let name = &source.fingerprint;
    match known.own(&row.source_id) {
        None => {
            let detail = format!("it inherited from version {name}, which is not revoked");
            add("revocation-source", detail);
        }
        Some(own) if !same(row, own) || row.source_fingerprint != *name => {
            let detail = format!("its revocation by version {name} is not the same there");
            add("revocation-copy", detail);
        }
        Some(_) => {}
    }
}

/// Whether two rows tell of one revocation.
fn same(one: &Revocation, other: &Revocation) -> bool {
    let settled_and_when = |row: &Revocation| Revocation {
        version_id: String::new(),
        settled: false,
        created_at: one.created_at,
        ..row.clone()
    };
    settled_and_when(one) == settled_and_when(other)
}

/// A version inherits whatever revokes a parent of its builds, as long as the source exists. Only those
/// who were recorded as children before a revocation that spared descendants do not.
fn inherits(
    conn: &mut Conn,
    report: &mut Report,
    place: &Place<'_>,
    (known, build): (&Known, &Build),
) -> Result<()> {
    let child = known.versions.get(&build.version_id);
    let parent = known.versions.get(&build.parent_version_id);
    let (Some(child), Some(parent)) = (child, parent) else {
        return Ok(());
    };
    for row in known.of(&parent.id) {
        let mut have = known.of(&child.id).iter();
        let has = have.any(|own| own.source_id == row.source_id);
        if has || row.source_id == child.id || known.own(&row.source_id).is_none() {
            continue;
        }
        if row.own() && spared(conn, place, (row, parent, build))? {
            continue;
        }
        let detail = format!(
            "it descends from version {} by build {}, but does not inherit what revokes it",
            parent.fingerprint, build.id
        );
        report.add("revocation-inherited", named(place, child), detail);
    }
    Ok(())
}

/// Whether the revocation of a parent spared this child. When the log no longer says, it did.
fn spared(
    conn: &mut Conn,
    place: &Place<'_>,
    (row, parent, build): (&Revocation, &Version, &Build),
) -> Result<bool> {
    let of_parent = rows::log_of(conn, &parent.bucket_id, &parent.id)?;
    let mut of_parent = of_parent.iter();
    let actions = ["version.revoked", "version.revocation_scheduled"];
    let told = |entry: &&Entry| {
        entry.at == row.created_at.micros() && actions.contains(&entry.action.as_str())
    };
    let Some(revoked) = of_parent.find(told) else {
        return Ok(true);
    };
    let spares =
        after(&revoked.payload).and_then(|after| after.get("spares_descendants")?.as_bool());
    if spares != Some(true) {
        return Ok(false);
    }
    let of_build = rows::log_of(conn, &place.bucket.id, &build.id)?;
    let told = of_build.iter().find(|entry| {
        let after = after(&entry.payload).unwrap_or_default();
        after.get("parent_version_id").and_then(Value::as_str) == Some(parent.id.as_str())
    });
    Ok(told.is_none_or(|entry| entry.sequence < revoked.sequence))
}

fn after(payload: &str) -> Option<Value> {
    let mut payload: Value = serde_json::from_str(payload).ok()?;
    payload.get_mut("after").map(Value::take)
}
