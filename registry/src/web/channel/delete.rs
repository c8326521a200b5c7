//! `…/channels/{channel}/delete`.

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
        href,
        problem::Problem,
        visitor::Here,
    },
    ChannelPath, gives,
};
use crate::{
    error::Result,
    ops::channels as ops,
    state::State,
    store::channels::{self, Channel},
};

#[derive(Template)]
#[template(path = "channel_delete.html")]
struct Delete {
    frame: Frame,
    head: Head,
    name: String,
    href: String,
    managed: bool,
    gives: String,
    /// How often it was assigned.
    count: i64,
    typed: String,
    problem: Problem,
}

impl Page for Delete {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

async fn page(
    state: &State,
    here: &Here,
    path: &ChannelPath,
    (typed, problem): (String, Problem),
) -> Result<HttpResponse> {
    let (access, asked) = (here.access.clone(), path.clone());
    let read = state.store.read(move |conn| {
        let (bucket, channel) = asked.decided(conn, &access)?;
        let gives = gives(conn, &channel)?;
        let count = channels::assignments(conn, &channel.id)?;
        Ok((bucket, channel, gives, count))
    });
    let (bucket, channel, gives, count) = read.await?;
    let Channel { name, managed, .. } = channel;
    let title = format!("Delete {name} of {}", bucket.name);
    let page = Delete {
        frame: Frame::of(here, Section::Buckets, title),
        head: Head::new(&here.access.project.name, &bucket, Tab::Channels),
        href: path.href(here),
        name,
        managed,
        gives,
        count,
        typed,
        problem,
    };
    page.show_as(page.problem.status())
}

pub(in crate::web) async fn ask(
    state: Data<State>,
    here: Here,
    path: Path<ChannelPath>,
) -> Result<HttpResponse> {
    page(&state, &here, &path, (String::new(), Problem::none())).await
}

pub(in crate::web) async fn delete(
    state: Data<State>,
    here: Here,
    path: Path<ChannelPath>,
    mut form: Form,
) -> Result<HttpResponse> {
    let typed = form.take("typed");
    if typed.trim() != path.channel {
        let text = format!("This is not the channel's name, {}.", path.channel);
        return page(&state, &here, &path, (typed, Problem::new("typed", text))).await;
    }
    match ops::delete(&state, here.access.clone(), path.parts()).await {
        Ok(()) => {
            let address = href::channels(&here.access.project.name, &path.bucket);
            let text = format!(
                "Channel {} is deleted, with its history. Create it again to hand out versions by that name.",
                path.channel
            );
            see_after(&address, text)
        }
        Err(error) => {
            let problem = Problem::of(error, &["typed"])?;
            page(&state, &here, &path, (typed, problem)).await
        }
    }
}
