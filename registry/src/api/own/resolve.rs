//! `resolve`: the external identifier of the one artifact that a channel gives.

mod refusals;

use actix_web::{
    HttpRequest,
    web::{Data, Path},
};
use touchmark_wire::own::{Resolved, ResolvedVersion};

use super::{place::InProject, query::Sent};
use crate::{
    api::{
        answer::form_of,
        channels::{self as api, ChannelPath},
        convert::{Shown, version_status},
        keep::{Asked, Basis, Keep},
    },
    cache::{Audience, Form, Route},
    domain::{
        label::Labels,
        resolve::{Candidate, Pick, Wanted},
        revocation::{Revocation, effective},
        time::Time,
        version::status,
    },
    error::{Error, Kind, Result},
    ops::Access,
    state::State,
    store::{
        Conn,
        buckets::{self, Bucket},
        channels::{self, Channel},
        resolve::{self as rows, LOOK_BACK},
        revocations,
        versions::{self, Version},
    },
};
use refusals::{Held, Holder};

const PARAMETERS: [&str; 7] = [
    "project",
    "platform",
    "region",
    "component_type",
    "label.",
    "at",
    "allow_revoked",
];

/// What is asked.
struct Question {
    path: ChannelPath,
    wanted: Wanted,
    /// The moment that is meant; `None` for now.
    at: Option<Time>,
    allow_revoked: bool,
}

impl Question {
    fn parse(path: ChannelPath, query: Sent) -> Result<Self> {
        let query = query.only(&PARAMETERS)?;
        Ok(Self {
            wanted: Wanted {
                platform: query.text("platform"),
                region: query.text("region"),
                component_type: query.text("component_type"),
                labels: Labels::parse("query.label", query.below("label."))?,
            },
            at: query.time("at", "query.at")?.map(Time::from_micros),
            allow_revoked: query.flag("allow_revoked", "query.allow_revoked")?,
            path,
        })
    }
}

/// What was found.
struct Found {
    bucket: Bucket,
    channel: Channel,
    version: Version,
    revocation: Option<Revocation>,
    artifact: Candidate,
}

pub(super) async fn get(
    state: Data<State>,
    InProject(access): InProject,
    request: HttpRequest,
    path: Path<ChannelPath>,
    query: Sent,
) -> Result<Keep> {
    let question = Question::parse(path.into_inner(), query)?;
    let at = question.at;
    let since = state.store.changes().now();
    let (reader, now) = (access.clone(), state.clock.now());
    let found = state
        .store
        .read(move |conn| find(conn, &reader, &question, now))
        .await?;
    let shown = Shown::of(&state, &access);
    let made = (Some(Route::Resolve), Audience::of(&found.channel));
    let mut basis = Basis::new(made, since, &found.bucket);
    basis.shows_only(&found.version.id, found.revocation.as_ref(), shown.now);
    let form = form_of(request.headers());
    let body = if form == Form::Text {
        format!("{}\n", found.artifact.external_identifier).into_bytes()
    } else {
        serde_json::to_vec(&show(found, at, shown.now)).map_err(Error::internal)?
    };
    let asked = Asked::of(&request, &access.project.id);
    Ok(basis.keep_as((body, form), &shown).to(asked))
}

fn find(conn: &mut Conn, access: &Access, question: &Question, now: Time) -> Result<Found> {
    let (bucket, channel) = visible(conn, access, &question.path)?;
    let holder = Holder {
        bucket: &bucket.name,
        channel: &channel.name,
        at: question.at,
    };
    let version = held(conn, &channel, &holder)?;
    let revocations = revocations::of_versions(conn, std::slice::from_ref(&version.id))?;
    let revocation = effective(&revocations).cloned();
    let held = Held {
        holder,
        version: &version,
    };
    let moment = question.at.unwrap_or(now);
    if let Some(revocation) = revocation.as_ref().filter(|r| r.in_force(moment))
        && !question.allow_revoked
    {
        return Err(held.revoked(revocation));
    }
    let any = Wanted::default();
    let candidates = rows::candidates(conn, std::slice::from_ref(&version.id), &any)?;
    let artifact = match question.wanted.pick(&candidates) {
        Pick::One(artifact) => artifact,
        Pick::Several(matches) => return Err(held.ambiguous(&question.wanted, &matches)),
        Pick::Miss => {
            let last = last(conn, &version, (&question.wanted, now))?;
            return Err(held.miss(&question.wanted, &candidates, last));
        }
    };
    Ok(Found {
        bucket,
        channel,
        version,
        revocation,
        artifact,
    })
}

