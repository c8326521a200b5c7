//! `…/channels`, `…/channels/{channel}` and its history.

use std::collections::HashMap;

use actix_web::web::{Data, Path};
use serde::Deserialize;
use touchmark_wire::{
    channel::{
        AssignChannelVersionBody, AssignChannelVersionResponse, ChannelAssignment,
        CreateChannelBody, CreateChannelResponse, DeleteChannelResponse, GetChannelResponse,
        ListChannelAssignmentHistoryResponse, ListChannelsResponse, UpdateChannelBody,
        UpdateChannelResponse,
    },
    version::Version,
};

use super::{
    answer::{Answer, Json},
    buckets::BucketPath,
    convert::{Metadata, Shown, pagination},
    keep::{Basis, Keep},
    request::{Body, Query},
};
use crate::{
    auth::caller::InProject,
    cache::{Audience, Route},
    domain::{channel::ChannelChange, role::Action},
    error::Result,
    ops::{Access, channels},
    state::State,
    store::{
        Conn,
        buckets::{self, Bucket},
        channels::{self as rows, Assignment, Channel},
        versions,
        views::{self, VersionView},
    },
};

/// The channel of a path.
#[derive(Deserialize)]
pub(super) struct ChannelPath {
    pub(super) bucket: String,
    pub(super) channel: String,
}

impl ChannelPath {
    fn parts(self) -> (String, String) {
        (self.bucket, self.channel)
    }
}

/// The channel, if the caller may see it.
pub(super) fn visible(
    conn: &mut Conn,
    access: &Access,
    path: &ChannelPath,
) -> Result<(Bucket, Channel)> {
    let bucket = buckets::find(conn, &access.project.id, &path.bucket)?;
    access.check(Action::Read, Some(&bucket.id))?;
    let channel = rows::find(conn, &bucket.id, &path.channel)?;
    if channel.restricted {
        access.check(Action::SeeRestricted, Some(&bucket.id))?;
    }
    Ok((bucket, channel))
}

pub(super) async fn create(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<BucketPath>,
    body: Body,
) -> Answer<CreateChannelResponse> {
    let body: CreateChannelBody = body.json().await?;
    let create = channels::Create {
        name: body.name,
        restricted: body.restricted,
        fingerprint: body.version_fingerprint,
    };
    let view = channels::create(&state, access.clone(), path.into_inner().bucket, create).await?;
    let shown = Shown::of(&state, &access);
    Ok(Json(CreateChannelResponse {
        channel: Some(shown.channel(view)),
    }))
}

pub(super) async fn get(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<ChannelPath>,
) -> Result<Keep> {
    let since = state.store.changes().now();
    let reader = access.clone();
    let (bucket, view) = state
        .store
        .read(move |conn| {
            let (bucket, channel) = visible(conn, &reader, &path)?;
            let view = views::channel(conn, &bucket, channel)?;
            Ok((bucket, view))
        })
        .await?;
    let shown = Shown::of(&state, &access);
    let audience = Audience::of(&view.channel);
    let mut basis = Basis::new((Some(Route::Channel), audience), since, &bucket);
    if let Some(version) = &view.version {
        basis.shows(version, shown.now);
    }
    let answer = GetChannelResponse {
        channel: Some(shown.channel(view)),
    };
    basis.keep(&answer, &shown)
}

pub(super) async fn list(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<BucketPath>,
) -> Result<Keep> {
    let since = state.store.changes().now();
    let reader = access.clone();
    let (bucket, audience, views) = state
        .store
        .read(move |conn| {
            let bucket = buckets::find(conn, &reader.project.id, &path.bucket)?;
            reader.check(Action::Read, Some(&bucket.id))?;
            let mut channels = rows::list(conn, &bucket.id)?;
            let audience = if !channels.iter().any(|channel| channel.restricted) {
                Audience::Readers
            } else if reader.sees_restricted(&bucket.id) {
                Audience::Seers
            } else {
                channels.retain(|channel| !channel.restricted);
                Audience::Others
            };
            let views = views::channels(conn, &bucket, channels)?;
            Ok((bucket, audience, views))
        })
        .await?;
    let shown = Shown::of(&state, &access);
    let mut basis = Basis::new((Some(Route::Channels), audience), since, &bucket);
    for version in views.iter().filter_map(|view| view.version.as_ref()) {
        basis.shows(version, shown.now);
    }
    let channels = views.into_iter().map(|view| shown.channel(view)).collect();
    basis.keep(&ListChannelsResponse { channels }, &shown)
}

