//! The three calls of older versions of the protocol that clients still make: the two reads of Packer's
//! deprecated data sources (2021-04-30) and the search by labels of one release of the provider.

use actix_web::{
    HttpRequest,
    web::{Data, Path},
};
use touchmark_wire::legacy::{
    v2021::{
        Build, BuildStatus, Channel, ChannelIterationPointer, GetChannelResponse,
        GetIterationResponse, Image, Iteration, RevocationType, RevokedAncestor,
    },
    v2022,
};

use super::{
    answer::{Answer, Json},
    buckets::BucketPath,
    channels::{ChannelPath, visible},
    convert::{Shown, template_type},
    keep::{Basis, Keep, Search},
    request::{Body, Query, read},
};
use crate::{
    auth::caller::InProject,
    cache::Audience,
    domain::{build, revocation::Revocation, role::Action},
    error::{Error, Kind, Result},
    state::State,
    store::{
        Conn,
        buckets::{self, Bucket},
        builds,
        versions::{self, Version},
        views::{self, BuildView, VersionView},
    },
};

pub(super) async fn channel(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<ChannelPath>,
) -> Answer<GetChannelResponse> {
    let view = state.store.read(move |conn| {
        let (bucket, channel) = visible(conn, &access, &path)?;
        views::channel(conn, &bucket, channel)
    });
    let view = view.await?;
    let channel = view.channel;
    let iteration = view.version.map(show);
    Ok(Json(GetChannelResponse {
        channel: Some(Channel {
            author_id: channel.author_id.clone(),
            bucket_slug: view.bucket_name,
            created_at: Some(channel.created_at.into()),
            id: channel.id,
            pointer: iteration.clone().map(|iteration| ChannelIterationPointer {
                author_id: channel.author_id,
                created_at: Some(channel.updated_at.into()),
                iteration: Some(iteration),
            }),
            iteration,
            managed: channel.managed,
            restricted: channel.restricted,
            slug: channel.name,
            updated_at: Some(channel.updated_at.into()),
        }),
    }))
}

pub(super) async fn iteration(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<BucketPath>,
    query: Query,
) -> Answer<GetIterationResponse> {
    let by = By::parse(&query)?;
    let view = state.store.read(move |conn| {
        let bucket = buckets::find(conn, &access.project.id, &path.bucket)?;
        access.check(Action::Read, Some(&bucket.id))?;
        let version = by.find(conn, &bucket)?;
        views::version(conn, &bucket, version)
    });
    Ok(Json(GetIterationResponse {
        iteration: Some(show(view.await?)),
    }))
}

/// How an iteration is asked for.
enum By {
    Id(String),
    Fingerprint(String),
    Number(i64),
}

impl By {
    fn parse(query: &Query) -> Result<Self> {
        let (id, fingerprint) = (query.get("iteration_id"), query.get("fingerprint"));
        match (id, fingerprint, query.get("incremental_version")) {
            (id, "", "") if !id.is_empty() => Ok(Self::Id(id.to_owned())),
            ("", fingerprint, "") if !fingerprint.is_empty() => {
                Ok(Self::Fingerprint(fingerprint.to_owned()))
            }
            ("", "", number) if !number.is_empty() => number
                .parse()
                .map(Self::Number)
                .map_err(|_| Error::invalid("incremental_version", "must be a number")),
            _ => {
                let problem = "give one of iteration_id, fingerprint and incremental_version";
                Err(Error::invalid("iteration_id", problem))
            }
        }
    }

    fn find(&self, conn: &mut Conn, bucket: &Bucket) -> Result<Version> {
        let missing = |text: String| Error::Missing(Kind::Version, text);
        match self {
            Self::Id(id) => {
                let version = versions::by_id(conn, id)?;
                if version.bucket_id == bucket.id {
                    Ok(version)
                } else {
                    Err(missing(id.clone()))
                }
            }
            Self::Fingerprint(fingerprint) => versions::get(conn, &bucket.id, fingerprint),
            Self::Number(number) => versions::by_number(conn, &bucket.id, *number)?
                .ok_or_else(|| missing(number.to_string())),
        }
    }
}

fn show(view: VersionView) -> Iteration {
    let VersionView {
        version,
        bucket_name,
        builds,
        revocation,
        has_descendants,
        ..
    } = view;
    let text = |of: fn(&Revocation) -> &String| revocation.as_ref().map(of).cloned();
    Iteration {
        author_id: version.author_id,
        bucket_slug: bucket_name,
        builds: builds.into_iter().map(show_build).collect(),
        complete: version.number.is_some(),
        created_at: Some(version.created_at.into()),
        fingerprint: version.fingerprint,
        has_descendants,
        id: version.id,
        incremental_version: number(version.number),
        iteration_ancestor_id: String::new(),
        revocation_author: text(|r| &r.author_id).unwrap_or_default(),
        revocation_inherited_from: revocation.as_ref().filter(|r| !r.own()).map(inherited_from),
        revocation_message: text(|r| &r.message).unwrap_or_default(),
        revocation_type: match &revocation {
            None => RevocationType::Unset,
            Some(revocation) if revocation.own() => RevocationType::Manual,
            Some(_) => RevocationType::Inherited,
        },
        revoke_at: revocation.map(|revocation| revocation.revoke_at.into()),
        template_type: template_type(version.template_type),
        updated_at: Some(version.updated_at.into()),
    }
}

