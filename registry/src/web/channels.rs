//! `…/channels`: the channels of a bucket, and making another.

use std::sync::Arc;

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::{
    bucket::{BucketPath, Head, Tab, visible},
    choice::{self, Choice},
    form::Form,
    frame::{Frame, Page, Section, see_after},
    href,
    problem::Problem,
    show::{Authors, State as Shown, When},
    visitor::Here,
};
use crate::{
    domain::{channel::SERVICE_AUTHOR, role::Action, time::Time},
    error::Result,
    ops::{
        Access,
        channels::{self as ops, Create},
    },
    state::State,
    store::{
        Conn,
        buckets::Bucket,
        channels::{self, Channel},
        versions::{self, Version},
    },
};

#[derive(Template)]
#[template(path = "channels.html")]
struct Channels {
    frame: Frame,
    head: Head,
    rows: Vec<Row>,
    /// Whether one may make channels.
    decides: bool,
    choices: Vec<Choice>,
    sent: Sent,
    problem: Problem,
}

impl Page for Channels {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

/// A channel.
struct Row {
    name: String,
    href: String,
    managed: bool,
    restricted: bool,
    held: Option<Held>,
    changed: When,
    author: String,
}

/// The version that a channel gives.
#[derive(Clone)]
pub(super) struct Held {
    /// Its name.
    pub(super) name: String,
    /// Its page.
    pub(super) href: String,
    /// Its fingerprint.
    pub(super) fingerprint: String,
    /// Where it stands.
    pub(super) state: Shown,
}

/// What was sent to make a channel.
#[derive(Default)]
struct Sent {
    name: String,
    restricted: bool,
    version: String,
    typed: String,
}

/// Who changed a channel, as people say it.
pub(super) fn by(authors: &Authors, id: &str) -> String {
    if id == SERVICE_AUTHOR {
        return "the registry".into();
    }
    authors.name(id)
}

/// The channels of a bucket that somebody may see, by name.
pub(super) fn seen(conn: &mut Conn, access: &Access, bucket: &Bucket) -> Result<Vec<Channel>> {
    let mut rows = channels::list(conn, &bucket.id)?;
    let sees_all = access.sees_restricted(&bucket.id);
    rows.retain(|channel| sees_all || !channel.restricted);
    Ok(rows)
}

/// The versions that channels hold, by id.
pub(super) fn held<'a>(
    conn: &mut Conn,
    project: (&str, &str),
    bucket: &Bucket,
    rows: impl IntoIterator<Item = &'a Channel>,
    now: Time,
) -> Result<std::collections::HashMap<String, Held>> {
    let (project_id, project_name) = project;
    let ids: Vec<String> = rows
        .into_iter()
        .filter_map(|row| row.version_id.clone())
        .collect();
    let found = versions::in_project(conn, project_id, &ids)?;
    let states = choice::states(conn, &found, now)?;
    let show = |(version, state): (Version, Shown)| {
        let held = Held {
            name: version.name(),
            href: href::version(project_name, &bucket.name, &version.fingerprint),
            fingerprint: version.fingerprint,
            state,
        };
        (version.id, held)
    };
    Ok(found.into_iter().zip(states).map(show).collect())
}

pub(super) async fn list(
    state: Data<State>,
    here: Here,
    path: Path<BucketPath>,
) -> Result<HttpResponse> {
    page(
        &state,
        &here,
        &path.bucket,
        (Sent::default(), Problem::none()),
    )
    .await
}

async fn page(
    state: &State,
    here: &Here,
    bucket: &str,
    (sent, problem): (Sent, Problem),
) -> Result<HttpResponse> {
    let (access, name, now) = (here.access.clone(), bucket.to_owned(), state.clock.now());
    let project = here.access.project.name.clone();
    let read = state.store.read(move |conn| {
        let bucket = visible(conn, &access, &name)?;
        let rows = rows(conn, &access, &bucket, now)?;
        let choices = choice::newest(conn, &bucket, now)?;
        Ok((bucket, rows, choices))
    });
    let (bucket, rows, choices) = read.await?;
    let page = Channels {
        frame: Frame::of(
            here,
            Section::Buckets,
            format!("Channels of {}", bucket.name),
        ),
        head: Head::new(&project, &bucket, Tab::Channels),
        decides: here.access.check(Action::Decide, Some(&bucket.id)).is_ok(),
        rows,
        choices,
        sent,
        problem,
    };
    page.show_as(page.problem.status())
}

fn rows(conn: &mut Conn, access: &Arc<Access>, bucket: &Bucket, now: Time) -> Result<Vec<Row>> {
    let project = &access.project;
    let found = seen(conn, access, bucket)?;
    let versions = held(conn, (&project.id, &project.name), bucket, &found, now)?;
    let authors = found.iter().map(|channel| channel.author_id.clone());
    let authors = Authors::of(conn, &project.organization_id, authors)?;
    let row = |channel: Channel| Row {
        href: href::channel(&project.name, &bucket.name, &channel.name),
        managed: channel.managed,
        restricted: channel.restricted,
        changed: When::new(channel.updated_at, now),
        author: by(&authors, &channel.author_id),
        held: channel.version_id.and_then(|id| versions.get(&id).cloned()),
        name: channel.name,
    };
    Ok(found.into_iter().map(row).collect())
}

pub(super) async fn create(
    state: Data<State>,
    here: Here,
    path: Path<BucketPath>,
    mut form: Form,
) -> Result<HttpResponse> {
    let wanted = choice::wanted(&form).to_owned();
    let (access, bucket) = (here.access.clone(), path.bucket.clone());
    let meant = state.store.read(move |conn| {
        let bucket = visible(conn, &access, &bucket)?;
        access.check(Action::Decide, Some(&bucket.id))?;
        if wanted.is_empty() {
            return Ok(String::new());
        }
        Ok(choice::meant(conn, &bucket, &wanted)?.fingerprint)
    });
    let sent = Sent {
        name: form.take("name"),
        restricted: !form.text("restricted").is_empty(),
        version: form.take("version"),
        typed: form.take("typed"),
    };
    let fingerprint = match meant.await {
        Ok(fingerprint) => fingerprint,
        Err(error) => {
            let problem = Problem::of(error, &["typed"])?;
            return page(&state, &here, &path.bucket, (sent, problem)).await;
        }
    };
    let new = Create {
        name: sent.name.trim().to_owned(),
        restricted: sent.restricted,
        fingerprint,
    };
    match ops::create(&state, here.access.clone(), path.bucket.clone(), new).await {
        Ok(made) => {
            let gives = match &made.version {
                Some(view) => format!("gives {}", view.version.name()),
                None => "gives nothing yet".to_owned(),
            };
            let name = made.channel.name;
            let address = href::channels(&here.access.project.name, &path.bucket);
            see_after(
                &address,
                format!("Channel {name} is there and {gives}. To undo it, delete it on its page."),
            )
        }
        Err(error) => {
            let problem = Problem::of(error, &["name"])?;
            page(&state, &here, &path.bucket, (sent, problem)).await
        }
    }
}
