//! `…/enforced_blocks`: the blocks, their versions, and which buckets must run them.

use std::collections::HashMap;

use actix_web::web::{Data, Path};
use serde::Deserialize;
use touchmark_wire::enforced_block::{
    self as wire, CreateEnforcedBlockBody, CreateEnforcedBlockResponse,
    CreateEnforcedBlockVersionBody, CreateEnforcedBlockVersionResponse,
    DeleteEnforcedBlockResponse, DeleteEnforcedBlockVersionResponse,
    GetEnforcedBlockLinkedBucketsResponse, GetEnforcedBlockResponse,
    GetEnforcedBlockVersionsResponse, GetEnforcedBlocksByBucketResponse,
    ListEnforcedBlocksResponse, ManageEnforcedBlockLinkedBucketsBody,
    ManageEnforcedBlockLinkedBucketsResponse, UpdateEnforcedBlockBody, UpdateEnforcedBlockResponse,
    UpdateEnforcedBlockVersionBody, UpdateEnforcedBlockVersionResponse,
};

use super::{
    answer::{Answer, Json},
    buckets::BucketPath,
    convert::{Shown, template_type, template_type_of},
    request::{Body, Query},
};
use crate::{
    auth::caller::InProject,
    domain::{enforced_block::NewVersion, limit, role::Action},
    ops::enforced_blocks::{self as ops, links},
    state::State,
    store::{
        buckets,
        enforced_blocks::{self as rows, Block, BlockVersion, Link},
        page::{Listing, Sort},
        views,
    },
};

/// The block of a path.
#[derive(Deserialize)]
pub(super) struct BlockPath {
    block: String,
}

/// The version of a block of a path.
#[derive(Deserialize)]
pub(super) struct VersionPath {
    block: String,
    version: String,
}

/// Blocks are few and come all at once, but in the order that is asked for.
const LISTING: Listing = Listing {
    sortable: &["name", "created_at"],
    default: Sort {
        field: "name",
        descending: false,
    },
    size: limit::PAGE,
};

fn show_version(version: BlockVersion) -> wire::EnforcedBlockVersion {
    wire::EnforcedBlockVersion {
        additional_description: version.additional_description,
        block_content: version.content,
        created_at: Some(version.created_at.into()),
        enforced_block_id: version.block_id,
        id: version.id,
        template_type: template_type(version.template_type),
        updated_at: Some(version.updated_at.into()),
        version: version.label,
    }
}

fn show_detail(block: Block, version: BlockVersion) -> wire::EnforcedBlockDetail {
    wire::EnforcedBlockDetail {
        id: block.id,
        name: block.name,
        version: Some(show_version(version)),
    }
}

fn show_link(link: Link) -> wire::EnforcedBlockBucket {
    wire::EnforcedBlockBucket {
        bucket_id: link.bucket_id,
        created_at: Some(link.created_at.into()),
        enforced_block_id: link.block_id,
        enforced_block_version_id: link.version_id,
        id: link.id,
    }
}

impl Shown<'_> {
    fn block(&self, block: Block, latest: Option<BlockVersion>) -> wire::EnforcedBlock {
        wire::EnforcedBlock {
            created_at: Some(block.created_at.into()),
            labels: block.labels.pairs().clone(),
            latest_version: latest.map(show_version),
            location: Some(self.location()),
            resource_name: format!(
                "packer/project/{}/enforced-block/{}",
                block.project_id, block.id
            ),
            updated_at: Some(block.updated_at.into()),
            id: block.id,
            name: block.name,
        }
    }
}

pub(super) async fn create(
    state: Data<State>,
    InProject(access): InProject,
    body: Body,
) -> Answer<CreateEnforcedBlockResponse> {
    let body: CreateEnforcedBlockBody = body.json().await?;
    let create = ops::Create {
        name: body.name,
        labels: body.labels,
        version: NewVersion {
            label: body.version,
            content: body.block_content,
            template_type: template_type_of(body.template_type),
            additional_description: body.additional_description,
        },
    };
    let (block, version) = ops::create(&state, access.clone(), create).await?;
    let shown = Shown::of(&state, &access);
    Ok(Json(CreateEnforcedBlockResponse {
        enforced_block: Some(shown.block(block, Some(version))),
    }))
}

pub(super) async fn list(
    state: Data<State>,
    InProject(access): InProject,
    query: Query,
) -> Answer<ListEnforcedBlocksResponse> {
    access.check(Action::Read, None)?;
    let sort = query.page(&LISTING)?.sort;
    let project = access.project.id.clone();
    let mut blocks = state
        .store
        .read(move |conn| rows::list(conn, &project))
        .await?;
    if sort.field == "created_at" {
        blocks.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    }
    if sort.descending {
        blocks.reverse();
    }
    let shown = Shown::of(&state, &access);
    Ok(Json(ListEnforcedBlocksResponse {
        enforced_blocks: blocks
            .into_iter()
            .map(|block| shown.block(block, None))
            .collect(),
    }))
}

pub(super) async fn get(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<BlockPath>,
) -> Answer<GetEnforcedBlockResponse> {
    access.check(Action::Read, None)?;
    let project = access.project.id.clone();
    let read = state.store.read(move |conn| {
        let block = rows::find(conn, &project, &path.block)?;
        let latest = rows::latest(conn, &block.id)?;
        Ok((block, latest))
    });
    let (block, latest) = read.await?;
    let shown = Shown::of(&state, &access);
    Ok(Json(GetEnforcedBlockResponse {
        enforced_block: Some(shown.block(block, latest)),
    }))
}

