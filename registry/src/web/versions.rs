//! `/p/{project}/buckets/{bucket}/versions`: the versions of a bucket, the newest first.

use std::collections::HashMap;

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::{
    bucket::{BucketPath, Head, Tab, visible},
    form::Query,
    frame::{Frame, Page, Section},
    href,
    paging::Pages,
    show::{State as Shown, When},
    version::{Commit, channels_of, commit, holders},
    visitor::Here,
};
use crate::{
    domain::{
        revocation::{Revocation, effective},
        time::Time,
        version::status,
    },
    error::Result,
    ops::Access,
    state::State,
    store::{
        Conn, Page as Part, PageRequest,
        buckets::Bucket,
        builds::{self, Build},
        channels::Channel,
        page::Listing,
        revocations,
        versions::{self as rows, Version},
    },
};

/// Versions of one page.
const SHOWN: usize = 50;

/// Which versions are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filter {
    All,
    Complete,
    Incomplete,
}

impl Filter {
    const ALL: [Self; 3] = [Self::All, Self::Complete, Self::Incomplete];

    /// As it is in the address, and as people read it.
    const fn parts(self) -> (&'static str, &'static str) {
        match self {
            Self::All => ("", "all"),
            Self::Complete => ("complete", "complete"),
            Self::Incomplete => ("incomplete", "incomplete"),
        }
    }

    /// What the address asks for; all, if it makes no sense.
    fn of(query: &Query) -> Self {
        let asked = query.text("state");
        let found = Self::ALL.into_iter().find(|one| one.parts().0 == asked);
        found.unwrap_or(Self::All)
    }

    fn listing(self) -> Listing {
        let listing = match self {
            Self::All => rows::LISTING,
            Self::Complete => rows::COMPLETE,
            Self::Incomplete => rows::INCOMPLETE,
        };
        Listing {
            size: SHOWN,
            ..listing
        }
    }

    fn list(self, conn: &mut Conn, bucket: &str, request: &PageRequest) -> Result<Part<Version>> {
        match self {
            Self::All => rows::list(conn, bucket, request),
            Self::Complete => rows::complete(conn, bucket, request),
            Self::Incomplete => rows::incomplete(conn, bucket, request),
        }
    }
}

#[derive(Template)]
#[template(path = "versions.html")]
struct Versions {
    frame: Frame,
    head: Head,
    filters: Vec<Choice>,
    /// Whether a state is asked for, or another page than the first.
    narrowed: bool,
    total: i64,
    rows: Vec<Row>,
    pages: Pages,
    compare: Option<String>,
    first_command: String,
}

impl Page for Versions {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

/// A filter.
struct Choice {
    name: &'static str,
    href: String,
    current: bool,
}

/// A version.
struct Row {
    name: String,
    fingerprint: String,
    href: String,
    state: Shown,
    channels: String,
    created: When,
    builds: usize,
    author: String,
    commit: Option<Commit>,
}

/// What the page reads.
struct Found {
    bucket: Bucket,
    page: Part<Version>,
    channels: Vec<Channel>,
    builds: HashMap<String, Vec<Build>>,
    revocations: HashMap<String, Vec<Revocation>>,
}

impl Found {
    fn read(
        conn: &mut Conn,
        access: &Access,
        bucket: &str,
        (filter, request): (Filter, &PageRequest),
    ) -> Result<Self> {
        let bucket = visible(conn, access, bucket)?;
        let page = filter.list(conn, &bucket.id, request)?;
        let ids: Vec<String> = page.rows.iter().map(|row| row.id.clone()).collect();
        let mut builds: HashMap<String, Vec<Build>> = HashMap::new();
        for build in builds::of_versions(conn, &ids)? {
            let of_version = builds.entry(build.version_id.clone()).or_default();
            of_version.push(build);
        }
        let mut revocations: HashMap<String, Vec<Revocation>> = HashMap::new();
        for row in revocations::of_versions(conn, &ids)? {
            let of_version = revocations.entry(row.version_id.clone()).or_default();
            of_version.push(row);
        }
        Ok(Self {
            channels: channels_of(conn, access, &bucket)?,
            bucket,
            page,
            builds,
            revocations,
        })
    }

    fn row(&self, version: &Version, (project, now): (&str, Time)) -> Row {
        let builds = self.builds.get(&version.id).map_or(&[][..], Vec::as_slice);
        let revocation = self.revocations.get(&version.id).and_then(effective);
        let states = builds.iter().map(|build| build.status);
        Row {
            name: version.name(),
            href: href::version(project, &self.bucket.name, &version.fingerprint),
            fingerprint: version.fingerprint.clone(),
            state: Shown::of(status(version.number, states, revocation, now)),
            channels: holders(&self.channels, &version.id).join(", "),
            created: When::new(version.created_at, now),
            builds: builds.len(),
            author: version.author_id.clone(),
            commit: builds.iter().find_map(commit),
        }
    }
}

pub(super) async fn list(
    state: Data<State>,
    here: Here,
    path: Path<BucketPath>,
    query: Query,
) -> Result<HttpResponse> {
    let filter = Filter::of(&query);
    let request = query.page(&filter.listing())?;
    let narrowed = filter != Filter::All || request.cursor().is_some();
    let access = here.access.clone();
    let read = state
        .store
        .read(move |conn| Found::read(conn, &access, &path.bucket, (filter, &request)));
    let found = read.await?;
    let (now, project) = (state.clock.now(), &here.access.project.name);
    let name = &found.bucket.name;
    let page = Versions {
        frame: Frame::of(&here, Section::Buckets, format!("Versions of {name}")),
        head: Head::new(project, &found.bucket, Tab::Versions),
        filters: filters(&href::versions(project, name), filter),
        narrowed,
        total: found.bucket.version_count,
        rows: found
            .page
            .rows
            .iter()
            .map(|version| found.row(version, (project, now)))
            .collect(),
        pages: Pages::new(
            &here.signed.request,
            (&found.page.next, &found.page.previous),
        ),
        compare: (found.bucket.last_number > 1).then(|| href::compare(project, name, ("", ""))),
        first_command: format!("touchmark build --bucket {name} template.pkr.hcl"),
    };
    page.show()
}

fn filters(address: &str, current: Filter) -> Vec<Choice> {
    let choice = |filter: Filter| {
        let (state, name) = filter.parts();
        Choice {
            name,
            href: match filter {
                Filter::All => address.to_owned(),
                _ => format!("{address}?state={state}"),
            },
            current: filter == current,
        }
    };
    Filter::ALL.map(choice).into()
}
