//! `…/channels/{channel}`: what a channel gives and gave, and the forms that move it.

mod changes;
mod delete;
mod rollback;

use std::collections::{BTreeSet, HashMap};

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

use super::{
    bucket::{Head, Tab, visible},
    channels::{Held, by, held, seen},
    choice::{self, Choice},
    form::Query,
    // The templates of the modules below look for `frame` and `theme` here.
    frame::{Frame, Page, Section},
    href,
    paging::Pages,
    problem::Problem,
    show::{Authors, When},
    visitor::Here,
};
use crate::{
    domain::{limit, role::Action, time::Time},
    error::Result,
    ops::Access,
    state::State,
    store::{
        Conn, PageRequest,
        buckets::Bucket,
        channels::{self, Assignment, Channel},
        page::Listing,
        revocations::Outlook,
        versions::{self, Version},
    },
};

pub(super) use changes::{assign, promote, restrict};
pub(super) use delete::{ask as ask_delete, delete};
pub(super) use rollback::{ask as ask_roll_back, roll_back};

/// History on one page.
const HISTORY: Listing = Listing {
    size: limit::PAGE / 2,
    ..channels::HISTORY
};

/// The channel of a path.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ChannelPath {
    /// The name of its bucket.
    pub(super) bucket: String,
    /// Its name.
    pub(super) channel: String,
}

impl ChannelPath {
    fn parts(&self) -> (String, String) {
        (self.bucket.clone(), self.channel.clone())
    }

    fn href(&self, here: &Here) -> String {
        href::channel(&here.access.project.name, &self.bucket, &self.channel)
    }

    /// The channel, if the caller may see it.
    fn visible(&self, conn: &mut Conn, access: &Access) -> Result<(Bucket, Channel)> {
        let bucket = visible(conn, access, &self.bucket)?;
        let channel = channels::find(conn, &bucket.id, &self.channel)?;
        if channel.restricted {
            access.check(Action::SeeRestricted, Some(&bucket.id))?;
        }
        Ok((bucket, channel))
    }

    /// The channel, if the caller may move it.
    fn decided(&self, conn: &mut Conn, access: &Access) -> Result<(Bucket, Channel)> {
        let (bucket, channel) = self.visible(conn, access)?;
        access.check(Action::Decide, Some(&bucket.id))?;
        Ok((bucket, channel))
    }
}

#[derive(Template)]
#[template(path = "channel.html")]
struct ChannelPage {
    frame: Frame,
    head: Head,
    name: String,
    href: String,
    managed: bool,
    restricted: bool,
    decides: bool,
    held: Option<Held>,
    /// The version that it held before and that can be used.
    before: Option<Version>,
    sources: Vec<Source>,
    choices: Vec<Choice>,
    history: Vec<Step>,
    count: i64,
    pages: Pages,
    sent: Sent,
    problem: Problem,
}

