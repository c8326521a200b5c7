//! `…/channels/{channel}/rollback`: back to what the channel gave before.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::{
    super::{
        bucket::{Head, Tab},
        form::Form,
        frame::{Frame, Page, Section, see_after},
        problem::Problem,
        visitor::Here,
    },
    ChannelPath, before,
};
use crate::{
    domain::channel::ChannelChange,
    error::Result,
    ops::channels as ops,
    state::State,
    store::{
        buckets::Bucket,
        versions::{self, Version},
    },
};

#[derive(Template)]
#[template(path = "channel_rollback.html")]
struct Rollback {
    frame: Frame,
    head: Head,
    name: String,
    href: String,
    managed: bool,
    way: Way,
    problem: Problem,
}

impl Page for Rollback {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

/// From where to where the channel goes.
struct Way {
    from: Option<Version>,
    to: Option<Version>,
}

impl Way {
    /// Whether it is the one that a form shows.
    fn is_shown_by(&self, form: &Form) -> bool {
        let same = |version: &Option<Version>, field: &str| {
            let fingerprint = version.as_ref().map_or("", |held| &held.fingerprint);
            form.text(field) == fingerprint
        };
        same(&self.from, "from") && same(&self.to, "to")
    }
}

async fn find(state: &State, here: &Here, path: &ChannelPath) -> Result<(Bucket, bool, Way)> {
    let (access, path) = (here.access.clone(), path.clone());
    let read = state.store.read(move |conn| {
        let (bucket, channel) = path.decided(conn, &access)?;
        let from = match &channel.version_id {
            Some(id) => Some(versions::by_id(conn, id)?),
            None => None,
        };
        let to = before(conn, &channel)?;
        Ok((bucket, channel.managed, Way { from, to }))
    });
    read.await
}

fn page(
    here: &Here,
    path: &ChannelPath,
    (bucket, managed, way): (&Bucket, bool, Way),
    problem: Problem,
) -> Result<HttpResponse> {
    let name = path.channel.clone();
    let title = format!("Roll back {name} of {}", bucket.name);
    let page = Rollback {
        frame: Frame::of(here, Section::Buckets, title),
        head: Head::new(&here.access.project.name, bucket, Tab::Channels),
        href: path.href(here),
        name,
        managed,
        way,
        problem,
    };
    page.show_as(page.problem.status())
}

pub(in crate::web) async fn ask(
    state: Data<State>,
    here: Here,
    path: Path<ChannelPath>,
) -> Result<HttpResponse> {
    let (bucket, managed, way) = find(&state, &here, &path).await?;
    page(&here, &path, (&bucket, managed, way), Problem::none())
}

pub(in crate::web) async fn roll_back(
    state: Data<State>,
    here: Here,
    path: Path<ChannelPath>,
    form: Form,
) -> Result<HttpResponse> {
    let (bucket, managed, way) = find(&state, &here, &path).await?;
    if !way.is_shown_by(&form) {
        let problem = Problem::stale(
            "The channel moved, or a version was revoked, since the page was shown. This is how it stands now.",
        );
        return page(&here, &path, (&bucket, managed, way), problem);
    }
    let Some(to) = &way.to else {
        let problem = Problem::new("", "There is no version to go back to.");
        return page(&here, &path, (&bucket, managed, way), problem);
    };
    let change = ChannelChange {
        assign: Some(Some(to.fingerprint.clone())),
        restricted: None,
    };
    match ops::update(&state, here.access.clone(), path.parts(), change).await {
        Ok(_) => {
            let gave = way.from.as_ref().map(Version::name);
            let undo = gave.map_or_else(
                || "It gave nothing before: to undo it, unassign it.".to_owned(),
                |gave| format!("It gave {gave} before: to undo it, assign that again."),
            );
            let text = format!("{} gives {} again. {undo}", path.channel, to.name());
            see_after(&path.href(&here), text)
        }
        Err(error) => {
            let problem = Problem::of(error, &[""])?;
            page(&here, &path, (&bucket, managed, way), problem)
        }
    }
}
