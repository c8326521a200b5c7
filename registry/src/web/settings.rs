//! `…/settings` of a bucket: its description and its labels; and `/p/{project}/new-bucket`, where there is none yet.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::{
    bucket::{BucketPath, Head, Tab, visible},
    form::Form,
    frame::{Frame, Page, Section, see_after},
    href,
    labels::{self, Row},
    problem::Problem,
    visitor::Here,
};
use crate::{
    domain::role::Action,
    error::Result,
    ops::buckets::{self as ops, Create, Update},
    state::State,
    store::buckets::Bucket,
};

/// Fields of both forms; the first is the one that errors are about that name none.
const FIELDS: [&str; 3] = ["name", "description", "labels"];

#[derive(Template)]
#[template(path = "settings.html")]
struct Settings {
    frame: Frame,
    head: Head,
    href: String,
    /// Whether one may change it.
    records: bool,
    /// Whether one may delete it.
    administers: bool,
    description: String,
    labels: Vec<Row>,
    /// When the bucket changed last, as the form saw it.
    seen: String,
    problem: Problem,
}

impl Page for Settings {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

impl Settings {
    fn new(here: &Here, bucket: &Bucket) -> Self {
        let may = |action| here.access.check(action, Some(&bucket.id)).is_ok();
        let project = &here.access.project.name;
        Self {
            frame: Frame::of(
                here,
                Section::Buckets,
                format!("Settings of {}", bucket.name),
            ),
            head: Head::new(project, bucket, Tab::Settings),
            href: href::bucket(project, &bucket.name),
            records: may(Action::Record),
            administers: may(Action::Administer),
            description: bucket.description.clone(),
            labels: labels::rows(&bucket.labels),
            seen: bucket.updated_at.micros().to_string(),
            problem: Problem::none(),
        }
    }
}

async fn find(state: &State, here: &Here, path: &BucketPath) -> Result<Bucket> {
    let (access, name) = (here.access.clone(), path.bucket.clone());
    let read = state.store.read(move |conn| visible(conn, &access, &name));
    read.await
}

pub(super) async fn show(
    state: Data<State>,
    here: Here,
    path: Path<BucketPath>,
) -> Result<HttpResponse> {
    let bucket = find(&state, &here, &path).await?;
    Settings::new(&here, &bucket).show()
}

pub(super) async fn change(
    state: Data<State>,
    here: Here,
    path: Path<BucketPath>,
    mut form: Form,
) -> Result<HttpResponse> {
    let before = find(&state, &here, &path).await?;
    here.access.check(Action::Record, Some(&before.id))?;
    let page = Settings::new(&here, &before);
    if form.text("seen") != page.seen {
        let text = "Somebody changed the settings since you saw them, and nothing of yours was saved. This is how they are now.";
        let page = Settings {
            problem: Problem::stale(text),
            ..page
        };
        return page.show_as(page.problem.status());
    }
    let rows = labels::sent(&form);
    let description = form.take("description");
    let done = match labels::read(&rows) {
        Ok(labels) => {
            let update = Update {
                description: Some(description.trim().to_owned()),
                labels: Some(labels),
            };
            ops::update(&state, here.access.clone(), path.bucket.clone(), update).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(view) => {
            let address = page.href + "/settings";
            see_after(&address, told(&before, &view.bucket))
        }
        Err(error) => {
            let page = Settings {
                description,
                labels: rows,
                problem: Problem::of(error, &["description", "labels"])?,
                ..page
            };
            page.show_as(page.problem.status())
        }
    }
}

/// What changed, with what was there before.
fn told(before: &Bucket, after: &Bucket) -> String {
    let mut changes = Vec::new();
    if before.description != after.description {
        changes.push(match before.description.as_str() {
            "" => "the description is new".to_owned(),
            old => format!("the description was «{old}»"),
        });
    }
    changes.extend(labels::changes(before.labels.pairs(), after.labels.pairs()));
    if changes.is_empty() {
        return "Nothing was different, and nothing is changed.".into();
    }
    format!(
        "Saved: {}. To undo it, write that again.",
        changes.join("; ")
    )
}

#[derive(Template)]
#[template(path = "bucket_new.html")]
struct New {
    frame: Frame,
    buckets: String,
    name: String,
    description: String,
    labels: Vec<Row>,
    problem: Problem,
}

impl Page for New {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

pub(super) async fn ask_new(here: Here) -> Result<HttpResponse> {
    here.access.check(Action::Record, None)?;
    let page = New {
        frame: Frame::of(&here, Section::Buckets, "Create a bucket"),
        buckets: href::buckets(&here.access.project.name),
        name: String::new(),
        description: String::new(),
        labels: labels::rows(&crate::domain::label::Labels::default()),
        problem: Problem::none(),
    };
    page.show()
}

pub(super) async fn create(state: Data<State>, here: Here, mut form: Form) -> Result<HttpResponse> {
    here.access.check(Action::Record, None)?;
    let rows = labels::sent(&form);
    let (name, description) = (form.take("name"), form.take("description"));
    let done = match labels::read(&rows) {
        Ok(labels) => {
            let create = Create {
                name: name.trim().to_owned(),
                description: description.trim().to_owned(),
                labels,
            };
            ops::create(&state, here.access.clone(), create).await
        }
        Err(error) => Err(error),
    };
    let project = &here.access.project.name;
    match done {
        Ok(made) => {
            let name = made.bucket.name;
            let text = format!(
                "Bucket {name} is there, and empty. To undo it, delete it in its settings."
            );
            see_after(&href::bucket(project, &name), text)
        }
        Err(error) => {
            let page = New {
                frame: Frame::of(&here, Section::Buckets, "Create a bucket"),
                buckets: href::buckets(project),
                name,
                description,
                labels: rows,
                problem: Problem::of(error, &FIELDS)?,
            };
            page.show_as(page.problem.status())
        }
    }
}
