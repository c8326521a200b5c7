//! `…/versions/{fingerprint}/assign`: letting a channel give a version, from the version's page.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::{
    bucket::visible,
    channels::held,
    choice::{VersionPath, called},
    form::Form,
    frame::{Frame, Page, Section, see_after},
    href,
    problem::Problem,
    visitor::Here,
};
use crate::{
    domain::{channel::ChannelChange, role::Action, time::Time},
    error::Result,
    ops::{Access, channels as ops},
    state::State,
    store::{Conn, channels, versions},
};

#[derive(Template)]
#[template(path = "assign.html")]
struct Assign {
    frame: Frame,
    bucket: String,
    bucket_href: String,
    channels_href: String,
    name: String,
    href: String,
    /// Whether a channel may give it: not before it is complete.
    complete: bool,
    rows: Vec<Row>,
    /// The channel that was chosen.
    channel: String,
    problem: Problem,
}

impl Page for Assign {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

/// A channel that people manage.
struct Row {
    name: String,
    restricted: bool,
    /// What it gives.
    gives: String,
    /// Whether that is this version.
    already: bool,
}

/// What is read for the page.
struct Found {
    name: String,
    complete: bool,
    rows: Vec<Row>,
}

fn find(conn: &mut Conn, access: &Access, path: &VersionPath, now: Time) -> Result<Found> {
    let bucket = visible(conn, access, &path.bucket)?;
    access.check(Action::Decide, Some(&bucket.id))?;
    let version = versions::existing(conn, &bucket.id, &path.fingerprint)?;
    let mut found = channels::list(conn, &bucket.id)?;
    found.retain(|channel| !channel.managed);
    let project = (access.project.id.as_str(), access.project.name.as_str());
    let versions = held(conn, project, &bucket, &found, now)?;
    let rows = found.into_iter().map(|channel| {
        let held = channel.version_id.as_ref().and_then(|id| versions.get(id));
        Row {
            gives: held.map_or_else(|| "nothing".to_owned(), |held| held.name.clone()),
            already: held.is_some_and(|held| held.fingerprint == version.fingerprint),
            restricted: channel.restricted,
            name: channel.name,
        }
    });
    Ok(Found {
        name: called(&version.name(), &version.fingerprint).to_owned(),
        complete: version.number.is_some(),
        rows: rows.collect(),
    })
}

async fn page(state: &State, here: &Here, path: &VersionPath) -> Result<Assign> {
    let (access, asked, now) = (here.access.clone(), path.clone(), state.clock.now());
    let found = state
        .store
        .read(move |conn| find(conn, &access, &asked, now));
    let found = found.await?;
    let project = &here.access.project.name;
    Ok(Assign {
        frame: Frame::of(
            here,
            Section::Buckets,
            format!("Assign {} {}", path.bucket, found.name),
        ),
        bucket_href: href::bucket(project, &path.bucket),
        channels_href: href::channels(project, &path.bucket),
        bucket: path.bucket.clone(),
        href: href::version(project, &path.bucket, &path.fingerprint),
        name: found.name,
        complete: found.complete,
        rows: found.rows,
        channel: String::new(),
        problem: Problem::none(),
    })
}

pub(super) async fn ask(
    state: Data<State>,
    here: Here,
    path: Path<VersionPath>,
) -> Result<HttpResponse> {
    page(&state, &here, &path).await?.show()
}

pub(super) async fn assign(
    state: Data<State>,
    here: Here,
    path: Path<VersionPath>,
    mut form: Form,
) -> Result<HttpResponse> {
    let mut page = page(&state, &here, &path).await?;
    page.channel = form.take("channel");
    let Some(row) = page.rows.iter().find(|row| row.name == page.channel) else {
        page.problem = Problem::new("channel", "Choose a channel.");
        return page.show_as(page.problem.status());
    };
    let VersionPath {
        bucket,
        fingerprint,
    } = path.into_inner();
    let change = ChannelChange {
        assign: Some(Some(fingerprint)),
        restricted: None,
    };
    let place = (bucket, page.channel.clone());
    match ops::update(&state, here.access.clone(), place, change).await {
        Ok(_) => {
            let text = format!(
                "{} gives {} now. It gave {} before: to undo it, go to the channel.",
                page.channel, page.name, row.gives
            );
            see_after(&page.href, text)
        }
        Err(error) => {
            page.problem = Problem::of(error, &["channel"])?;
            page.show_as(page.problem.status())
        }
    }
}
