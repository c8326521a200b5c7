//! The artifacts of a version by platform and region, a page of them at a time.

use super::Seen;
use crate::{
    store::{artifacts::Artifact, builds::Build, views::BuildView},
    web::{form::Query, href, show::Id},
};

/// Artifacts of one page: some ids are long, and each is on the page several times.
const SHOWN: usize = 40;

/// An artifact, and the build that made it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found<'a> {
    /// The build.
    pub(super) build: &'a Build,
    /// The artifact.
    pub(super) artifact: &'a Artifact,
}

/// All artifacts of builds, by platform, region and component type.
pub(super) fn all(builds: &[BuildView]) -> Vec<Found<'_>> {
    let mut found = Vec::new();
    for view in builds {
        found.extend(view.artifacts.iter().map(|artifact| Found {
            build: &view.build,
            artifact,
        }));
    }
    found.sort_by_key(|found: &Found<'_>| {
        let (build, artifact) = (found.build, found.artifact);
        (
            build.platform.as_str(),
            artifact.region.as_str(),
            build.component_type.as_str(),
            artifact.position,
        )
    });
    found
}

/// A page of artifacts.
pub(super) struct Artifacts {
    pub(super) rows: Vec<Row>,
    /// How many there are, of the build if one is asked for.
    pub(super) total: usize,
    /// The place of the first that is shown, from 1.
    pub(super) first: usize,
    /// The place of the last that is shown.
    pub(super) last: usize,
    /// The component type of the build that is asked for; empty for all.
    pub(super) component: String,
    /// The page without any filter.
    pub(super) everything: String,
    pub(super) previous: Option<String>,
    pub(super) next: Option<String>,
}

/// An artifact.
pub(super) struct Row {
    pub(super) platform: String,
    pub(super) region: String,
    pub(super) component: String,
    pub(super) id: Id,
    /// The page that shows how to use this one.
    pub(super) usage: String,
    /// Whether it is the one whose use is shown.
    pub(super) used: bool,
}

impl Artifacts {
    /// The page that is asked for: parameter `build` for one component type, `page` from 1.
    pub(super) fn of(
        seen: &Seen,
        (project, query): (&str, &Query),
        used: Option<Found<'_>>,
    ) -> Self {
        let component = query.text("build");
        let mut found = all(&seen.view.builds);
        found.retain(|found| component.is_empty() || found.build.component_type == component);
        let total = found.len();
        let pages = total.div_ceil(SHOWN).max(1);
        let page = query.text("page").parse().unwrap_or(1).clamp(1, pages);
        let address = href::version(project, &seen.bucket.name, &seen.view.version.fingerprint);
        let turned = |page: usize| Self::address(&address, component, page);
        let before = (page - 1) * SHOWN;
        let rows = found.into_iter().skip(before).take(SHOWN).map(|found| Row {
            platform: found.build.platform.clone(),
            region: found.artifact.region.clone(),
            component: found.build.component_type.clone(),
            id: Id::new(found.artifact.external_identifier.clone()),
            usage: {
                let page = turned(page);
                let mark = if page.contains('?') { '&' } else { '?' };
                format!("{page}{mark}use={}#use", found.artifact.id)
            },
            used: used.is_some_and(|used| used.artifact.id == found.artifact.id),
        });
        let rows: Vec<Row> = rows.collect();
        Self {
            total,
            first: before + 1,
            last: before + rows.len(),
            rows,
            previous: (page > 1).then(|| turned(page - 1)),
            next: (page < pages).then(|| turned(page + 1)),
            component: component.to_owned(),
            everything: address.clone(),
        }
    }

    /// Where a page of the artifacts of a version is shown.
    pub(super) fn address(version: &str, component: &str, page: usize) -> String {
        let build = (!component.is_empty()).then(|| format!("build={}", href::encoded(component)));
        let page = (page > 1).then(|| format!("page={page}"));
        let query: Vec<String> = build.into_iter().chain(page).collect();
        if query.is_empty() {
            return version.to_owned();
        }
        format!("{version}?{}", query.join("&"))
    }
}
