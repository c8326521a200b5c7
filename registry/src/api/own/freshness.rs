//! `freshness`: what counts as outdated in a project, in a bucket, and which channels may lag behind.

use actix_web::web::{Data, Path};
use touchmark_wire::{
    own::{
        BucketFreshness, ChannelFreshness, ProjectFreshness, SetBucketFreshnessBody,
        SetChannelFreshnessBody, SetProjectFreshnessBody,
    },
    time::Timestamp,
};

use super::{place::InProject, query::Sent};
use crate::{
    api::{
        answer::{Answer, Json},
        buckets::BucketPath,
        channels::{self, ChannelPath},
        request::Body,
    },
    domain::{board::GRACE, role::Action},
    ops::freshness::{self as ops, OfProject},
    state::State,
    store::{
        buckets,
        freshness::{self as rows, Rule},
    },
};

pub(super) async fn get_project(
    state: Data<State>,
    InProject(access): InProject,
    query: Sent,
) -> Answer<ProjectFreshness> {
    query.only(&["project"])?;
    access.check(Action::Read, None)?;
    let id = access.project.id.clone();
    let rule = state.store.read(move |conn| rows::find(conn, &id));
    Ok(Json(of_project(rule.await?.as_ref())))
}

pub(super) async fn set_project(
    state: Data<State>,
    InProject(access): InProject,
    query: Sent,
    body: Body,
) -> Answer<ProjectFreshness> {
    query.only(&["project"])?;
    let body: SetProjectFreshnessBody = body.json().await?;
    let set = OfProject {
        grace: body.grace_seconds,
        age_limit: body.age_limit_seconds,
    };
    let rule = ops::set_project(&state, access, set).await?;
    Ok(Json(of_project(Some(&rule))))
}

pub(super) async fn get_bucket(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<BucketPath>,
    query: Sent,
) -> Answer<BucketFreshness> {
    query.only(&["project"])?;
    let path = path.into_inner();
    let rule = state.store.read(move |conn| {
        let bucket = buckets::find(conn, &access.project.id, &path.bucket)?;
        access.check(Action::Read, Some(&bucket.id))?;
        rows::find(conn, &bucket.id)
    });
    Ok(Json(of_bucket(rule.await?.as_ref())))
}

pub(super) async fn set_bucket(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<BucketPath>,
    query: Sent,
    body: Body,
) -> Answer<BucketFreshness> {
    query.only(&["project"])?;
    let body: SetBucketFreshnessBody = body.json().await?;
    let (bucket, limit) = (path.into_inner().bucket, body.age_limit_seconds);
    let rule = ops::set_bucket(&state, access, bucket, limit).await?;
    Ok(Json(of_bucket(Some(&rule))))
}

pub(super) async fn get_channel(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<ChannelPath>,
    query: Sent,
) -> Answer<ChannelFreshness> {
    query.only(&["project"])?;
    let path = path.into_inner();
    let rule = state.store.read(move |conn| {
        let (_, channel) = channels::visible(conn, &access, &path)?;
        rows::find(conn, &channel.id)
    });
    Ok(Json(of_channel(rule.await?.as_ref())))
}

pub(super) async fn set_channel(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<ChannelPath>,
    query: Sent,
    body: Body,
) -> Answer<ChannelFreshness> {
    query.only(&["project"])?;
    let body: SetChannelFreshnessBody = body.json().await?;
    let path = path.into_inner();
    let may_lag = body.may_lag.unwrap_or_default();
    let rule = ops::set_channel(&state, access, (path.bucket, path.channel), may_lag).await?;
    Ok(Json(of_channel(Some(&rule))))
}

fn of_project(rule: Option<&Rule>) -> ProjectFreshness {
    ProjectFreshness {
        grace_seconds: rule.and_then(|rule| rule.grace),
        default_grace_seconds: i64::try_from(GRACE.as_secs()).unwrap_or(i64::MAX),
        age_limit_seconds: rule.and_then(|rule| rule.age_limit),
        updated_at: updated_at(rule),
    }
}

fn of_bucket(rule: Option<&Rule>) -> BucketFreshness {
    BucketFreshness {
        age_limit_seconds: rule.and_then(|rule| rule.age_limit),
        updated_at: updated_at(rule),
    }
}

fn of_channel(rule: Option<&Rule>) -> ChannelFreshness {
    ChannelFreshness {
        may_lag: rule.is_some_and(|rule| rule.may_lag),
        updated_at: updated_at(rule),
    }
}

fn updated_at(rule: Option<&Rule>) -> Option<Timestamp> {
    rule.map(|rule| rule.updated_at.into())
}
