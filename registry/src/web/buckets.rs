//! `/p/{project}/buckets`: all buckets, by name.

use actix_web::{HttpResponse, web::Data};
use askama::Template;

use super::{
    form::Query,
    frame::{Frame, Page, Section},
    href,
    paging::Pages,
    show::When,
    visitor::Here,
};
use crate::{
    domain::{role::Action, time::Time},
    error::Result,
    state::State,
    store::{
        buckets as rows,
        views::{self, BucketView},
    },
};

#[derive(Template)]
#[template(path = "buckets.html")]
struct Buckets {
    frame: Frame,
    rows: Vec<Row>,
    filtered: bool,
    pages: Pages,
    first_command: String,
    /// Where one is made, for those who may.
    new: Option<String>,
    /// Where versions are revoked that hold an artifact, for those who may.
    revoke: Option<String>,
}

impl Page for Buckets {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

/// A bucket.
struct Row {
    name: String,
    href: String,
    description: String,
    latest: Option<Latest>,
    platforms: String,
    versions: i64,
    changed: When,
}

/// What `latest` holds.
struct Latest {
    name: String,
    href: String,
    completed: When,
}

pub(super) async fn list(state: Data<State>, here: Here, query: Query) -> Result<HttpResponse> {
    here.access.check(Action::Read, None)?;
    let request = query.page(&rows::LISTING)?;
    let filtered = request.cursor().is_some();
    let project_id = here.access.project.id.clone();
    let read = state.store.read(move |conn| {
        let page = rows::list(conn, &project_id, &request)?;
        let views = views::buckets(conn, &project_id, page.rows)?;
        Ok((views, page.next, page.previous))
    });
    let (found, next, previous) = read.await?;
    let (now, project) = (state.clock.now(), &here.access.project.name);
    let may = |action: Action| here.access.check(action, None).is_ok();
    let page = Buckets {
        frame: Frame::of(&here, Section::Buckets, "Buckets"),
        rows: found
            .into_iter()
            .map(|view| row(view, project, now))
            .collect(),
        filtered,
        pages: Pages::new(&here.signed.request, (&next, &previous)),
        first_command: "touchmark bucket create my-image".to_owned(),
        new: may(Action::Record).then(|| href::new_bucket(project)),
        revoke: may(Action::Decide).then(|| href::revoke_artifacts(project, "")),
    };
    page.show()
}

fn row(view: BucketView, project: &str, now: Time) -> Row {
    let BucketView { bucket, latest, .. } = view;
    Row {
        href: href::bucket(project, &bucket.name),
        latest: latest.map(|latest| Latest {
            name: latest.version.name(),
            href: href::version(project, &bucket.name, &latest.version.fingerprint),
            completed: When::new(latest.version.updated_at, now),
        }),
        platforms: bucket.platforms.0.join(", "),
        versions: bucket.version_count,
        changed: When::new(bucket.changed_at, now),
        description: bucket.description,
        name: bucket.name,
    }
}
