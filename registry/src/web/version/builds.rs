//! `…/versions/{fingerprint}/builds`: the builds of a version and what they made.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::{
    Head, Seen, Tab, VersionPath, artifacts::Artifacts, banner::Banner, framed, missing, see,
};
use crate::{
    domain::{build::BuildStatus, time::Time},
    error::Result,
    state::State,
    store::{builds::Build, views::BuildView},
    web::{
        form::Query,
        frame::{Frame, Page},
        href,
        show::{Id, When},
        visitor::Here,
    },
};

/// Builds of one page.
const SHOWN: usize = 10;
/// Artifacts of each that are shown here; the rest is on the overview.
const ARTIFACTS: usize = 4;

#[derive(Template)]
#[template(path = "version_builds.html")]
struct Builds {
    frame: Frame,
    head: Head,
    rows: Vec<Row>,
    total: usize,
    first: usize,
    last: usize,
    previous: Option<String>,
    next: Option<String>,
}

impl Page for Builds {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

/// A build.
struct Row {
    component: String,
    state: Shown,
    platform: String,
    registered: When,
    /// How long it took, once it ended.
    took: Option<String>,
    /// When it was heard of last, while it runs.
    heard: Option<When>,
    reason: String,
    run: Id,
    source: Option<Id>,
    artifacts: Vec<Artifact>,
    /// How many artifacts there are beside these.
    more: usize,
    /// Where all of them are.
    all: String,
}

struct Artifact {
    region: String,
    id: Id,
}

/// The state of a build: a shape, a word and a colour.
#[derive(Debug, Clone, Copy)]
struct Shown(BuildStatus);

impl Shown {
    const fn class(self) -> &'static str {
        match self.0 {
            BuildStatus::Unset => "unknown",
            BuildStatus::Running => "building",
            BuildStatus::Done => "calm",
            BuildStatus::Cancelled => "cancelled",
            BuildStatus::Failed => "failed",
        }
    }

    const fn word(self) -> &'static str {
        match self.0 {
            BuildStatus::Unset => "never ran",
            BuildStatus::Running => "running",
            BuildStatus::Done => "done",
            BuildStatus::Cancelled => "cancelled",
            BuildStatus::Failed => "failed",
        }
    }
}

pub(in crate::web) async fn show(
    state: Data<State>,
    here: Here,
    path: Path<VersionPath>,
    query: Query,
) -> Result<HttpResponse> {
    let Some((seen, ())) = see(&state, &here, &path, |_, _, _| Ok(())).await? else {
        return missing(&here, &path.bucket, &path.fingerprint);
    };
    let now = state.clock.now();
    let (frame, head) = framed(&here, &seen, (Tab::Builds, now));
    let address = address(&here.access.project.name, &seen);
    let total = seen.view.builds.len();
    let pages = total.div_ceil(SHOWN).max(1);
    let page = query.text("page").parse().unwrap_or(1).clamp(1, pages);
    let before = (page - 1) * SHOWN;
    let turned = |page: usize| format!("{address}/builds?page={page}");
    let builds = seen.view.builds.iter().skip(before).take(SHOWN);
    let rows: Vec<Row> = builds.map(|view| row(view, (&address, now))).collect();
    let page = Builds {
        frame,
        head,
        total,
        first: before + 1,
        last: before + rows.len(),
        rows,
        previous: (page > 1).then(|| turned(page - 1)),
        next: (page < pages).then(|| turned(page + 1)),
    };
    page.show()
}

fn address(project: &str, seen: &Seen) -> String {
    href::version(project, &seen.bucket.name, &seen.view.version.fingerprint)
}

fn row(view: &BuildView, (version, now): (&str, Time)) -> Row {
    let build = &view.build;
    let running = build.status == BuildStatus::Running;
    let source = &build.source_external_identifier;
    let shown = view.artifacts.iter().take(ARTIFACTS);
    Row {
        component: build.component_type.clone(),
        state: Shown(build.status),
        platform: build.platform.clone(),
        registered: When::new(build.created_at, now),
        took: took(build),
        heard: build
            .heartbeat_at
            .0
            .filter(|_| running)
            .map(|at| When::new(at, now)),
        reason: build.status_reason.clone(),
        run: Id::new(build.packer_run_uuid.clone()),
        source: (!source.is_empty()).then(|| Id::new(source.clone())),
        artifacts: shown
            .map(|artifact| Artifact {
                region: artifact.region.clone(),
                id: Id::new(artifact.external_identifier.clone()),
            })
            .collect(),
        more: view.artifacts.len().saturating_sub(ARTIFACTS),
        all: Artifacts::address(version, &build.component_type, 1),
    }
}

/// From when a build was registered until it ended.
fn took(build: &Build) -> Option<String> {
    let ended = matches!(
        build.status,
        BuildStatus::Done | BuildStatus::Failed | BuildStatus::Cancelled
    );
    ended.then(|| span(build.created_at.until(build.updated_at).as_secs()))
}

fn span(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", (seconds + 30) / 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn a_span_is_told_as_people_say_it() {
        assert_eq!(
            [0, 119, 120, 7_199].map(span),
            ["0 s", "119 s", "2 min", "120 min"]
        );
        assert_eq!(span(2 * 3_600 + 59 * 60), "2 h 59 min");
    }
}
