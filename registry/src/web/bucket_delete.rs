//! `…/delete` of a bucket.

use std::collections::BTreeSet;

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
    problem::Problem,
    visitor::Here,
};
use crate::{
    domain::role::Action,
    error::Result,
    ops::{Access, buckets as ops},
    state::State,
    store::{
        Conn, ancestry,
        buckets::{self, Bucket},
        channels, versions,
    },
};

/// Buckets that were built from it and are named; the others are not.
const SHOWN: usize = 20;

#[derive(Template)]
#[template(path = "bucket_delete.html")]
struct Delete {
    frame: Frame,
    head: Head,
    settings: String,
    versions: i64,
    /// Names of the channels that give a version.
    channels: Vec<String>,
    /// Names of buckets whose latest version was built from this one.
    children: Vec<String>,
    typed: String,
    problem: Problem,
}

impl Page for Delete {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

/// What is read for the page.
struct Found {
    bucket: Bucket,
    channels: Vec<String>,
    children: Vec<String>,
}

fn find(conn: &mut Conn, access: &Access, name: &str) -> Result<Found> {
    let bucket = visible(conn, access, name)?;
    access.check(Action::Administer, Some(&bucket.id))?;
    let mut channels = channels::list(conn, &bucket.id)?;
    channels.retain(|channel| channel.version_id.is_some());
    let links = ancestry::children(conn, std::slice::from_ref(&bucket.id))?;
    let children: BTreeSet<String> = links.into_iter().map(|link| link.child_id).collect();
    let children: Vec<String> = children.into_iter().take(SHOWN).collect();
    let homes = versions::in_project(conn, &access.project.id, &children)?;
    let homes: BTreeSet<String> = homes.into_iter().map(|version| version.bucket_id).collect();
    let homes: Vec<String> = homes.into_iter().filter(|id| *id != bucket.id).collect();
    let names = buckets::names(conn, &homes)?;
    let mut names: Vec<String> = names.into_values().collect();
    names.sort();
    Ok(Found {
        channels: channels.into_iter().map(|channel| channel.name).collect(),
        children: names,
        bucket,
    })
}

async fn page(
    state: &State,
    here: &Here,
    path: &BucketPath,
    (typed, problem): (String, Problem),
) -> Result<HttpResponse> {
    let (access, name) = (here.access.clone(), path.bucket.clone());
    let found = state.store.read(move |conn| find(conn, &access, &name));
    let found = found.await?;
    let project = &here.access.project.name;
    let page = Delete {
        frame: Frame::of(
            here,
            Section::Buckets,
            format!("Delete {}", found.bucket.name),
        ),
        head: Head::new(project, &found.bucket, Tab::Settings),
        settings: href::bucket(project, &found.bucket.name) + "/settings",
        versions: found.bucket.version_count,
        channels: found.channels,
        children: found.children,
        typed,
        problem,
    };
    page.show_as(page.problem.status())
}

pub(super) async fn ask(
    state: Data<State>,
    here: Here,
    path: Path<BucketPath>,
) -> Result<HttpResponse> {
    page(&state, &here, &path, (String::new(), Problem::none())).await
}

pub(super) async fn delete(
    state: Data<State>,
    here: Here,
    path: Path<BucketPath>,
    mut form: Form,
) -> Result<HttpResponse> {
    let typed = form.take("typed");
    if typed.trim() != path.bucket {
        let text = format!("This is not the bucket's name, {}.", path.bucket);
        return page(&state, &here, &path, (typed, Problem::new("typed", text))).await;
    }
    match ops::delete(&state, here.access.clone(), path.bucket.clone()).await {
        Ok(()) => {
            let address = href::buckets(&here.access.project.name);
            see_after(
                &address,
                format!("Bucket {} is deleted, for good.", path.bucket),
            )
        }
        Err(error) => {
            let problem = Problem::of(error, &["typed"])?;
            page(&state, &here, &path, (typed, problem)).await
        }
    }
}
