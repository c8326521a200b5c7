//! What a build told about where it took place, read as far as it is known. It is whatever JSON the builder sent.

use serde_json::Value;
use url::Url;

use crate::{store::builds::Build, web::href};

/// Characters of a commit that are shown.
const SHORT: usize = 10;
/// The label by which Packer names the commit of a template.
const COMMIT_LABEL: &str = "git_sha";

/// A commit.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::web) struct Commit {
    /// Its beginning.
    pub(in crate::web) short: String,
    /// All of it.
    pub(in crate::web) whole: String,
    /// Where it can be seen, if that is known.
    pub(in crate::web) href: Option<String>,
}

/// The commit that a build was made from.
pub(in crate::web) fn commit(build: &Build) -> Option<Commit> {
    let metadata = of(build);
    let told = text(&metadata, "/vcs/details/commit");
    let whole = told.or_else(|| {
        let label = build.labels.pairs().get(COMMIT_LABEL);
        label.map(String::as_str).filter(|text| !text.is_empty())
    })?;
    Some(Commit {
        short: whole.chars().take(SHORT).collect(),
        whole: whole.to_owned(),
        href: commit_page(&metadata, whole),
    })
}

/// Where a commit is shown, if that is known.
pub(super) fn commit_page(metadata: &Value, commit: &str) -> Option<String> {
    repository(metadata).map(|at| page_of(&at, commit))
}

/// What a build told; null when it told nothing.
pub(super) fn of(build: &Build) -> Value {
    let json = build.metadata.as_deref();
    json.and_then(|json| serde_json::from_str(json).ok())
        .unwrap_or_default()
}

/// The text at this place, unless it is empty.
pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    let text = value.pointer(pointer)?.as_str()?;
    (!text.is_empty()).then_some(text)
}

/// Where a commit of a repository is shown.
fn page_of(repository: &Url, commit: &str) -> String {
    let host = repository.host_str().unwrap_or_default();
    let path = if host.contains("bitbucket") {
        "commits"
    } else {
        "commit"
    };
    let base = repository.as_str().trim_end_matches('/');
    format!("{base}/{path}/{}", href::encoded(commit))
}

/// The page of the repository, as the remote or the CI system says.
fn repository(metadata: &Value) -> Option<Url> {
    let remote = text(metadata, "/vcs/details/remote").and_then(web_address);
    let project = || text(metadata, "/cicd/details/CI_PROJECT_URL").and_then(web_address);
    let workflow = || {
        let run = text(metadata, "/cicd/details/GITHUB_WORKFLOW_URL")?;
        web_address(run.split_once("/actions/")?.0)
    };
    let jenkins = || text(metadata, "/cicd/details/GIT_URL").and_then(web_address);
    let mut url = remote.or_else(project).or_else(workflow).or_else(jenkins)?;
    let path = url.path().trim_end_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path).to_owned();
    url.set_path(&path);
    url.set_query(None);
    url.set_fragment(None);
    Some(url)
}

/// The address, if a browser can be led there.
pub(super) fn web_address(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let web = matches!(url.scheme(), "http" | "https");
    (web && url.username().is_empty() && url.password().is_none()).then_some(url)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn page(metadata: &Value) -> Option<String> {
        commit_page(metadata, "ab12")
    }

    #[test]
    fn a_commit_is_shown_where_its_repository_is() {
        let remote = |remote: &str| page(&json!({"vcs": {"details": {"remote": remote}}}));
        let shown = |text: &str| Some(text.to_owned());
        assert_eq!(
            remote("https://git.example.com/team/images.git"),
            shown("https://git.example.com/team/images/commit/ab12")
        );
        assert_eq!(
            remote("https://bitbucket.org/team/images"),
            shown("https://bitbucket.org/team/images/commits/ab12")
        );
        for other in [
            "git@git.example.com:team/images.git",
            "javascript:alert(1)",
            "https://me:secret@git.example.com/x",
            "",
        ] {
            assert_eq!(remote(other), None, "{other}");
        }
        let run = "https://github.example.com/team/images/actions/runs/7";
        let ci = json!({"vcs": null, "cicd": {"details": {"GITHUB_WORKFLOW_URL": run}}});
        assert_eq!(
            page(&ci),
            shown("https://github.example.com/team/images/commit/ab12")
        );
    }
}
