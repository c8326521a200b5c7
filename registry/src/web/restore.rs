//! `…/versions/{fingerprint}/restore`: taking a revocation back.

use std::collections::{BTreeMap, BTreeSet};

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
    show::When,
    visitor::Here,
};
use crate::{
    domain::{
        revocation::{Revocation, effective},
        role::Action,
        time::Time,
    },
    error::Result,
    ops::{Access, revocations as ops},
    state::State,
    store::{
        Conn, buckets,
        channels::Channel,
        forecast, revocations,
        steps::in_steps,
        versions::{self, Version},
    },
};

/// Rows of each kind that are shown; of the others the number.
const SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "restore.html")]
struct Restore {
    frame: Frame,
    bucket: String,
    bucket_href: String,
    name: String,
    href: String,
    revoked: Option<Revoked>,
    /// Who comes back with it.
    heirs: Vec<Row>,
    more_heirs: usize,
    /// Who stays revoked because of another revocation.
    kept: Vec<Row>,
    /// Channels that were rolled back from one of these.
    channels: Vec<Row>,
    problem: Problem,
}

impl Page for Restore {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

/// The revocation that is in the way.
struct Revoked {
    /// Whether it is in force already.
    in_force: bool,
    at: When,
    author: String,
    message: String,
    /// The version that it was inherited from and that has to be restored instead, as long as that is there.
    source: Option<Row>,
}

/// A version, or a channel.
struct Row {
    name: String,
    href: String,
}

/// What is read for the page.
#[derive(Default)]
struct Found {
    name: String,
    revocation: Option<Revocation>,
    /// Whether the version that it was inherited from is still there.
    inherited: bool,
    heirs: Vec<(String, Version)>,
    kept: Vec<(String, Version)>,
    channels: Vec<(String, Channel)>,
}

fn find(conn: &mut Conn, access: &Access, path: &VersionPath) -> Result<Found> {
    let bucket = visible(conn, access, &path.bucket)?;
    access.check(Action::Decide, Some(&bucket.id))?;
    let version = versions::existing(conn, &bucket.id, &path.fingerprint)?;
    let all = revocations::all_of(conn, &version.id)?;
    let own = all.iter().any(Revocation::own);
    let deciding = if own {
        all.iter().find(|row| row.own())
    } else {
        effective(&all)
    };
    let sources: Vec<String> = all.iter().map(|row| row.source_id.clone()).collect();
    let inherited = !own && !versions::in_project(conn, &access.project.id, &sources)?.is_empty();
    let mut found = Found {
        name: called(&version.name(), &version.fingerprint).to_owned(),
        revocation: deciding.cloned(),
        inherited,
        ..Found::default()
    };
    if found.revocation.is_none() || inherited {
        return Ok(found);
    }
    family(conn, access, &version, &mut found)?;
    Ok(found)
}

/// Who comes back with a version, and what does not.
fn family(conn: &mut Conn, access: &Access, root: &Version, found: &mut Found) -> Result<()> {
    let mut members = revocations::from_source(conn, &root.id)?;
    members.insert(root.id.clone(), root.bucket_id.clone());
    let ids: Vec<String> = members.keys().cloned().collect();
    let homes: BTreeSet<String> = members.values().cloned().collect();
    let homes: Vec<String> = homes.into_iter().collect();
    let names = in_steps(&homes, |some| {
        Ok(buckets::names(conn, some)?.into_iter().collect())
    })?;
    let names: BTreeMap<String, String> = names.into_iter().collect();
    let name = |id: &str| names.get(id).cloned().unwrap_or_default();
    let rows = in_steps(&ids, |some| revocations::of_versions(conn, some))?;
    let others = rows.iter().filter(|row| row.source_id != root.id);
    let held: BTreeSet<&str> = others.map(|row| row.version_id.as_str()).collect();
    let mut versions = in_steps(&ids, |some| versions::by_ids(conn, some))?;
    versions.sort_by_key(|version| (name(&version.bucket_id), version.sequence));
    for version in versions {
        let row = (name(&version.bucket_id), version);
        if held.contains(row.1.id.as_str()) {
            found.kept.push(row);
        } else if row.1.id != root.id {
            found.heirs.push(row);
        }
    }
    let mut channels = forecast::rolled_back(conn, &homes)?;
    channels.retain(|channel| !channel.restricted || access.sees_restricted(&channel.bucket_id));
    channels.sort_by_key(|channel| (name(&channel.bucket_id), channel.name.clone()));
    for channel in channels.into_iter().take(SHOWN) {
        let before = forecast::before_last(conn, &channel.id)?;
        if before.is_some_and(|before| members.contains_key(&before.version_id)) {
            found.channels.push((name(&channel.bucket_id), channel));
        }
    }
    Ok(())
}

impl Restore {
    fn new(here: &Here, path: &VersionPath, found: Found, now: Time) -> Self {
        let project = &here.access.project.name;
        let version = |(bucket, version): &(String, Version)| Row {
            name: format!("{bucket} {}", called(&version.name(), &version.fingerprint)),
            href: href::version(project, bucket, &version.fingerprint),
        };
        let channel = |(bucket, channel): &(String, Channel)| Row {
            name: format!("{} of {bucket}", channel.name),
            href: href::channel(project, bucket, &channel.name),
        };
        let revoked = found.revocation.map(|revocation| Revoked {
            in_force: revocation.in_force(now),
            at: When::new(revocation.revoke_at, now),
            author: revocation.author_id,
            source: found.inherited.then(|| Row {
                name: format!(
                    "{} {}",
                    revocation.source_bucket_name,
                    called(
                        &revocation.source_version_name,
                        &revocation.source_fingerprint
                    )
                ),
                href: href::version(
                    project,
                    &revocation.source_bucket_name,
                    &revocation.source_fingerprint,
                ),
            }),
            message: revocation.message,
        });
        Self {
            frame: Frame::of(
                here,
                Section::Buckets,
                format!("Restore {} {}", path.bucket, found.name),
            ),
            bucket_href: href::bucket(project, &path.bucket),
            bucket: path.bucket.clone(),
            href: href::version(project, &path.bucket, &path.fingerprint),
            name: found.name,
            revoked,
            heirs: found.heirs.iter().take(SHOWN).map(version).collect(),
            more_heirs: found.heirs.len().saturating_sub(SHOWN),
            kept: found.kept.iter().take(SHOWN).map(version).collect(),
            channels: found.channels.iter().map(channel).collect(),
            problem: Problem::none(),
        }
    }
}

impl Restore {
    /// What came back, and how to undo it.
    fn told(&self) -> String {
        let family = match self.heirs.len() + self.more_heirs {
            0 => String::new(),
            1 => ", and with it that of a descendant".to_owned(),
            count => format!(", and with it that of {count} descendants"),
        };
        let names: Vec<&str> = self.channels.iter().map(|row| row.name.as_str()).collect();
        let stay = if names.is_empty() {
            String::new()
        } else {
            format!(" Not moved: {}.", names.join(", "))
        };
        let (bucket, name) = (&self.bucket, &self.name);
        format!(
            "The revocation of {bucket} {name} is taken back{family}.{stay} To undo it, revoke it again."
        )
    }
}

async fn page(state: &State, here: &Here, path: &VersionPath) -> Result<Restore> {
    let (access, asked) = (here.access.clone(), path.clone());
    let found = state.store.read(move |conn| find(conn, &access, &asked));
    Ok(Restore::new(here, path, found.await?, state.clock.now()))
}

pub(super) async fn ask(
    state: Data<State>,
    here: Here,
    path: Path<VersionPath>,
) -> Result<HttpResponse> {
    page(&state, &here, &path).await?.show()
}

pub(super) async fn restore(
    state: Data<State>,
    here: Here,
    path: Path<VersionPath>,
    _form: Form,
) -> Result<HttpResponse> {
    let mut page = page(&state, &here, &path).await?;
    let VersionPath {
        bucket,
        fingerprint,
    } = path.into_inner();
    match ops::restore(&state, here.access.clone(), (bucket, fingerprint)).await {
        Ok(_) => see_after(&page.href, page.told()),
        Err(error) => {
            page.problem = Problem::of(error, &[""])?;
            page.show_as(page.problem.status())
        }
    }
}
