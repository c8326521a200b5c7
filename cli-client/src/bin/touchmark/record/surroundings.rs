//! Where a build takes place: the Git repository, the CI run and the system, in the form in which Packer records
//! them itself. Beside that the remote of the repository, without credentials, and CI systems that Packer does not
//! know, as `generic`.

use std::path::Path;
use std::process::Command;

use serde_json::{Map, Value, json};
use touchmark_client::wire::build::BuildMetadata;

use crate::settings::variable;

/// A CI system: its name, the variable that gives it away, and those that are recorded.
struct Ci {
    name: &'static str,
    sign: &'static str,
    variables: &'static [&'static str],
}

const SYSTEMS: [Ci; 5] = [
    Ci {
        name: "github",
        sign: "GITHUB_ACTIONS",
        variables: &[
            "GITHUB_REPOSITORY",
            "GITHUB_REPOSITORY_ID",
            "GITHUB_SHA",
            "GITHUB_REF",
            "GITHUB_ACTOR",
            "GITHUB_ACTOR_ID",
            "GITHUB_TRIGGERING_ACTOR",
            "GITHUB_EVENT_NAME",
            "GITHUB_JOB",
        ],
    },
    Ci {
        name: "gitlab",
        sign: "GITLAB_CI",
        variables: &[
            "CI_PROJECT_NAME",
            "CI_PROJECT_ID",
            "CI_PROJECT_URL",
            "CI_COMMIT_SHA",
            "CI_COMMIT_REF_NAME",
            "GITLAB_USER_NAME",
            "GITLAB_USER_ID",
            "CI_PIPELINE_SOURCE",
            "CI_PIPELINE_URL",
            "CI_JOB_URL",
            "CI_SERVER_NAME",
            "CI_REGISTRY_IMAGE",
        ],
    },
    Ci {
        name: "bitbucket",
        sign: "BITBUCKET_BUILD_NUMBER",
        variables: &[
            "BITBUCKET_REPO_FULL_NAME",
            "BITBUCKET_REPO_UUID",
            "BITBUCKET_WORKSPACE",
            "BITBUCKET_COMMIT",
            "BITBUCKET_BRANCH",
            "BITBUCKET_TAG",
            "BITBUCKET_BUILD_NUMBER",
            "BITBUCKET_PIPELINE_UUID",
            "BITBUCKET_STEP_UUID",
            "BITBUCKET_DEPLOYMENT_ENVIRONMENT",
            "BITBUCKET_PR_ID",
            "BITBUCKET_PR_DESTINATION_BRANCH",
            "BITBUCKET_PROJECT_KEY",
            "BITBUCKET_PROJECT_UUID",
        ],
    },
    Ci {
        name: "jenkins",
        sign: "JENKINS_URL",
        variables: &[
            "JENKINS_URL",
            "BUILD_URL",
            "NODE_NAME",
            "JOB_NAME",
            "JOB_URL",
            "BUILD_NUMBER",
            "BUILD_ID",
            "BUILD_TAG",
            "WORKSPACE",
            "BUILD_CAUSE",
            "GIT_COMMIT",
            "GIT_BRANCH",
            "GIT_URL",
            "GIT_AUTHOR_NAME",
            "GIT_COMMITTER_EMAIL",
            "GIT_PREVIOUS_SUCCESSFUL_COMMIT",
        ],
    },
    Ci {
        name: "generic",
        sign: "CI",
        variables: &[
            "CI",
            "CI_NAME",
            "BUILD_URL",
            "BUILD_NUMBER",
            "BUILD_ID",
            "JOB_NAME",
            "CI_COMMIT",
            "CI_BRANCH",
        ],
    },
];

/// What is recorded with a build: `packer` is what made it, with the options given.
pub(crate) fn metadata(version: &str, options: &Value) -> BuildMetadata {
    BuildMetadata {
        packer: json!({ "version": version, "plugins": null, "options": options, "os": system() }),
        vcs: repository(),
        cicd: ci(),
    }
}

/// The commit of the repository that a path belongs to.
pub(crate) fn commit(path: &Path) -> Option<String> {
    let folder = if path.is_dir() {
        Some(path)
    } else {
        path.parent()
    };
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
    git(folder, &["rev-parse", "--verify", "--quiet", "HEAD"])
}

fn git(folder: Option<&Path>, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    command.args(arguments).env("GIT_OPTIONAL_LOCKS", "0");
    if let Some(folder) = folder {
        command.current_dir(folder);
    }
    let output = command
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    Some(
        String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned(),
    )
}

fn repository() -> Value {
    if git(None, &["rev-parse", "--git-dir"]).is_none() {
        return Value::Null;
    }
    json!({ "type": "git", "details": head() })
}

/// `null` in a repository without commits.
fn head() -> Value {
    let Some(log) = git(None, &["log", "-1", "--format=%H%n%an <%ae>"]) else {
        return Value::Null;
    };
    let (commit, author) = log.split_once('\n').unwrap_or((&log, ""));
    let changes = git(None, &["status", "--porcelain"]).unwrap_or_default();
    let mut details = Map::new();
    details.insert(
        "ref".to_owned(),
        json!(git(None, &["rev-parse", "--abbrev-ref", "HEAD"])),
    );
    details.insert("commit".to_owned(), json!(commit));
    details.insert("author".to_owned(), json!(author));
    details.insert(
        "has_uncommitted_changes".to_owned(),
        json!(!changes.is_empty()),
    );
    if let Some(remote) = git(None, &["remote", "get-url", "origin"]) {
        details.insert("remote".to_owned(), json!(without_credentials(&remote)));
    }
    Value::Object(details)
}

/// An address without what stands before `@` in it; `git@host:path` has no secret.
fn without_credentials(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else {
        return address.to_owned();
    };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    format!("{scheme}://{host}/{path}")
}

fn ci() -> Value {
    let Some(system) = SYSTEMS
        .iter()
        .find(|system| variable(system.sign).is_some())
    else {
        return Value::Null;
    };
    let known = system.variables.iter();
    let known = known.filter_map(|name| {
        Some((
            (*name).to_owned(),
            json!(without_credentials(&variable(name)?)),
        ))
    });
    let mut details: Map<String, Value> = known.collect();
    if system.name == "github" {
        let part = |name| variable(name).unwrap_or_default();
        let run = format!(
            "{}/{}/actions/runs/{}",
            part("GITHUB_SERVER_URL"),
            part("GITHUB_REPOSITORY"),
            part("GITHUB_RUN_ID")
        );
        details.insert("GITHUB_WORKFLOW_URL".to_owned(), json!(run));
    }
    json!({ "type": system.name, "details": details })
}

/// In the words of Go, as Packer says it.
fn system() -> Value {
    let kind = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    };
    let release = Command::new("uname").arg("-r").output();
    let release = release.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    json!({ "type": kind, "details": { "arch": arch, "version": release.unwrap_or_default() } })
}

#[cfg(test)]
mod tests {
    use super::without_credentials;

    #[test]
    fn credentials_stay_out_of_addresses() {
        let clean = without_credentials;
        assert_eq!(
            clean("https://ci:t0ken@git.example.com/a/b.git"),
            "https://git.example.com/a/b.git"
        );
        assert_eq!(
            clean("https://git.example.com/a@b"),
            "https://git.example.com/a@b"
        );
        assert_eq!(
            clean("git@git.example.com:a/b.git"),
            "git@git.example.com:a/b.git"
        );
    }
}