pub(super) async fn update(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<BlockPath>,
    body: Body,
) -> Answer<UpdateEnforcedBlockResponse> {
    let body: UpdateEnforcedBlockBody = body.json().await?;
    let update = ops::Update {
        mask: body.update_mask,
        name: body.name,
        labels: body.labels,
    };
    let block = path.into_inner().block;
    let (block, latest) = ops::update(&state, access.clone(), block, update).await?;
    let shown = Shown::of(&state, &access);
    Ok(Json(UpdateEnforcedBlockResponse {
        enforced_block: Some(shown.block(block, latest)),
    }))
}

pub(super) async fn delete(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<BlockPath>,
) -> Answer<DeleteEnforcedBlockResponse> {
    ops::delete(&state, access, path.into_inner().block).await?;
    Ok(Json(DeleteEnforcedBlockResponse {}))
}

pub(super) async fn create_version(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<BlockPath>,
    body: Body,
) -> Answer<CreateEnforcedBlockVersionResponse> {
    let body: CreateEnforcedBlockVersionBody = body.json().await?;
    let new = NewVersion {
        label: body.version,
        content: body.block_content,
        template_type: template_type_of(body.template_type),
        additional_description: body.additional_description,
    };
    let version = ops::create_version(&state, access, path.into_inner().block, new).await?;
    Ok(Json(CreateEnforcedBlockVersionResponse {
        enforced_block_version: Some(show_version(version)),
    }))
}

pub(super) async fn versions(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<BlockPath>,
) -> Answer<GetEnforcedBlockVersionsResponse> {
    access.check(Action::Read, None)?;
    let read = state.store.read(move |conn| {
        let block = rows::find(conn, &access.project.id, &path.block)?;
        let versions = rows::versions(conn, &block.id)?;
        Ok((block, versions))
    });
    let (block, versions) = read.await?;
    Ok(Json(GetEnforcedBlockVersionsResponse {
        enforced_block_detail: versions
            .into_iter()
            .map(|version| show_detail(block.clone(), version))
            .collect(),
    }))
}

pub(super) async fn update_version(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<VersionPath>,
    body: Body,
) -> Answer<UpdateEnforcedBlockVersionResponse> {
    let body: UpdateEnforcedBlockVersionBody = body.json().await?;
    let VersionPath { block, version } = path.into_inner();
    let change = (body.update_mask, body.additional_description);
    let version = ops::update_version(&state, access, (block, version), change).await?;
    Ok(Json(UpdateEnforcedBlockVersionResponse {
        enforced_block_version: Some(show_version(version)),
    }))
}

pub(super) async fn delete_version(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<VersionPath>,
) -> Answer<DeleteEnforcedBlockVersionResponse> {
    let VersionPath { block, version } = path.into_inner();
    ops::delete_version(&state, access, (block, version)).await?;
    Ok(Json(DeleteEnforcedBlockVersionResponse {}))
}

pub(super) async fn linked_buckets(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<VersionPath>,
) -> Answer<GetEnforcedBlockLinkedBucketsResponse> {
    access.check(Action::Read, None)?;
    let reader = access.clone();
    let read = state.store.read(move |conn| {
        let project = &reader.project.id;
        let block = rows::find(conn, project, &path.block)?;
        let version = rows::version(conn, &block.id, &path.version)?;
        let mut links = rows::links(conn, &block.id)?;
        links.retain(|(link, _)| link.version_id == version.id);
        let ids: Vec<String> = links
            .iter()
            .map(|(link, _)| link.bucket_id.clone())
            .collect();
        let found = buckets::by_ids(conn, &ids)?;
        Ok((links, views::buckets(conn, project, found)?))
    });
    let (links, views) = read.await?;
    let shown = Shown::of(&state, &access);
    let mut views: HashMap<String, _> = views
        .into_iter()
        .map(|view| (view.bucket.id.clone(), view))
        .collect();
    let show = |(link, _): (Link, String)| wire::EnforcedBlockLinkedBucket {
        bucket: views.remove(&link.bucket_id).map(|view| shown.bucket(view)),
        created_at: Some(link.created_at.into()),
        enforced_block_id: link.block_id,
        enforced_block_version_id: link.version_id,
        id: link.id,
    };
    Ok(Json(GetEnforcedBlockLinkedBucketsResponse {
        linked_buckets: links.into_iter().map(show).collect(),
    }))
}

pub(super) async fn link_buckets(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<VersionPath>,
    body: Body,
) -> Answer<ManageEnforcedBlockLinkedBucketsResponse> {
    let body: ManageEnforcedBlockLinkedBucketsBody = body.json().await?;
    let VersionPath { block, version } = path.into_inner();
    let names = body.bucket_names.unwrap_or_default();
    let links = links::replace(&state, access, (block, version), names).await?;
    Ok(Json(ManageEnforcedBlockLinkedBucketsResponse {
        enforced_block_buckets: links.into_iter().map(show_link).collect(),
    }))
}

/// What Packer asks for before it builds.
pub(super) async fn by_bucket(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<BucketPath>,
) -> Answer<GetEnforcedBlocksByBucketResponse> {
    let read = state.store.read(move |conn| {
        let bucket = buckets::find(conn, &access.project.id, &path.bucket)?;
        access.check(Action::Read, Some(&bucket.id))?;
        rows::of_bucket(conn, &bucket.id)
    });
    Ok(Json(GetEnforcedBlocksByBucketResponse {
        enforced_block_detail: read
            .await?
            .into_iter()
            .map(|(block, version)| show_detail(block, version))
            .collect(),
    }))
}