pub(super) async fn update(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<ChannelPath>,
    body: Body,
) -> Answer<UpdateChannelResponse> {
    let body: UpdateChannelBody = body.json().await?;
    let mask = body.update_mask.as_deref();
    let change = ChannelChange::parse(mask, &body.version_fingerprint, body.restricted)?;
    let path = path.into_inner().parts();
    let view = channels::update(&state, access.clone(), path, change).await?;
    let shown = Shown::of(&state, &access);
    Ok(Json(UpdateChannelResponse {
        channel: Some(shown.channel(view)),
    }))
}

pub(super) async fn assign(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<BucketPath>,
    body: Body,
) -> Answer<AssignChannelVersionResponse> {
    let body: AssignChannelVersionBody = body.json().await?;
    let names = (body.source_channel, body.target_channel);
    let bucket = path.into_inner().bucket;
    let (source, target) = channels::copy(&state, access.clone(), bucket, names).await?;
    let shown = Shown::of(&state, &access);
    let target = shown.channel(target);
    Ok(Json(AssignChannelVersionResponse {
        fingerprint: target
            .version
            .as_ref()
            .map(|v| v.fingerprint.clone())
            .unwrap_or_default(),
        version: target.version.clone(),
        source_channel: Some(shown.channel(source)),
        target_channel: Some(target),
    }))
}

pub(super) async fn delete(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<ChannelPath>,
) -> Answer<DeleteChannelResponse> {
    channels::delete(&state, access, path.into_inner().parts()).await?;
    Ok(Json(DeleteChannelResponse {}))
}

pub(super) async fn history(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<ChannelPath>,
    query: Query,
) -> Answer<ListChannelAssignmentHistoryResponse> {
    let request = query.page(&rows::HISTORY)?;
    let reader = access.clone();
    let (page, count, held, bucket_name) = state
        .store
        .read(move |conn| {
            let (bucket, channel) = visible(conn, &reader, &path)?;
            let (page, count) = rows::history(conn, &channel.id, &request)?;
            let held = versions_of(conn, &reader.project.id, &page.rows)?;
            Ok((page, count, held, bucket.name))
        })
        .await?;
    let shown = Shown::of(&state, &access);
    let pagination = pagination(&page);
    let show = |row: Assignment| ChannelAssignment {
        assigned_at: Some(row.assigned_at.into()),
        author_id: row.author_id.clone(),
        version: match held.get(&row.version_id) {
            Some(view) => Some(shown.version(view.clone(), Metadata::LeftOut)),
            None => deleted(&row, &bucket_name),
        },
    };
    Ok(Json(ListChannelAssignmentHistoryResponse {
        count: i32::try_from(count).unwrap_or(i32::MAX),
        history: page.rows.into_iter().map(show).collect(),
        pagination: Some(pagination),
    }))
}

fn versions_of(
    conn: &mut Conn,
    project_id: &str,
    rows: &[Assignment],
) -> Result<HashMap<String, VersionView>> {
    let ids: std::collections::BTreeSet<String> =
        rows.iter().map(|row| row.version_id.clone()).collect();
    let ids: Vec<String> = ids.into_iter().filter(|id| !id.is_empty()).collect();
    let found = versions::in_project(conn, project_id, &ids)?;
    let views = views::versions(conn, project_id, found)?;
    Ok(views
        .into_iter()
        .map(|view| (view.version.id.clone(), view))
        .collect())
}

/// What is left of a version that was deleted after it had been assigned; `None` for a clearing.
fn deleted(row: &Assignment, bucket_name: &str) -> Option<Version> {
    (!row.version_id.is_empty()).then(|| Version {
        bucket_name: bucket_name.to_owned(),
        fingerprint: row.version_fingerprint.clone(),
        id: row.version_id.clone(),
        name: row.version_name.clone(),
        ..Version::default()
    })
}
