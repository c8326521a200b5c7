//! `…/buckets` and `…/buckets/{bucket}`.

use actix_web::web::{Data, Path};
use serde::Deserialize;
use touchmark_wire::bucket::{
    CreateBucketBody, CreateBucketResponse, DeleteBucketResponse, GetBucketResponse,
    ListBucketsResponse, UpdateBucketBody, UpdateBucketResponse,
};

use super::{
    answer::{Answer, Json},
    convert::{Shown, pagination},
    request::{Body, Query},
};
use crate::{
    auth::caller::InProject,
    domain::role::Action,
    ops::buckets,
    state::State,
    store::{buckets as rows, views},
};

/// The bucket of a path.
#[derive(Deserialize)]
pub(super) struct BucketPath {
    pub(super) bucket: String,
}

pub(super) async fn create(
    state: Data<State>,
    InProject(access): InProject,
    body: Body,
) -> Answer<CreateBucketResponse> {
    let body: CreateBucketBody = body.json().await?;
    let create = buckets::Create {
        name: body.name,
        description: body.description,
        labels: body.labels,
    };
    let view = buckets::create(&state, access.clone(), create).await?;
    let shown = Shown::of(&state, &access);
    Ok(Json(CreateBucketResponse {
        bucket: Some(shown.bucket(view)),
    }))
}

pub(super) async fn get(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<BucketPath>,
) -> Answer<GetBucketResponse> {
    let reader = access.clone();
    let view = state.store.read(move |conn| {
        let bucket = rows::find(conn, &reader.project.id, &path.bucket)?;
        reader.check(Action::Read, Some(&bucket.id))?;
        views::bucket(conn, bucket)
    });
    let view = view.await?;
    let shown = Shown::of(&state, &access);
    Ok(Json(GetBucketResponse {
        bucket: Some(shown.bucket(view)),
    }))
}

pub(super) async fn list(
    state: Data<State>,
    InProject(access): InProject,
    query: Query,
) -> Answer<ListBucketsResponse> {
    access.check(Action::Read, None)?;
    let request = query.page(&rows::LISTING)?;
    let project = access.project.id.clone();
    let (views, pagination) = state
        .store
        .read(move |conn| {
            let page = rows::list(conn, &project, &request)?;
            let tokens = pagination(&page);
            Ok((views::buckets(conn, &project, page.rows)?, tokens))
        })
        .await?;
    let shown = Shown::of(&state, &access);
    let buckets = views.into_iter().map(|view| shown.bucket(view)).collect();
    Ok(Json(ListBucketsResponse {
        buckets,
        pagination: Some(pagination),
    }))
}

pub(super) async fn update(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<BucketPath>,
    body: Body,
) -> Answer<UpdateBucketResponse> {
    let body: UpdateBucketBody = body.json().await?;
    let update = buckets::Update {
        description: body.description,
        labels: body.labels,
    };
    let bucket = path.into_inner().bucket;
    let view = buckets::update(&state, access.clone(), bucket, update).await?;
    let shown = Shown::of(&state, &access);
    Ok(Json(UpdateBucketResponse {
        bucket: Some(shown.bucket(view)),
    }))
}

pub(super) async fn delete(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<BucketPath>,
) -> Answer<DeleteBucketResponse> {
    buckets::delete(&state, access, path.into_inner().bucket).await?;
    Ok(Json(DeleteBucketResponse {}))
}
