//! `/p/{project}/buckets/{bucket}/versions/{fingerprint}`: what all pages of a version begin with.

mod actions;
mod artifacts;
mod banner;
pub(super) mod builds;
pub(super) mod labels;
mod metadata;
pub(super) mod origin;
pub(super) mod overview;
pub(super) mod packages;
mod parents;
mod usage;

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use serde::Deserialize;

use self::banner::Banner;
pub(super) use self::{
    metadata::{Commit, commit},
    parents::parents_of,
};
use super::{
    bucket::visible,
    frame::{Frame, Page, Section},
    href,
    show::State as Shown,
    visitor::Here,
};
use crate::{
    domain::time::Time,
    error::Result,
    ops::Access,
    state::State,
    store::{
        Conn,
        buckets::Bucket,
        channels::{self, Channel},
        revocations::Outlook,
        versions::{self, Version},
        views::{self, VersionView},
    },
};

/// A moment after all others.
const EVER: Time = Time::from_micros(i64::MAX);

/// The version of a path.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct VersionPath {
    /// Name of its bucket.
    bucket: String,
    /// Its fingerprint.
    fingerprint: String,
}

/// What every page of a version reads.
pub(super) struct Seen {
    bucket: Bucket,
    view: VersionView,
    /// The channels of the bucket that the caller may see.
    channels: Vec<Channel>,
    /// The newest version that is not revoked and will not be; read when this one is revoked or will be.
    instead: Option<Version>,
}

impl Seen {
    /// The version by the names of its path; `None` when the bucket has none of this fingerprint.
    fn find(conn: &mut Conn, access: &Access, path: &VersionPath) -> Result<Option<Self>> {
        let bucket = visible(conn, access, &path.bucket)?;
        let Some(version) = versions::find(conn, &bucket.id, &path.fingerprint)? else {
            return Ok(None);
        };
        let view = views::version(conn, &bucket, version)?;
        let instead = match view.revocation {
            Some(_) => versions::newest_valid(conn, &bucket.id, EVER, Outlook::default())?,
            None => None,
        };
        Ok(Some(Self {
            channels: channels_of(conn, access, &bucket)?,
            bucket,
            view,
            instead,
        }))
    }

    /// The names of the channels that hand a version out.
    fn holders(&self, version_id: &str) -> Vec<&str> {
        holders(&self.channels, version_id)
    }
}

/// The channels of a bucket that the caller may see, by name.
pub(super) fn channels_of(
    conn: &mut Conn,
    access: &Access,
    bucket: &Bucket,
) -> Result<Vec<Channel>> {
    let mut rows = channels::list(conn, &bucket.id)?;
    let sees_all = access.sees_restricted(&bucket.id);
    rows.retain(|channel| sees_all || !channel.restricted);
    Ok(rows)
}

/// The names of those channels that hand a version out.
pub(super) fn holders<'a>(channels: &'a [Channel], version_id: &str) -> Vec<&'a str> {
    let holding = channels
        .iter()
        .filter(|channel| channel.version_id.as_deref() == Some(version_id));
    holding.map(|channel| channel.name.as_str()).collect()
}

/// Reads a version, and what the page shows beside; `None` when there is no such version.
async fn see<T: Send + 'static>(
    state: &State,
    here: &Here,
    path: &VersionPath,
    also: impl Fn(&mut Conn, &Access, &Seen) -> Result<T> + Send + 'static,
) -> Result<Option<(Seen, T)>> {
    let (access, path) = (here.access.clone(), path.clone());
    let read = state.store.read(move |conn| {
        let Some(seen) = Seen::find(conn, &access, &path)? else {
            return Ok(None);
        };
        let more = also(conn, &access, &seen)?;
        Ok(Some((seen, more)))
    });
    read.await
}

/// The pages of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    /// What it is, and how to use it.
    Overview,
    /// Its builds and what they made.
    Builds,
    /// What is in it.
    Packages,
    /// What is said of it.
    Labels,
    /// Where it comes from.
    Origin,
}

