//! `revocations`: many versions at once, and what that touches.

use actix_web::web::Data;
use touchmark_wire::revocation::{
    ChannelFallback, NamedVersion, RevocationAnswer, RevocationBody, RevokedArtifact,
    RevokedDescendant, RevokedVersion,
};

use super::{place, query::Sent};
use crate::{
    api::{
        answer::{Answer, Json},
        convert::version_status,
        request::Body,
    },
    auth::caller::Caller,
    domain::{
        limit, name,
        revocation::{Revoke, When},
        selection::{SelectionFields, check_digest},
    },
    error::{Error, Result},
    ops::revocations::{self as ops, Descendant, Fallback, Forecast, Many, Target, Touched},
    state::State,
};

pub(super) async fn preview(
    state: Data<State>,
    caller: Caller,
    query: Sent,
    body: Body,
) -> Answer<RevocationAnswer> {
    let query = query.only(&["project"])?;
    let many = read(body.json().await?)?;
    if many.digest.is_some() {
        let problem = "is what a preview answers, not part of one";
        return Err(Error::invalid("body.digest", problem));
    }
    let access = place::in_project(&state, caller, ("query.project", query.get("project"))).await?;
    Ok(Json(shown(ops::preview(&state, access, many).await?)))
}

pub(super) async fn create(
    state: Data<State>,
    caller: Caller,
    query: Sent,
    body: Body,
) -> Answer<RevocationAnswer> {
    let query = query.only(&["project"])?;
    let many = read(body.json().await?)?;
    let access = place::in_project(&state, caller, ("query.project", query.get("project"))).await?;
    Ok(Json(shown(ops::revoke_many(&state, access, many).await?)))
}

fn read(body: RevocationBody) -> Result<Many> {
    let versions = body.versions.map(|versions| {
        let versions = versions.into_iter();
        let pairs = versions.map(|version| (version.bucket, version.fingerprint));
        pairs.collect()
    });
    let selection = SelectionFields {
        versions,
        artifacts: body.artifacts,
        bucket: body.bucket,
        labels: body.labels,
        older_than: body.older_than,
    };
    let message = body.message.unwrap_or_default();
    name::check_text("body.message", &message, limit::MESSAGE)?;
    let span = body.revoke_in.unwrap_or_default();
    let at = When::parse(body.revoke_at.map(Into::into), ("body.revoke_in", &span))?;
    if let Some(digest) = &body.digest {
        check_digest(digest)?;
    }
    Ok(Many {
        selection: selection.parse()?,
        how: Revoke {
            at: at.unwrap_or(When::In(std::time::Duration::ZERO)),
            message,
            spare_descendants: body.skip_descendants.unwrap_or_default(),
            keep_channels: body.disable_rollback.unwrap_or_default(),
        },
        digest: body.digest,
    })
}

fn shown(forecast: Forecast) -> RevocationAnswer {
    RevocationAnswer {
        revoke_at: Some(forecast.revoke_at.into()),
        targets: forecast.targets.into_iter().map(target).collect(),
        descendants: forecast.descendants.into_iter().map(descendant).collect(),
        channels: forecast.channels.into_iter().map(fallback).collect(),
        artifacts: forecast.artifacts.into_iter().map(artifact).collect(),
        artifacts_total: forecast.artifacts_total,
        skipped: forecast.skipped.into_iter().map(named).collect(),
        skipped_total: i64::try_from(forecast.skipped_total).unwrap_or(i64::MAX),
        digest: forecast.digest,
    }
}

fn named(version: ops::NamedVersion) -> NamedVersion {
    NamedVersion {
        bucket_name: version.bucket_name,
        version_name: version.version_name,
        fingerprint: version.fingerprint,
    }
}

fn target(target: Target) -> RevokedVersion {
    RevokedVersion {
        bucket_name: target.version.bucket_name,
        version_name: target.version.version_name,
        fingerprint: target.version.fingerprint,
        id: target.id,
        status: version_status(target.status),
        channels: target.channels,
    }
}

fn descendant(descendant: Descendant) -> RevokedDescendant {
    RevokedDescendant {
        bucket_name: descendant.version.bucket_name,
        version_name: descendant.version.version_name,
        fingerprint: descendant.version.fingerprint,
        id: descendant.id,
        status: version_status(descendant.status),
        inherits_from: named(descendant.inherits_from),
    }
}

fn fallback(fallback: Fallback) -> ChannelFallback {
    ChannelFallback {
        bucket_name: fallback.bucket_name,
        channel_name: fallback.channel_name,
        managed: fallback.managed,
        restricted: fallback.restricted,
        from: named(fallback.from),
        to: fallback.to.map(named),
        when: Some(fallback.when.into()),
    }
}

fn artifact(touched: Touched) -> RevokedArtifact {
    RevokedArtifact {
        bucket_name: touched.version.bucket_name,
        version_name: touched.version.version_name,
        platform: touched.held.platform,
        region: touched.held.region,
        external_identifier: touched.held.external_identifier,
    }
}