fn number(number: Option<i64>) -> i32 {
    i32::try_from(number.unwrap_or(0)).unwrap_or(i32::MAX)
}

fn inherited_from(revocation: &Revocation) -> RevokedAncestor {
    let digits = revocation.source_version_name.trim_start_matches('v');
    RevokedAncestor {
        bucket_slug: revocation.source_bucket_name.clone(),
        href: String::new(),
        iteration_fingerprint: revocation.source_fingerprint.clone(),
        iteration_id: revocation.source_id.clone(),
        iteration_incremental_version: digits.parse().unwrap_or(0),
    }
}

fn show_build(view: BuildView) -> Build {
    let build = view.build;
    Build {
        cloud_provider: build.platform,
        component_type: build.component_type,
        created_at: Some(build.created_at.into()),
        id: build.id,
        images: view
            .artifacts
            .into_iter()
            .map(|artifact| Image {
                created_at: Some(artifact.created_at.into()),
                id: artifact.id,
                image_id: artifact.external_identifier,
                region: artifact.region,
            })
            .collect(),
        iteration_id: build.version_id,
        labels: build.labels.pairs().clone(),
        packer_run_uuid: build.packer_run_uuid,
        source_build_ulid: String::new(),
        source_image_id: build.source_external_identifier,
        status: match build.status {
            build::BuildStatus::Unset => BuildStatus::Unset,
            build::BuildStatus::Running => BuildStatus::Running,
            build::BuildStatus::Done => BuildStatus::Done,
            build::BuildStatus::Cancelled => BuildStatus::Cancelled,
            build::BuildStatus::Failed => BuildStatus::Failed,
        },
        updated_at: Some(build.updated_at.into()),
    }
}

pub(super) async fn search_by_labels(
    state: Data<State>,
    InProject(access): InProject,
    request: HttpRequest,
    path: Path<ChannelPath>,
    body: Body,
) -> Result<Keep> {
    let body = body.json_bytes().await?;
    let search = Search::of(&request, &body);
    if let Some(known) = search.as_ref().and_then(|s| s.known(&state, &request)) {
        return Ok(known);
    }
    let body: v2022::GetImageByBuildLabelsRequestBody = read(&body)?;
    let channel = path.channel.clone();
    let since = state.store.changes().now();
    let reader = access.clone();
    let (bucket, audience, view) = state
        .store
        .read(move |conn| {
            let (bucket, channel) = visible(conn, &reader, &path)?;
            let audience = Audience::of(&channel);
            let view = views::channel(conn, &bucket, channel)?;
            Ok((bucket, audience, view.version))
        })
        .await?;
    let view = view.ok_or_else(|| {
        Error::refused(format!(
            "channel {channel} of bucket {} has no version",
            bucket.name
        ))
    })?;
    let shown = Shown::of(&state, &access);
    let mut basis = Basis::new((None, audience), since, &bucket);
    basis.shows(&view, shown.now);
    let answer = labelled(bucket, view, (&channel, &body))?;
    Ok(basis.keep(&answer, &shown)?.found_by(search))
}

/// The first build of a channel's version that is what `body` asks for.
fn labelled(
    bucket: Bucket,
    view: VersionView,
    (channel, body): (&str, &v2022::GetImageByBuildLabelsRequestBody),
) -> Result<v2022::GetImageByBuildLabelsResponse> {
    let matches = |build: &BuildView| {
        build.build.platform == body.cloud_provider && build.build.labels.contain(&body.labels)
    };
    let missing = || Error::Unknown {
        kind: Kind::Build,
        by: format!(
            "platform {} and the given labels in channel {channel}",
            body.cloud_provider
        ),
    };
    let found = view.builds.into_iter().find(matches).ok_or_else(missing)?;
    let artifacts = &found.artifacts;
    let artifact = artifacts
        .iter()
        .find(|a| a.region == body.region)
        .or_else(|| artifacts.first());
    let artifact = artifact.map(|artifact| v2022::Artifact {
        id: artifact.id.clone(),
        external_identifier: artifact.external_identifier.clone(),
        region: artifact.region.clone(),
    });
    let version = v2022::ExternalArtifactVersion {
        name: view.version.name(),
        id: view.version.id,
        fingerprint: view.version.fingerprint,
        revoke_at: view
            .revocation
            .map(|revocation| revocation.revoke_at.into()),
    };
    Ok(v2022::GetImageByBuildLabelsResponse {
        artifact: Some(v2022::ExternalArtifact {
            bucket: Some(v2022::ExternalArtifactBucket {
                id: bucket.id,
                name: bucket.name,
            }),
            version: Some(version),
            build: Some(show_labelled(found.build, artifact)),
        }),
    })
}

/// A build of the search by labels, with the artifact that was looked for.
fn show_labelled(build: builds::Build, artifact: Option<v2022::Artifact>) -> v2022::Build {
    v2022::Build {
        artifacts: artifact.into_iter().collect(),
        id: build.id,
        version_id: build.version_id,
        component_type: build.component_type,
        packer_run_uuid: build.packer_run_uuid,
        platform: build.platform,
        labels: build.labels.pairs().clone(),
    }
}
