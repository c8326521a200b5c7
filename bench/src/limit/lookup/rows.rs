//! The queries of a channel, and what is shown of their rows. Of what nothing in the measured bucket has, such
//! as parents and revocations, it is looked up that there is none.

use std::collections::BTreeMap;

use diesel::{dsl::exists, prelude::*, result::Error::NotFound, select, sqlite::SqliteConnection};
use touchmark_wire::{
    artifact::Artifact,
    build::{Build, BuildStatus},
    channel::Channel,
    time::Timestamp,
    version::{TemplateType, Version, VersionStatus},
};

diesel::table! { projects (id) { id -> Text, organization_id -> Text, } }
diesel::table! { buckets (id) { id -> Text, project_id -> Text, name -> Text, } }
diesel::table! {
    channels (id) {
        id -> Text,
        bucket_id -> Text,
        name -> Text,
        managed -> Bool,
        restricted -> Bool,
        version_id -> Nullable<Text>,
        author_id -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}
diesel::table! {
    versions (id) {
        id -> Text,
        fingerprint -> Text,
        number -> Nullable<BigInt>,
        author_id -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}
diesel::table! {
    builds (id) {
        id -> Text,
        version_id -> Text,
        sequence -> BigInt,
        component_type -> Text,
        packer_run_uuid -> Text,
        platform -> Text,
        source_external_identifier -> Text,
        parent_version_id -> Text,
        labels -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}
diesel::table! {
    artifacts (id) {
        id -> Text,
        build_id -> Text,
        position -> BigInt,
        external_identifier -> Text,
        region -> Text,
        created_at -> BigInt,
    }
}
diesel::table! { revocations (version_id) { version_id -> Text, revoke_at -> BigInt, } }

#[derive(Queryable)]
struct ChannelRow {
    id: String,
    managed: bool,
    restricted: bool,
    version_id: Option<String>,
    author_id: String,
    created_at: i64,
    updated_at: i64,
}

#[derive(Queryable)]
struct VersionRow {
    id: String,
    fingerprint: String,
    number: Option<i64>,
    author_id: String,
    created_at: i64,
    updated_at: i64,
}

#[derive(Queryable)]
struct BuildRow {
    id: String,
    version_id: String,
    component_type: String,
    packer_run_uuid: String,
    platform: String,
    source_external_identifier: String,
    parent_version_id: String,
    labels: String,
    created_at: i64,
    updated_at: i64,
}

type ArtifactRow = (String, String, String, String, i64);

fn time(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

/// The channel of this name, as it is shown.
pub(super) fn channel(
    conn: &mut SqliteConnection,
    (organization, project): (&str, &str),
    (bucket, channel): (&str, &str),
) -> QueryResult<Channel> {
    let known = projects::table
        .filter(projects::id.eq(project))
        .filter(projects::organization_id.eq(organization));
    if !select(exists(known)).get_result(conn)? {
        return Err(NotFound);
    }
    let bucket_id: String = buckets::table
        .filter(buckets::project_id.eq(project))
        .filter(buckets::name.eq(bucket))
        .select(buckets::id)
        .first(conn)?;
    let row: ChannelRow = channels::table
        .filter(channels::bucket_id.eq(bucket_id))
        .filter(channels::name.eq(channel))
        .select((
            channels::id,
            channels::managed,
            channels::restricted,
            channels::version_id,
            channels::author_id,
            channels::created_at,
            channels::updated_at,
        ))
        .first(conn)?;
    let version = match &row.version_id {
        Some(id) => Some(version(conn, bucket, id)?),
        None => None,
    };
    Ok(Channel {
        author_id: row.author_id,
        bucket_name: bucket.to_owned(),
        created_at: Some(time(row.created_at)),
        id: row.id,
        managed: row.managed,
        name: channel.to_owned(),
        restricted: row.restricted,
        updated_at: Some(time(row.updated_at)),
        version,
    })
}

fn version(conn: &mut SqliteConnection, bucket: &str, id: &str) -> QueryResult<Version> {
    let row: VersionRow = versions::table
        .filter(versions::id.eq(id))
        .select((
            versions::id,
            versions::fingerprint,
            versions::number,
            versions::author_id,
            versions::created_at,
            versions::updated_at,
        ))
        .first(conn)?;
    let builds = builds_of(conn, id)?;
    let revoked: Vec<i64> = revocations::table
        .filter(revocations::version_id.eq(id))
        .order(revocations::revoke_at)
        .select(revocations::revoke_at)
        .load(conn)?;
    let children = builds::table.filter(
        builds::parent_version_id
            .eq(id)
            .and(builds::parent_version_id.ne("")),
    );
    let has_descendants = select(exists(children)).get_result(conn)?;
    let parents: Vec<&String> = builds
        .iter()
        .map(|(_, parent)| parent)
        .filter(|parent| !parent.is_empty())
        .collect();
    // Neither is in the bucket that is measured, and answers must be right.
    if !revoked.is_empty() || !parents.is_empty() {
        return Err(NotFound);
    }
    Ok(Version {
        author_id: row.author_id,
        builds: builds.into_iter().map(|(build, _)| build).collect(),
        created_at: Some(time(row.created_at)),
        has_descendants,
        name: format!("v{}", row.number.unwrap_or(0)),
        status: VersionStatus::Active,
        template_type: TemplateType::Hcl2,
        updated_at: Some(time(row.updated_at)),
        bucket_name: bucket.to_owned(),
        fingerprint: row.fingerprint,
        id: row.id,
        ..Version::default()
    })
}

/// The builds of a version, each with its parent.
fn builds_of(conn: &mut SqliteConnection, version: &str) -> QueryResult<Vec<(Build, String)>> {
    let rows: Vec<BuildRow> = builds::table
        .filter(builds::version_id.eq(version))
        .order(builds::sequence)
        .select((
            builds::id,
            builds::version_id,
            builds::component_type,
            builds::packer_run_uuid,
            builds::platform,
            builds::source_external_identifier,
            builds::parent_version_id,
            builds::labels,
            builds::created_at,
            builds::updated_at,
        ))
        .load(conn)?;
    rows.into_iter()
        .map(|row| {
            let artifacts: Vec<ArtifactRow> = artifacts::table
                .filter(artifacts::build_id.eq(&row.id))
                .order(artifacts::position)
                .select((
                    artifacts::id,
                    artifacts::build_id,
                    artifacts::external_identifier,
                    artifacts::region,
                    artifacts::created_at,
                ))
                .load(conn)?;
            Ok(show(row, artifacts))
        })
        .collect()
}

fn show(row: BuildRow, artifacts: Vec<ArtifactRow>) -> (Build, String) {
    let artifacts = artifacts.into_iter();
    let artifacts = artifacts.map(
        |(id, _, external_identifier, region, created_at)| Artifact {
            created_at: Some(time(created_at)),
            external_identifier,
            id,
            region,
        },
    );
    let labels: BTreeMap<String, String> = serde_json::from_str(&row.labels).unwrap_or_default();
    let build = Build {
        artifacts: artifacts.collect(),
        component_type: row.component_type,
        created_at: Some(time(row.created_at)),
        id: row.id,
        labels,
        packer_run_uuid: row.packer_run_uuid,
        platform: row.platform,
        source_external_identifier: row.source_external_identifier,
        status: BuildStatus::Done,
        updated_at: Some(time(row.updated_at)),
        version_id: row.version_id,
        ..Build::default()
    };
    (build, row.parent_version_id)
}
