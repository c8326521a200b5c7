//! `/p/{project}/buckets/{bucket}`: what each channel gives, and the frame of all pages of a bucket.

use std::collections::BTreeMap;

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

use super::{
    frame::{Frame, Page, Section},
    href,
    show::{Authors, Id, State as Shown, When},
    visitor::Here,
};
use crate::{
    domain::{role::Action, time::Time},
    error::Result,
    ops::Access,
    state::State,
    store::{
        Conn,
        buckets::{self, Bucket},
        channels,
        views::{self, ChannelView, VersionView},
    },
};

/// The bucket of a path.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct BucketPath {
    /// Its name.
    pub(super) bucket: String,
}

/// The bucket, if the caller may see it.
pub(super) fn visible(conn: &mut Conn, access: &Access, name: &str) -> Result<Bucket> {
    let bucket = buckets::find(conn, &access.project.id, name)?;
    access.check(Action::Read, Some(&bucket.id))?;
    Ok(bucket)
}

/// The pages of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    /// What each channel gives.
    Overview,
    /// Its versions.
    Versions,
    /// The channels, and what is done to them.
    Channels,
    /// What it was built from, and what was built from it.
    Ancestry,
    /// What happened in it.
    Activity,
    /// Description and labels, and deleting it.
    Settings,
}

impl Tab {
    const ALL: [Self; 6] = [
        Self::Overview,
        Self::Versions,
        Self::Channels,
        Self::Ancestry,
        Self::Activity,
        Self::Settings,
    ];

    /// What is behind the address of the bucket, and the name.
    const fn parts(self) -> (&'static str, &'static str) {
        match self {
            Self::Overview => ("", "Overview"),
            Self::Versions => ("/versions", "Versions"),
            Self::Channels => ("/channels", "Channels"),
            Self::Ancestry => ("/ancestry", "Ancestry"),
            Self::Activity => ("/activity", "Activity"),
            Self::Settings => ("/settings", "Settings"),
        }
    }
}

/// What stands above each page of a bucket.
pub(super) struct Head {
    /// The list of all buckets.
    pub(super) buckets: String,
    /// Its name.
    pub(super) name: String,
    /// What it is for.
    pub(super) description: String,
    /// Its pages.
    pub(super) tabs: Vec<Link>,
}

/// A link to a page of a bucket.
pub(super) struct Link {
    /// Its name.
    pub(super) name: &'static str,
    /// Where it leads.
    pub(super) href: String,
    /// Whether it is the one that is shown.
    pub(super) current: bool,
}

impl Head {
    /// Above this page of a bucket.
    pub(super) fn new(project: &str, bucket: &Bucket, current: Tab) -> Self {
        let tabs = Tab::ALL.map(|tab| {
            let (path, name) = tab.parts();
            Link {
                name,
                href: href::bucket(project, &bucket.name) + path,
                current: tab == current,
            }
        });
        Self {
            buckets: href::buckets(project),
            name: bucket.name.clone(),
            description: bucket.description.clone(),
            tabs: tabs.into(),
        }
    }
}

#[derive(Template)]
#[template(path = "bucket.html")]
struct Overview {
    frame: Frame,
    head: Head,
    channels: Vec<Channel>,
    given: Vec<Given>,
    labels: BTreeMap<String, String>,
    first_command: String,
}

impl Page for Overview {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

struct Channel {
    name: String,
    href: String,
    restricted: bool,
    since: When,
    author: String,
    version: Option<Version>,
}

struct Version {
    name: String,
    href: String,
    state: Shown,
}

/// What a version holds that some channels give.
struct Given {
    name: String,
    /// The names of the channels, with commas.
    channels: String,
    artifacts: Vec<Artifact>,
}

struct Artifact {
    platform: String,
    region: String,
    id: Id,
}

pub(super) async fn show(
    state: Data<State>,
    here: Here,
    path: Path<BucketPath>,
) -> Result<HttpResponse> {
    let access = here.access.clone();
    let read = state.store.read(move |conn| {
        let bucket = visible(conn, &access, &path.bucket)?;
        let mut rows = channels::list(conn, &bucket.id)?;
        let sees_all = access.sees_restricted(&bucket.id);
        rows.retain(|channel| sees_all || !channel.restricted);
        let views = views::channels(conn, &bucket, rows)?;
        let authors = views.iter().map(|view| view.channel.author_id.clone());
        let authors = Authors::of(conn, &access.project.organization_id, authors)?;
        Ok((bucket, views, authors))
    });
    let (bucket, found, authors) = read.await?;
    let (now, project) = (state.clock.now(), &here.access.project.name);
    let page = Overview {
        frame: Frame::of(&here, Section::Buckets, bucket.name.clone()),
        head: Head::new(project, &bucket, Tab::Overview),
        given: given(&found),
        channels: found
            .into_iter()
            .map(|view| channel(view, &authors, (project, now)))
            .collect(),
        first_command: format!("touchmark channel create {} prod", bucket.name),
        labels: bucket.labels.pairs().clone(),
    };
    page.show()
}

fn channel(view: ChannelView, authors: &Authors, (project, now): (&str, Time)) -> Channel {
    let ChannelView {
        channel,
        bucket_name,
        version,
    } = view;
    Channel {
        since: When::new(channel.updated_at, now),
        author: authors.name(&channel.author_id),
        restricted: channel.restricted,
        href: href::channel(project, &bucket_name, &channel.name),
        name: channel.name,
        version: version.map(|view| Version {
            href: href::version(project, &bucket_name, &view.version.fingerprint),
            name: view.version.name(),
            state: Shown::of(view.status(now)),
        }),
    }
}

/// The versions that channels give, each once, in the order of the channels.
fn given(channels: &[ChannelView]) -> Vec<Given> {
    let mut given: Vec<(&str, Given)> = Vec::new();
    for view in channels {
        let Some(version) = &view.version else {
            continue;
        };
        let id = version.version.id.as_str();
        if let Some((_, known)) = given.iter_mut().find(|(known, _)| *known == id) {
            known.channels.push_str(", ");
            known.channels.push_str(&view.channel.name);
        } else {
            let new = Given {
                name: version.version.name(),
                channels: view.channel.name.clone(),
                artifacts: artifacts(version),
            };
            given.push((id, new));
        }
    }
    given.into_iter().map(|(_, given)| given).collect()
}

fn artifacts(view: &VersionView) -> Vec<Artifact> {
    let of_build = |build: &views::BuildView| {
        let platform = build.build.platform.clone();
        let shown = build.artifacts.iter().map(move |artifact| Artifact {
            platform: platform.clone(),
            region: artifact.region.clone(),
            id: Id::new(artifact.external_identifier.clone()),
        });
        shown.collect::<Vec<_>>()
    };
    view.builds.iter().flat_map(of_build).collect()
}
