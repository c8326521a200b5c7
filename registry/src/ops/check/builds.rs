//! Builds: what each must have in its state, and what they make of their version.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Place, report::Report, versions::named};
use crate::{
    domain::build::BuildStatus,
    error::Result,
    store::{
        Conn, artifacts,
        builds::{self, Build},
        commits,
        versions::Version,
    },
};

/// Checks the builds of a page of versions.
pub(super) fn check(
    conn: &mut Conn,
    report: &mut Report,
    place: &Place<'_>,
    page: &[Version],
) -> Result<()> {
    let ids: Vec<String> = page.iter().map(|version| version.id.clone()).collect();
    let with_artifacts: HashSet<String> = artifacts::of_versions(conn, &ids)?
        .into_iter()
        .map(|artifact| artifact.build_id)
        .collect();
    let mut counts: HashMap<String, (usize, usize)> = HashMap::new();
    let noted = commits::of_versions(conn, &ids)?;
    for build in builds::of_versions(conn, &ids)? {
        commit(report, &build, &noted);
        let (all, done) = counts.entry(build.version_id.clone()).or_default();
        *all += 1;
        *done += usize::from(build.status == BuildStatus::Done);
        alone(report, &build, with_artifacts.contains(&build.id));
    }
    for version in page {
        let (all, done) = counts.get(&version.id).copied().unwrap_or_default();
        let open = all - done;
        // A complete version takes no more builds, and what is done stays done; all may be deleted.
        if version.number.is_some() && open > 0 {
            let detail = format!("it is complete, but {open} of its builds are not done");
            report.add("version-complete", named(place, version), detail);
        }
        if version.number.is_none() && all > 0 && open == 0 {
            let detail = "all its builds are done, but it has no number";
            report.add("version-incomplete", named(place, version), detail);
        }
    }
    Ok(())
}

/// The commit that its metadata tell is noted beside the build.
fn commit(report: &mut Report, build: &Build, noted: &BTreeMap<String, String>) {
    let told = commits::of(build);
    if told.is_some() && told.as_ref() != noted.get(&build.id) {
        let detail = "the commit that its metadata tell is not noted";
        report.add("build-commit", format!("build {}", build.id), detail);
    }
}

/// Checks a build by itself.
fn alone(report: &mut Report, build: &Build, has_artifacts: bool) {
    let mut add = |rule, detail: &str| report.add(rule, format!("build {}", build.id), detail);
    match build.status {
        BuildStatus::Done => {
            if !has_artifacts {
                add("build-artifacts", "it is done, but has no artifact");
            }
            if build.platform.is_empty() {
                add("build-platform", "it is done, but has no platform");
            }
        }
        BuildStatus::Running if build.heartbeat_at.0.is_none() => {
            add("build-heartbeat", "it is running, but was never heard of");
        }
        _ => {}
    }
    if !build.parent_channel_id.is_empty() && build.parent_version_id.is_empty() {
        let detail = "it names the channel of a parent, but not the parent";
        add("build-parent", detail);
    }
}