impl Page for ChannelPage {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

/// Another channel, which gives a version.
struct Source {
    name: String,
    version: String,
}

/// One assignment.
struct Step {
    at: When,
    author: String,
    /// Empty when the channel was cleared.
    version: String,
    /// The version's page, as long as it is there.
    href: Option<String>,
}

/// What was sent to move the channel.
#[derive(Default)]
struct Sent {
    version: String,
    typed: String,
    source: String,
}

/// What is read for the page.
struct Found {
    bucket: Bucket,
    channel: Channel,
    held: Option<Held>,
    before: Option<Version>,
    sources: Vec<Source>,
    choices: Vec<Choice>,
    history: Vec<Step>,
    count: i64,
    next: String,
    previous: String,
}

pub(super) async fn show(
    state: Data<State>,
    here: Here,
    path: Path<ChannelPath>,
    query: Query,
) -> Result<HttpResponse> {
    let request = query.page(&HISTORY)?;
    let nothing = (Sent::default(), Problem::none());
    page(&state, &here, (&path, request), nothing).await
}

/// The page after something was sent that could not be done.
async fn again(
    state: &State,
    here: &Here,
    path: &ChannelPath,
    sent: (Sent, Problem),
) -> Result<HttpResponse> {
    let request = PageRequest::parse(&crate::store::page::Wanted::default(), &HISTORY)?;
    page(state, here, (path, request), sent).await
}

async fn page(
    state: &State,
    here: &Here,
    (path, request): (&ChannelPath, PageRequest),
    (sent, problem): (Sent, Problem),
) -> Result<HttpResponse> {
    let (access, asked, now) = (here.access.clone(), path.clone(), state.clock.now());
    let read = state
        .store
        .read(move |conn| find(conn, &access, (&asked, &request), now));
    let found = read.await?;
    let bucket = &found.bucket;
    let project = &here.access.project.name;
    let page = ChannelPage {
        frame: Frame::of(
            here,
            Section::Buckets,
            format!("{} of {}", found.channel.name, bucket.name),
        ),
        head: Head::new(project, bucket, Tab::Channels),
        decides: here.access.check(Action::Decide, Some(&bucket.id)).is_ok(),
        href: path.href(here),
        name: found.channel.name,
        managed: found.channel.managed,
        restricted: found.channel.restricted,
        held: found.held,
        before: found.before,
        sources: found.sources,
        choices: found.choices,
        history: found.history,
        count: found.count,
        pages: Pages::new(&here.signed.request, (&found.next, &found.previous)),
        sent,
        problem,
    };
    page.show_as(page.problem.status())
}

fn find(
    conn: &mut Conn,
    access: &Access,
    (path, request): (&ChannelPath, &PageRequest),
    now: Time,
) -> Result<Found> {
    let (bucket, channel) = path.visible(conn, access)?;
    let project = (access.project.id.as_str(), access.project.name.as_str());
    let all = seen(conn, access, &bucket)?;
    let versions = held(conn, project, &bucket, &all, now)?;
    let given = |channel: &Channel| {
        let id = channel.version_id.as_ref()?;
        versions.get(id).cloned()
    };
    let others = all.iter().filter(|other| other.id != channel.id);
    let sources = others.filter_map(|other| {
        let version = given(other)?.name;
        Some(Source {
            name: other.name.clone(),
            version,
        })
    });
    let (page, count) = channels::history(conn, &channel.id, request)?;
    Ok(Found {
        held: given(&channel),
        before: before(conn, &channel)?,
        sources: sources.collect(),
        choices: choice::newest(conn, &bucket, now)?,
        history: steps(conn, access, (&bucket, page.rows), now)?,
        count,
        next: page.next,
        previous: page.previous,
        bucket,
        channel,
    })
}

/// Where a channel goes that is rolled back.
fn before(conn: &mut Conn, channel: &Channel) -> Result<Option<Version>> {
    let held: Vec<String> = channel.version_id.clone().into_iter().collect();
    let outlook = Outlook {
        without: &held,
        ..Outlook::default()
    };
    channels::last_good(conn, &channel.id, outlook)
}

fn steps(
    conn: &mut Conn,
    access: &Access,
    (bucket, rows): (&Bucket, Vec<Assignment>),
    now: Time,
) -> Result<Vec<Step>> {
    let ids: BTreeSet<String> = rows.iter().map(|row| row.version_id.clone()).collect();
    let ids: Vec<String> = ids.into_iter().filter(|id| !id.is_empty()).collect();
    let there = versions::in_project(conn, &access.project.id, &ids)?;
    let there: HashMap<String, Version> =
        there.into_iter().map(|row| (row.id.clone(), row)).collect();
    let authors = rows.iter().map(|row| row.author_id.clone());
    let authors = Authors::of(conn, &access.project.organization_id, authors)?;
    let step = |row: Assignment| Step {
        at: When::new(row.assigned_at, now),
        author: by(&authors, &row.author_id),
        href: there
            .get(&row.version_id)
            .map(|version| href::version(&access.project.name, &bucket.name, &version.fingerprint)),
        version: row.version_name,
    };
    Ok(rows.into_iter().map(step).collect())
}

/// What a channel holds now, in words.
fn gives(conn: &mut Conn, channel: &Channel) -> Result<String> {
    Ok(match &channel.version_id {
        Some(id) => versions::by_id(conn, id)?.name(),
        None => "nothing".into(),
    })
}