/// The bucket and the channel, if the caller may see them; what is missing is told with what there is.
fn visible(conn: &mut Conn, access: &Access, path: &ChannelPath) -> Result<(Bucket, Channel)> {
    match api::visible(conn, access, path) {
        Err(Error::Missing(Kind::Bucket, name)) => {
            Err(refusals::no_bucket(&access.project.name, &name))
        }
        Err(Error::Missing(Kind::Channel, name)) => {
            let bucket = buckets::find(conn, &access.project.id, &path.bucket)?;
            let mut others = channels::list(conn, &bucket.id)?;
            let sees_all = access.sees_restricted(&bucket.id);
            others.retain(|other| sees_all || !other.restricted);
            Err(refusals::no_channel(&bucket.name, &name, &others))
        }
        found => found,
    }
}

/// The version that the channel gives, or gave at the moment that is meant.
fn held(conn: &mut Conn, channel: &Channel, holder: &Holder<'_>) -> Result<Version> {
    let Some(at) = holder.at else {
        let id = channel.version_id.as_ref();
        let id = id.ok_or_else(|| holder.holds_nothing())?;
        return versions::by_id(conn, id);
    };
    let assignment = rows::assignment_at(conn, &channel.id, at)?;
    let assignment = assignment.filter(|row| !row.version_id.is_empty());
    let assignment = assignment.ok_or_else(|| holder.holds_nothing())?;
    match versions::by_id(conn, &assignment.version_id) {
        Err(Error::Missing(..)) => Err(holder.deleted(&assignment)),
        found => found,
    }
}

/// The newest earlier version that is not revoked now and had what is wanted, with an artifact that is it.
fn last(
    conn: &mut Conn,
    version: &Version,
    (wanted, now): (&Wanted, Time),
) -> Result<Option<(Version, Candidate)>> {
    let Some(number) = version.number else {
        return Ok(None);
    };
    let earlier = rows::before(conn, &version.bucket_id, number)?;
    let ids: Vec<String> = earlier.iter().map(|version| version.id.clone()).collect();
    let revocations = revocations::of_versions(conn, &ids)?;
    let revoked = |id: &str| {
        let mut revocations = revocations.iter();
        revocations.any(|row| row.version_id == id && row.in_force(now))
    };
    let mut candidates = rows::candidates(conn, &ids, wanted)?;
    candidates.retain(|candidate| wanted.matches(candidate));
    let mut earlier = earlier.into_iter().filter(|version| !revoked(&version.id));
    Ok(earlier.find_map(|version| {
        let mut candidates = candidates.iter();
        let artifact = candidates.find(|candidate| candidate.version_id == version.id)?;
        Some((version, artifact.clone()))
    }))
}

fn show(found: Found, at: Option<Time>, now: Time) -> Resolved {
    let Found {
        bucket,
        channel,
        version,
        revocation,
        artifact,
    } = found;
    // A channel holds complete versions only, whose status does not depend on their builds.
    let status = status(version.number, [], revocation.as_ref(), now);
    Resolved {
        external_identifier: artifact.external_identifier,
        platform: artifact.platform,
        region: artifact.region,
        component_type: artifact.component_type,
        labels: artifact.labels.pairs().clone(),
        artifact_id: artifact.artifact_id,
        build_id: artifact.build_id,
        source_external_identifier: artifact.source_external_identifier,
        bucket_name: bucket.name,
        channel_name: channel.name,
        version: ResolvedVersion {
            name: version.name(),
            id: version.id,
            fingerprint: version.fingerprint,
            status: version_status(status),
            revoke_at: revocation.map(|revocation| revocation.revoke_at.into()),
            created_at: Some(version.created_at.into()),
        },
        at: at.map(Into::into),
    }
}
