//! `…/versions/{fingerprint}`: what a version is, what it made and how to use it.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::{
    Head, Seen, Tab, VersionPath,
    artifacts::{self, Artifacts, Found},
    banner::Banner,
    framed, missing,
    parents::{self, Parent},
    see,
    usage::{Snippet, Usage},
};
use crate::{
    domain::{channel::LATEST, time::Time, version::TemplateType},
    error::Result,
    ops::Access,
    state::State,
    web::{
        form::Query,
        frame::{Frame, Page},
        show::{Id, When},
        visitor::Here,
    },
};

#[derive(Template)]
#[template(path = "version.html")]
struct Overview {
    frame: Frame,
    head: Head,
    fingerprint: Id,
    id: Id,
    template: &'static str,
    author: String,
    created: When,
    completed: Option<When>,
    channels: Vec<Holder>,
    has_descendants: bool,
    parents: Vec<Parent>,
    artifacts: Artifacts,
    usage: Option<Shown>,
}

impl Page for Overview {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

/// A channel that hands the version out.
struct Holder {
    name: String,
    restricted: bool,
}

/// How to use an artifact.
struct Shown {
    /// The artifact.
    id: String,
    /// Where it is.
    place: String,
    snippets: Vec<Snippet>,
    /// Whether a channel is named, not this very version.
    follows: Option<String>,
}

pub(in crate::web) async fn show(
    state: Data<State>,
    here: Here,
    path: Path<VersionPath>,
    query: Query,
) -> Result<HttpResponse> {
    let Some((seen, parents)) = see(&state, &here, &path, parents::read).await? else {
        return missing(&here, &path.bucket, &path.fingerprint);
    };
    let (now, project) = (state.clock.now(), here.access.project.name.as_str());
    let (frame, head) = framed(&here, &seen, (Tab::Overview, now));
    let version = &seen.view.version;
    let used = used(&seen, query.text("use"));
    let holding = seen
        .channels
        .iter()
        .filter(|channel| channel.version_id.as_ref() == Some(&version.id));
    let page = Overview {
        frame,
        head,
        fingerprint: Id::new(version.fingerprint.clone()),
        id: Id::new(version.id.clone()),
        template: match version.template_type {
            TemplateType::Hcl2 => "HCL2",
            TemplateType::Json => "JSON",
            TemplateType::Unset => "not told",
        },
        author: version.author_id.clone(),
        created: When::new(version.created_at, now),
        completed: completed(&seen).map(|at| When::new(at, now)),
        channels: holding
            .map(|channel| Holder {
                name: channel.name.clone(),
                restricted: channel.restricted,
            })
            .collect(),
        has_descendants: seen.view.has_descendants,
        parents: parents.show((project, now)),
        artifacts: Artifacts::of(&seen, (project, &query), used),
        usage: used.and_then(|found| usage(&seen, found, (&here.access, &state.public_url, now))),
    };
    page.show()
}

/// When the last of its builds ended, by which it became complete.
fn completed(seen: &Seen) -> Option<Time> {
    seen.view.version.number?;
    let builds = seen.view.builds.iter();
    builds.map(|view| view.build.updated_at).max()
}

/// The artifact whose use is shown: the one of this id, else the first.
fn used<'a>(seen: &'a Seen, id: &str) -> Option<Found<'a>> {
    let all = artifacts::all(&seen.view.builds);
    let chosen = all.iter().find(|found| found.artifact.id == id);
    chosen.or(all.first()).copied()
}

/// How to use an artifact; `None` when it must not be used (any more), or not yet.
fn usage(
    seen: &Seen,
    found: Found<'_>,
    (access, public_url, now): (&Access, &str, Time),
) -> Option<Shown> {
    let version = &seen.view.version;
    let revocation = seen.view.revocation.as_ref();
    if version.number.is_none() || revocation.is_some_and(|revocation| revocation.in_force(now)) {
        return None;
    }
    // A channel that people move says more than the one that follows every build.
    let holders = seen.holders(&version.id);
    let chosen = holders.iter().find(|name| **name != LATEST);
    let channel = chosen.or(holders.first()).copied();
    let same_place = |other: &Found<'_>| {
        other.build.platform == found.build.platform
            && other.artifact.region == found.artifact.region
    };
    let there = artifacts::all(&seen.view.builds);
    let project = &access.project;
    let usage = Usage {
        public_url,
        project: (&project.name, &project.organization_id, &project.id),
        bucket: &seen.bucket.name,
        fingerprint: &version.fingerprint,
        version: version.name(),
        channel,
        found,
        ambiguous: there.iter().filter(|other| same_place(other)).count() > 1,
    };
    Some(Shown {
        id: found.artifact.external_identifier.clone(),
        place: format!("{} {}", found.build.platform, found.artifact.region),
        snippets: usage.snippets(),
        follows: channel.map(str::to_owned),
    })
}
