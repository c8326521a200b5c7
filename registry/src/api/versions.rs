//! `…/versions` and `…/versions/{fingerprint}`.

use actix_web::web::{Data, Path};
use serde::Deserialize;
use touchmark_wire::version::{
    CreateVersionBody, CreateVersionResponse, DeleteVersionResponse, GetVersionResponse,
    ListVersionsResponse, UpdateVersionBody, UpdateVersionResponse,
};

use super::{
    answer::{Answer, Json},
    buckets::BucketPath,
    convert::{Metadata, Shown, pagination, template_type_of},
    keep::{Basis, Keep},
    request::{Body, Query},
};
use crate::{
    auth::caller::InProject,
    cache::{Audience, Route},
    domain::{
        revocation::{VersionChange, VersionFields},
        role::Action,
    },
    error::{Error, Result},
    ops::{
        revocations,
        versions::{self, Holders},
    },
    state::State,
    store::{buckets, operations, versions as rows, views},
};

/// The version of a path.
#[derive(Deserialize)]
pub(super) struct VersionPath {
    pub(super) bucket: String,
    pub(super) fingerprint: String,
}

impl VersionPath {
    pub(super) fn parts(self) -> (String, String) {
        (self.bucket, self.fingerprint)
    }
}

pub(super) async fn create(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<BucketPath>,
    body: Body,
) -> Answer<CreateVersionResponse> {
    let body: CreateVersionBody = body.json().await?;
    let new = (body.fingerprint, template_type_of(body.template_type));
    let view = versions::create(&state, access.clone(), path.into_inner().bucket, new).await?;
    let shown = Shown::of(&state, &access);
    Ok(Json(CreateVersionResponse {
        version: Some(shown.version(view, Metadata::LeftOut)),
    }))
}

pub(super) async fn get(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<VersionPath>,
) -> Result<Keep> {
    let since = state.store.changes().now();
    let reader = access.clone();
    let read = state.store.read(move |conn| {
        let bucket = buckets::find(conn, &reader.project.id, &path.bucket)?;
        reader.check(Action::Read, Some(&bucket.id))?;
        let version = rows::get(conn, &bucket.id, &path.fingerprint)?;
        let view = views::version(conn, &bucket, version)?;
        Ok((bucket, view))
    });
    let (bucket, view) = read.await?;
    let shown = Shown::of(&state, &access);
    let mut basis = Basis::new((Some(Route::Version), Audience::Readers), since, &bucket);
    basis.shows(&view, shown.now);
    let answer = GetVersionResponse {
        version: Some(shown.version(view, Metadata::Shown)),
    };
    basis.keep(&answer, &shown)
}

pub(super) async fn list(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<BucketPath>,
    query: Query,
) -> Answer<ListVersionsResponse> {
    let request = query.page(&rows::LISTING)?;
    let reader = access.clone();
    let (views, pagination) = state
        .store
        .read(move |conn| {
            let bucket = buckets::find(conn, &reader.project.id, &path.bucket)?;
            reader.check(Action::Read, Some(&bucket.id))?;
            let page = rows::list(conn, &bucket.id, &request)?;
            let tokens = pagination(&page);
            Ok((views::versions_of(conn, &bucket, page.rows)?, tokens))
        })
        .await?;
    let shown = Shown::of(&state, &access);
    let versions = views
        .into_iter()
        .map(|view| shown.version(view, Metadata::LeftOut))
        .collect();
    Ok(Json(ListVersionsResponse {
        pagination: Some(pagination),
        versions,
    }))
}

pub(super) async fn update(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<VersionPath>,
    body: Body,
) -> Answer<UpdateVersionResponse> {
    let body: UpdateVersionBody = body.json().await?;
    let change = VersionFields {
        complete: body.complete,
        restore: body.restore,
        revoke_at: body.revoke_at.map(Into::into),
        revoke_in: body.revoke_in,
        message: body.revocation_message,
        spare_descendants: body.skip_descendants_revocation,
        keep_channels: body.disable_rollback_channels,
    };
    let (version, operation) =
        apply(&state, &access, path.into_inner().parts(), change.parse()?).await?;
    let shown = Shown::of(&state, &access);
    Ok(Json(UpdateVersionResponse {
        version: Some(shown.version(version, Metadata::LeftOut)),
        operation: Some(shown.operation(operation)),
    }))
}

async fn apply(
    state: &State,
    access: &std::sync::Arc<crate::ops::Access>,
    version: (String, String),
    change: VersionChange,
) -> Result<(views::VersionView, operations::Operation)> {
    let access = access.clone();
    match change {
        VersionChange::Revoke(how) => revocations::revoke(state, access, version, how).await,
        VersionChange::Restore => revocations::restore(state, access, version).await,
        VersionChange::Complete => versions::complete(state, access, version).await,
        VersionChange::Nothing => {
            let problem = "must say one of: complete, restore, revoke_at, revoke_in";
            Err(Error::invalid("body", problem))
        }
    }
}

pub(super) async fn delete(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<VersionPath>,
    query: Query,
) -> Answer<DeleteVersionResponse> {
    let holders = match query.get("rollback_channels") {
        "" | "false" => Holders::Block,
        "true" => Holders::RollBack,
        _ => return Err(Error::invalid("rollback_channels", "must be true or false")),
    };
    versions::delete(&state, access, path.into_inner().parts(), holders).await?;
    Ok(Json(DeleteVersionResponse {}))
}