impl Tab {
    const ALL: [Self; 5] = [
        Self::Overview,
        Self::Builds,
        Self::Packages,
        Self::Labels,
        Self::Origin,
    ];

    /// What is behind the address of the version, and the name.
    const fn parts(self) -> (&'static str, &'static str) {
        match self {
            Self::Overview => ("", "Overview"),
            Self::Builds => ("/builds", "Builds"),
            Self::Packages => ("/packages", "Packages"),
            Self::Labels => ("/labels", "Labels"),
            Self::Origin => ("/origin", "How it was built"),
        }
    }
}

/// A link in the head of a version.
pub(super) struct Link {
    /// Its name.
    pub(super) name: String,
    /// Where it leads.
    pub(super) href: String,
    /// Whether it is the page that is shown.
    pub(super) current: bool,
}

/// What stands above each page of a version.
pub(super) struct Head {
    /// What is above it, the nearest last.
    crumbs: Vec<Link>,
    /// Bucket and name.
    title: String,
    state: Shown,
    banner: Banner,
    tabs: Vec<Link>,
    actions: Vec<Link>,
}

impl Head {
    fn new(access: &Access, seen: &Seen, (current, now): (Tab, Time)) -> Self {
        let project = access.project.name.as_str();
        let (bucket, version) = (&seen.bucket.name, &seen.view.version);
        let address = href::version(project, bucket, &version.fingerprint);
        let mut tabs: Vec<Link> = Tab::ALL
            .into_iter()
            .map(|tab| {
                let (path, name) = tab.parts();
                let name = match tab {
                    Tab::Builds => format!("{name} {}", seen.view.builds.len()),
                    _ => name.to_owned(),
                };
                link(name, address.clone() + path, tab == current)
            })
            .collect();
        let compare = href::compare(project, bucket, ("", &version.fingerprint));
        tabs.push(link("Compare", compare, false));
        let activity = href::version_activity(project, bucket, &version.fingerprint);
        tabs.push(link("Activity", activity, false));
        Self {
            crumbs: vec![
                link("Buckets", href::buckets(project), false),
                link(bucket, href::bucket(project, bucket), false),
                link("Versions", href::versions(project, bucket), false),
            ],
            title: title(bucket, version),
            state: Shown::of(seen.view.status(now)),
            banner: Banner::of(seen, (project, now)),
            tabs,
            actions: actions::actions(access, &seen.view),
        }
    }
}

fn link(name: impl Into<String>, href: String, current: bool) -> Link {
    Link {
        name: name.into(),
        href,
        current,
    }
}

/// Bucket and name of a version; of those that are not complete, which are all called alike, the fingerprint too.
pub(super) fn title(bucket: &str, version: &Version) -> String {
    match version.number {
        Some(_) => format!("{bucket} {}", version.name()),
        None => format!("{bucket} {} ({})", version.name(), version.fingerprint),
    }
}

/// The frame and the head of a page of a version.
fn framed(here: &Here, seen: &Seen, (tab, now): (Tab, Time)) -> (Frame, Head) {
    let head = Head::new(&here.access, seen, (tab, now));
    let title = match tab {
        Tab::Overview => head.title.clone(),
        other => format!("{} of {}", other.parts().1, head.title),
    };
    (Frame::of(here, Section::Buckets, title), head)
}

#[derive(Template)]
#[template(path = "version_missing.html")]
struct Missing {
    frame: Frame,
    bucket: String,
    href: String,
    versions: String,
    fingerprint: String,
}

impl Page for Missing {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

/// The page that is shown for a fingerprint that the bucket does not have.
pub(super) fn missing(here: &Here, bucket: &str, fingerprint: &str) -> Result<HttpResponse> {
    let project = &here.access.project.name;
    let page = Missing {
        frame: Frame::of(here, Section::Buckets, "There is no such version"),
        href: href::bucket(project, bucket),
        versions: href::versions(project, bucket),
        bucket: bucket.to_owned(),
        fingerprint: fingerprint.to_owned(),
    };
    page.show_as(StatusCode::NOT_FOUND)
}
