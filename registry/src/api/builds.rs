//! `…/builds` and `…/builds/{build}`.

use actix_web::web::{Data, Path};
use serde::Deserialize;
use touchmark_wire::{
    artifact::ArtifactCreateBody,
    build::{
        BuildMetadata, BuildStatus as Status, CreateBuildBody, CreateBuildResponse,
        DeleteBuildResponse, GetBuildResponse, ListBuildsResponse, UpdateBuildBody,
        UpdateBuildResponse,
    },
};

use super::{
    answer::{Answer, Json},
    convert::{Metadata, Shown, build_of, pagination},
    request::{Body, Query},
    versions::VersionPath,
};
use crate::{
    auth::caller::InProject,
    domain::{
        build::{BuildChange, BuildStatus, NewArtifact},
        label::Labels,
        role::Action,
    },
    error::{Error, Result},
    ops::{Access, builds},
    state::State,
    store::{Conn, buckets, builds as rows, versions, views},
};

/// The build of a path.
#[derive(Clone, Deserialize)]
pub(super) struct BuildPath {
    pub(super) bucket: String,
    pub(super) fingerprint: String,
    pub(super) build: String,
}

impl BuildPath {
    pub(super) fn parts(self) -> (String, String, String) {
        (self.bucket, self.fingerprint, self.build)
    }

    /// The build, if the caller may do `action` to it.
    pub(super) fn find(
        &self,
        conn: &mut Conn,
        (access, action): (&Access, Action),
    ) -> Result<rows::Build> {
        let bucket = buckets::find(conn, &access.project.id, &self.bucket)?;
        access.check(action, Some(&bucket.id))?;
        let version = versions::existing(conn, &bucket.id, &self.fingerprint)?;
        rows::find(conn, &version.id, &self.build)
    }
}

fn status(status: Status) -> BuildStatus {
    match status {
        Status::Unset => BuildStatus::Unset,
        Status::Running => BuildStatus::Running,
        Status::Done => BuildStatus::Done,
        Status::Cancelled => BuildStatus::Cancelled,
        Status::Failed => BuildStatus::Failed,
    }
}

fn artifacts(artifacts: Option<Vec<ArtifactCreateBody>>) -> Option<Vec<NewArtifact>> {
    let convert = |artifact: ArtifactCreateBody| NewArtifact {
        external_identifier: artifact.external_identifier,
        region: artifact.region,
    };
    artifacts.map(|all| all.into_iter().map(convert).collect())
}

fn metadata(metadata: Option<BuildMetadata>) -> Result<Option<String>> {
    metadata
        .map(|value| serde_json::to_string(&value))
        .transpose()
        .map_err(Error::internal)
}

/// No labels at all mean "as they are": clients leave an empty map out.
fn labels(labels: std::collections::BTreeMap<String, String>) -> Result<Option<Labels>> {
    Labels::parse("labels", labels).map(|labels| Some(labels).filter(|l| !l.pairs().is_empty()))
}

pub(super) async fn create(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<VersionPath>,
    body: Body,
) -> Answer<CreateBuildResponse> {
    let body: CreateBuildBody = body.json().await?;
    let change = BuildChange {
        status: body.status.map(status),
        packer_run_uuid: body.packer_run_uuid,
        platform: body.platform,
        source_external_identifier: body.source_external_identifier,
        parent_version_id: body.parent_version_id,
        parent_channel_id: body.parent_channel_id,
        labels: labels(body.labels)?,
        metadata: None,
        artifacts: artifacts(body.artifacts),
    };
    let new = (body.component_type, change);
    let view = builds::create(&state, access, path.into_inner().parts(), new).await?;
    Ok(Json(CreateBuildResponse {
        build: Some(build_of(view, Metadata::Shown)),
    }))
}

pub(super) async fn update(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<BuildPath>,
    body: Body,
) -> Answer<UpdateBuildResponse> {
    let body: UpdateBuildBody = body.json().await?;
    let change = BuildChange {
        status: body.status.map(status),
        packer_run_uuid: body.packer_run_uuid,
        platform: body.platform,
        source_external_identifier: body.source_external_identifier,
        parent_version_id: body.parent_version_id,
        parent_channel_id: body.parent_channel_id,
        labels: labels(body.labels)?,
        metadata: metadata(body.metadata)?,
        artifacts: artifacts(body.artifacts),
    };
    let view = builds::update(&state, access, path.into_inner().parts(), change).await?;
    Ok(Json(UpdateBuildResponse {
        build: Some(build_of(view, Metadata::Shown)),
    }))
}

pub(super) async fn get(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<BuildPath>,
) -> Answer<GetBuildResponse> {
    let view = state.store.read(move |conn| {
        let build = path.find(conn, (&access, Action::Read))?;
        views::build(conn, build)
    });
    Ok(Json(GetBuildResponse {
        build: Some(build_of(view.await?, Metadata::Shown)),
    }))
}

pub(super) async fn list(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<VersionPath>,
    query: Query,
) -> Answer<ListBuildsResponse> {
    let request = query.page(&rows::LISTING)?;
    let reader = access.clone();
    let (views, pagination) = state
        .store
        .read(move |conn| {
            let bucket = buckets::find(conn, &reader.project.id, &path.bucket)?;
            reader.check(Action::Read, Some(&bucket.id))?;
            let version = versions::get(conn, &bucket.id, &path.fingerprint)?;
            let page = rows::list(conn, &version.id, &request)?;
            let tokens = pagination(&page);
            Ok((views::builds(conn, page.rows)?, tokens))
        })
        .await?;
    let shown = Shown::of(&state, &access);
    Ok(Json(ListBuildsResponse {
        builds: views
            .into_iter()
            .map(|view| build_of(view, Metadata::Shown))
            .collect(),
        location: Some(shown.location()),
        pagination: Some(pagination),
    }))
}

pub(super) async fn delete(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<BuildPath>,
) -> Answer<DeleteBuildResponse> {
    builds::delete(&state, access, path.into_inner().parts()).await?;
    Ok(Json(DeleteBuildResponse {}))
}
