//! How an image was built, in the form in which Packer says it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{chance::Chance, company::Target, plan::Run};

/// Releases of Packer, and how many runs back each was in use.
const RELEASES: [(usize, &str); 3] = [(3, "1.16.0"), (9, "1.15.1"), (usize::MAX, "1.14.2")];

/// The commit that a run was made from.
pub(super) fn commit(run: &Run) -> String {
    Chance::of(&run.seed("commit")).hex(40)
}

/// Packer, version control and pipeline, as JSON.
pub(super) fn metadata(run: &Run, target: Target) -> String {
    json!({ "packer": packer(run, target), "vcs": vcs(run), "cicd": pipeline(run) }).to_string()
}

/// What is said of a build in labels.
pub(super) fn labels(run: &Run) -> BTreeMap<String, String> {
    let commit = commit(run);
    let short = commit.get(..10).unwrap_or(&commit);
    let pairs = [
        ("git_sha", short),
        ("os", run.image.os),
        ("team", run.image.team.name),
    ];
    pairs
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into()
}

fn packer(run: &Run, target: Target) -> Value {
    let release = RELEASES.iter().find(|(back, _)| run.back < *back);
    let release = release.map_or("1.14.2", |(_, release)| release);
    let (plugin, version) = target.plugin();
    let path = format!("images/{}", run.image.name);
    json!({
        "version": release,
        "plugins": [{ "name": plugin, "version": version }, { "name": "ansible", "version": "1.1.4" }],
        "options": {
            "debug": false, "except": null, "force": false, "only": null, "path": path,
            "var-files": ["company.pkrvars.hcl"], "vars": { "release": (run.number + 1).to_string() },
        },
        "os": { "type": "linux", "details": { "arch": "amd64", "version": "6.8.0" } },
    })
}

/// Most is built from the main branch, a fix now and then from one of its own.
fn branch(run: &Run) -> &'static str {
    let mut chance = Chance::of(&run.seed("branch"));
    match chance.below(8) {
        0 => chance.one_of(&["security-updates", "fix-boot-order", "smaller-disks"]),
        _ => "main",
    }
}

fn vcs(run: &Run) -> Value {
    let author = run.image.team.owner;
    json!({ "type": "git", "details": {
        "ref": branch(run),
        "commit": commit(run),
        "author": format!("{author} <{author}@example.com>"),
        "has_uncommitted_changes": false,
    }})
}

fn pipeline(run: &Run) -> Value {
    let project = format!("https://git.example.com/images/{}", run.image.team.name);
    let number = 4_000 + Chance::of(&run.seed("pipeline")).below(90_000);
    json!({ "type": "gitlab", "details": {
        "CI_PROJECT_NAME": run.image.team.name,
        "CI_PROJECT_URL": project,
        "CI_COMMIT_SHA": commit(run),
        "CI_COMMIT_REF_NAME": branch(run),
        "GITLAB_USER_NAME": run.image.team.owner,
        "CI_PIPELINE_SOURCE": if branch(run) == "main" { "schedule" } else { "push" },
        "CI_PIPELINE_URL": format!("{project}/-/pipelines/{number}"),
        "CI_JOB_URL": format!("{project}/-/jobs/{}", u64::from(number) * 7),
    }})
}
