//! `…/ancestry`: what a bucket was built from, and what was built from it.

use std::collections::HashMap;

use actix_web::web::{Data, Path};
use touchmark_wire::ancestry::{
    BucketAncestry, BucketAncestryType, ChannelVersion, Child, ListBucketAncestryResponse, Parent,
};

use super::{
    answer::{Answer, Json},
    buckets::BucketPath,
    convert::{freshness, pagination},
    request::Query,
};
use crate::{
    auth::caller::InProject,
    domain::{limit, role::Action},
    error::{Error, Result},
    ops::Access,
    state::State,
    store::{
        Conn, Page, PageRequest,
        ancestry::{self, Relation},
        buckets::{self, Bucket},
        channels::{self, Channel},
        page::{Cursor, Listing, Sort},
        versions::{self, Version},
    },
};

/// Relations are sorted by bucket and version of the other end.
const LISTING: Listing = Listing {
    sortable: &[],
    default: Sort {
        field: "relation",
        descending: false,
    },
    size: limit::PAGE,
};

/// What is asked for.
#[derive(Clone)]
struct Filter {
    kind: BucketAncestryType,
    fingerprint: String,
    channel: String,
}

pub(super) async fn list(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<BucketPath>,
    query: Query,
) -> Answer<ListBucketAncestryResponse> {
    let request = query.page(&LISTING)?;
    let kind = match query.get("type") {
        "" => BucketAncestryType::Unset,
        text => text.parse().map_err(|_| {
            let problem = format!("must be one of {}", BucketAncestryType::NAMES.join(", "));
            Error::invalid("type", problem)
        })?,
    };
    let filter = Filter {
        kind,
        fingerprint: query.get("version_fingerprint").to_owned(),
        channel: query.get("channel_name").to_owned(),
    };
    let (page, total) = state
        .store
        .read(move |conn| {
            let bucket = buckets::find(conn, &access.project.id, &path.bucket)?;
            access.check(Action::Read, Some(&bucket.id))?;
            relations(conn, &access, &bucket, (&filter, &request))
        })
        .await?;
    let pagination = pagination(&page);
    Ok(Json(ListBucketAncestryResponse {
        pagination: Some(pagination),
        relations: page
            .rows
            .into_iter()
            .map(|(_, relation)| relation)
            .collect(),
        total_count: i32::try_from(total).unwrap_or(i32::MAX),
    }))
}

type Keyed = (String, BucketAncestry);

fn relations(
    conn: &mut Conn,
    access: &Access,
    bucket: &Bucket,
    (filter, request): (&Filter, &PageRequest),
) -> Result<(Page<Keyed>, usize)> {
    let project = &access.project.id;
    let mut found = Vec::new();
    if filter.kind != BucketAncestryType::Children
        && let Some(version) = asked_version(conn, bucket, &filter.fingerprint)?
    {
        let links = ancestry::parents(conn, &[version])?;
        found.extend(ancestry::resolve(conn, project, links)?);
    }
    if filter.kind != BucketAncestryType::Parents {
        let links = ancestry::children(conn, std::slice::from_ref(&bucket.id))?;
        let children = ancestry::resolve(conn, project, links)?;
        let through = |relation: &Relation| {
            let name = shown_channel(access, relation).map(|channel| channel.name.as_str());
            filter.channel.is_empty() || name == Some(&filter.channel)
        };
        found.extend(children.into_iter().filter(through));
    }
    let mut shown = show(conn, access, found)?;
    shown.sort_by(|a, b| a.0.cmp(&b.0));
    shown.dedup_by(|a, b| a.0 == b.0);
    let total = shown.len();
    Ok((
        Page::cut(shown, request, |(key, _)| Cursor::text(key)),
        total,
    ))
}

/// The id of the version whose parents are meant: the one named, else the latest.
fn asked_version(conn: &mut Conn, bucket: &Bucket, fingerprint: &str) -> Result<Option<String>> {
    if fingerprint.is_empty() {
        return Ok(channels::latest(conn, &bucket.id)?.version_id);
    }
    versions::get(conn, &bucket.id, fingerprint).map(|version| Some(version.id))
}

fn show(conn: &mut Conn, access: &Access, relations: Vec<Relation>) -> Result<Vec<Keyed>> {
    let mut ids: Vec<String> = relations.iter().map(|r| r.link.child_id.clone()).collect();
    ids.extend(
        relations
            .iter()
            .filter_map(|r| r.channel.as_ref()?.version_id.clone()),
    );
    let known: HashMap<String, Version> = versions::in_project(conn, &access.project.id, &ids)?
        .into_iter()
        .map(|version| (version.id.clone(), version))
        .collect();
    let parents = relations
        .iter()
        .filter_map(|relation| relation.parent.as_ref());
    let bucket_ids: Vec<String> = known
        .values()
        .chain(parents)
        .map(|v| v.bucket_id.clone())
        .collect();
    let names = buckets::names(conn, &bucket_ids)?;
    let name = |version: Option<&Version>| {
        version
            .and_then(|v| names.get(&v.bucket_id))
            .cloned()
            .unwrap_or_default()
    };
    Ok(relations
        .into_iter()
        .map(|relation| {
            let child = known.get(&relation.link.child_id);
            let link = &relation.link;
            let (of_parent, of_child) = (name(relation.parent.as_ref()), name(child));
            // No name holds a space, so the parts cannot run into each other.
            let key = format!(
                "{of_parent} {} {of_child} {} {}",
                link.parent_id, link.child_id, link.channel_id
            );
            let shown = BucketAncestry {
                child: Some(Child {
                    bucket_name: of_child,
                    version_fingerprint: child.map(|v| v.fingerprint.clone()).unwrap_or_default(),
                    version_id: link.child_id.clone(),
                    version_name: child.map(Version::name).unwrap_or_default(),
                }),
                parent: Some(parent(access, &relation, of_parent, &known)),
                status: freshness(relation.freshness),
            };
            (key, shown)
        })
        .collect())
}

/// The channel of a relation, unless it is restricted and the caller may not see it.
fn shown_channel<'a>(access: &Access, relation: &'a Relation) -> Option<&'a Channel> {
    let channel = relation.channel.as_ref();
    channel.filter(|channel| access.sees(channel))
}

/// The parent, without the channel's fields when that is restricted and the caller may not see it.
fn parent(
    access: &Access,
    relation: &Relation,
    bucket_name: String,
    known: &HashMap<String, Version>,
) -> Parent {
    let parent = relation.parent.as_ref();
    let channel = shown_channel(access, relation);
    let held = channel.and_then(|channel| known.get(channel.version_id.as_ref()?));
    Parent {
        bucket_name,
        channel_name: channel
            .map(|channel| channel.name.clone())
            .unwrap_or_default(),
        channel_version: held.map(|version| ChannelVersion {
            fingerprint: version.fingerprint.clone(),
            id: version.id.clone(),
            name: version.name(),
        }),
        version_fingerprint: parent.map(|v| v.fingerprint.clone()).unwrap_or_default(),
        version_id: relation.link.parent_id.clone(),
        version_name: parent.map(Version::name).unwrap_or_default(),
    }
}
