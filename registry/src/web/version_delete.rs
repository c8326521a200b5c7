//! `…/versions/{fingerprint}/delete`.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::{
    bucket::visible,
    choice::{VersionPath, called},
    form::Form,
    frame::{Frame, Page, Section, see_after},
    href,
    problem::Problem,
    visitor::Here,
};
use crate::{
    domain::role::Action,
    error::Result,
    ops::{
        Access,
        versions::{self as ops, Holders},
    },
    state::State,
    store::{
        Conn, ancestry, builds,
        channels::{self, Channel},
        revocations::Outlook,
        versions,
    },
};

#[derive(Template)]
#[template(path = "version_delete.html")]
struct Delete {
    frame: Frame,
    bucket: String,
    bucket_href: String,
    name: String,
    href: String,
    builds: i64,
    /// Whether other versions were built from it.
    has_descendants: bool,
    /// The channels that give it.
    holders: Vec<Holder>,
    roll_back: bool,
    typed: String,
    problem: Problem,
}

impl Page for Delete {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

/// A channel that gives the version.
struct Holder {
    name: String,
    href: String,
    /// What it gives when the version is gone.
    to: Option<String>,
}

/// What is read for the page.
struct Found {
    name: String,
    builds: i64,
    has_descendants: bool,
    holders: Vec<(Channel, Option<String>)>,
}

fn find(conn: &mut Conn, access: &Access, path: &VersionPath) -> Result<Found> {
    let bucket = visible(conn, access, &path.bucket)?;
    access.check(Action::Decide, Some(&bucket.id))?;
    let version = versions::existing(conn, &bucket.id, &path.fingerprint)?;
    let outlook = Outlook {
        without: std::slice::from_ref(&version.id),
        ..Outlook::default()
    };
    let mut holders = Vec::new();
    for channel in channels::holding(conn, &version.id)? {
        let to = channels::last_good(conn, &channel.id, outlook)?;
        holders.push((channel, to.map(|version| version.name())));
    }
    let ids = std::slice::from_ref(&version.id);
    let descended = ancestry::with_descendants(conn, &access.project.id, ids)?;
    Ok(Found {
        name: called(&version.name(), &version.fingerprint).to_owned(),
        builds: builds::count(conn, &version.id)?,
        has_descendants: !descended.is_empty(),
        holders,
    })
}

async fn page(state: &State, here: &Here, path: &VersionPath) -> Result<Delete> {
    let (access, asked) = (here.access.clone(), path.clone());
    let found = state.store.read(move |conn| find(conn, &access, &asked));
    let found = found.await?;
    let project = &here.access.project.name;
    let holder = |(channel, to): (Channel, Option<String>)| Holder {
        href: href::channel(project, &path.bucket, &channel.name),
        name: channel.name,
        to,
    };
    Ok(Delete {
        frame: Frame::of(
            here,
            Section::Buckets,
            format!("Delete {} {}", path.bucket, found.name),
        ),
        bucket_href: href::bucket(project, &path.bucket),
        bucket: path.bucket.clone(),
        href: href::version(project, &path.bucket, &path.fingerprint),
        name: found.name,
        builds: found.builds,
        has_descendants: found.has_descendants,
        holders: found.holders.into_iter().map(holder).collect(),
        roll_back: false,
        typed: String::new(),
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

pub(super) async fn delete(
    state: Data<State>,
    here: Here,
    path: Path<VersionPath>,
    mut form: Form,
) -> Result<HttpResponse> {
    let mut page = page(&state, &here, &path).await?;
    page.typed = form.take("typed");
    page.roll_back = !form.text("roll_back").is_empty();
    if page.typed.trim() != page.bucket {
        let text = format!("This is not the bucket's name, {}.", page.bucket);
        page.problem = Problem::new("typed", text);
        return page.show_as(page.problem.status());
    }
    if !page.roll_back && !page.holders.is_empty() {
        let text = "Channels give it: let them go back, or assign them elsewhere first.";
        page.problem = Problem::new("roll_back", text);
        return page.show_as(page.problem.status());
    }
    let holders = if page.roll_back {
        Holders::RollBack
    } else {
        Holders::Block
    };
    let VersionPath {
        bucket,
        fingerprint,
    } = path.into_inner();
    match ops::delete(&state, here.access.clone(), (bucket, fingerprint), holders).await {
        Ok(()) => {
            let text = format!("{} {} is deleted, for good.", page.bucket, page.name);
            see_after(&page.bucket_href, text)
        }
        Err(error) => {
            page.problem = Problem::of(error, &[""])?;
            page.show_as(page.problem.status())
        }
    }
}
