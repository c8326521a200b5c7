//! Relations between what was built and what it was built from.

use std::collections::{BTreeSet, HashMap, HashSet};

use diesel::{dsl::exists, prelude::*};

use super::{
    Conn,
    builds::Build,
    channels::{self, Channel},
    condition::{HasParent, checked},
    on,
    prepared::any_of,
    schema::{bucket_parents, buckets as bucket, builds, channels as channel, versions as version},
    versions::{self, Version},
};
use crate::{
    domain::{
        ancestry::{Freshness, freshness},
        channel::LATEST,
    },
    error::Result,
};

/// What a build recorded of its parent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Queryable)]
pub struct Link {
    /// The version that was built.
    pub child_id: String,
    /// The version it was built from.
    pub parent_id: String,
    /// The channel through which that was found; may be empty.
    pub channel_id: String,
}

/// A link, and what is known here of both ends and of the channel.
#[derive(Debug, Clone)]
pub struct Relation {
    /// The link as it was recorded.
    pub link: Link,
    /// The parent, if it is known here.
    pub parent: Option<Version>,
    /// The channel, if it still exists.
    pub channel: Option<Channel>,
    /// How the child stands to the parent.
    pub freshness: Freshness,
}

/// The links of some builds to their parents, each once.
pub fn links<'a>(builds: impl Iterator<Item = &'a Build>) -> Vec<Link> {
    let links = builds.filter(|build| !build.parent_version_id.is_empty());
    let links: HashSet<Link> = links
        .map(|build| Link {
            child_id: build.version_id.clone(),
            parent_id: build.parent_version_id.clone(),
            channel_id: build.parent_channel_id.clone(),
        })
        .collect();
    links.into_iter().collect()
}

/// The links of some versions to their parents.
pub fn parents(conn: &mut Conn, version_ids: &[String]) -> Result<Vec<Link>> {
    let query = builds::table
        .filter(any_of(builds::version_id, version_ids))
        .filter(HasParent)
        .select((
            builds::version_id,
            builds::parent_version_id,
            builds::parent_channel_id,
        ))
        .distinct();
    Ok(on!(conn, |c| query.load(c))?)
}

/// The links to versions of some buckets from the versions that are the latest of their buckets. What another
/// project recorded does not exist here.
pub fn children(conn: &mut Conn, bucket_ids: &[String]) -> Result<Vec<Link>> {
    let of_parent = version::bucket_id.eq(bucket_parents::parent_bucket_id);
    let query = bucket_parents::table
        .inner_join(channel::table.on(channel::bucket_id.eq(bucket_parents::bucket_id)))
        .inner_join(builds::table.on(channel::version_id.eq(builds::version_id.nullable())))
        .inner_join(version::table.on(version::id.eq(builds::parent_version_id).and(of_parent)))
        .filter(any_of(bucket_parents::parent_bucket_id, bucket_ids))
        .filter(channel::name.eq(LATEST))
        .filter(HasParent)
        .select((
            builds::version_id,
            builds::parent_version_id,
            builds::parent_channel_id,
        ))
        .distinct();
    Ok(on!(conn, |c| query.load(c))?)
}

/// From which buckets the latest version of a bucket was built, as [`children`] finds it; in no order.
pub fn parent_buckets(conn: &mut Conn, bucket_id: &str) -> Result<Vec<String>> {
    let query = bucket_parents::table
        .filter(bucket_parents::bucket_id.eq(bucket_id))
        .select(bucket_parents::parent_bucket_id);
    Ok(on!(conn, |c| query.load(c))?)
}

/// Writes down from which buckets the latest version of a bucket was built; the bucket must be locked.
pub fn set_parent_buckets(
    conn: &mut Conn,
    bucket_id: &str,
    parents: &BTreeSet<String>,
) -> Result<()> {
    let before: BTreeSet<String> = parent_buckets(conn, bucket_id)?.into_iter().collect();
    if before == *parents {
        return Ok(());
    }
    let of = bucket_parents::table.filter(bucket_parents::bucket_id.eq(bucket_id));
    on!(conn, |c| diesel::delete(of).execute(c))?;
    let row = |parent| {
        (
            bucket_parents::parent_bucket_id.eq(parent),
            bucket_parents::bucket_id.eq(bucket_id),
        )
    };
    let rows: Vec<_> = parents.iter().map(row).collect();
    on!(conn, |c| diesel::insert_into(bucket_parents::table)
        .values(&rows)
        .execute(c))?;
    Ok(())
}

/// Looks up what is known of the parents and channels of some links, within the project.
pub fn resolve(conn: &mut Conn, project_id: &str, links: Vec<Link>) -> Result<Vec<Relation>> {
    let distinct = |of: fn(&Link) -> &String| -> Vec<String> {
        let ids: HashSet<&String> = links.iter().map(of).filter(|id| !id.is_empty()).collect();
        ids.into_iter().cloned().collect()
    };
    let parents = versions::in_project(conn, project_id, &distinct(|link| &link.parent_id))?;
    let parents: HashMap<_, _> = parents.into_iter().map(|v| (v.id.clone(), v)).collect();
    let channels = channels::in_project(conn, project_id, &distinct(|link| &link.channel_id))?;
    let channels: HashMap<_, _> = channels.into_iter().map(|c| (c.id.clone(), c)).collect();
    Ok(links
        .into_iter()
        .map(|link| {
            let parent = parents.get(&link.parent_id).cloned();
            let channel = channels.get(&link.channel_id).cloned();
            let held = channel
                .as_ref()
                .map(|channel| channel.version_id.as_deref());
            let freshness = freshness(parent.is_some(), &link.parent_id, held);
            Relation {
                link,
                parent,
                channel,
                freshness,
            }
        })
        .collect())
}

/// Those of the versions that some other version of the project was built from.
pub fn with_descendants(
    conn: &mut Conn,
    project_id: &str,
    version_ids: &[String],
) -> Result<HashSet<String>> {
    // One is enough: there may be thousands.
    let (child, home) = diesel::alias!(version as child, bucket as home);
    let descendant = builds::table
        .inner_join(child.on(child.field(version::id).eq(builds::version_id)))
        .inner_join(home.on(home.field(bucket::id).eq(child.field(version::bucket_id))))
        .filter(checked(home.field(bucket::project_id)).eq(project_id))
        .filter(HasParent)
        .filter(builds::parent_version_id.eq(version::id))
        .filter(builds::version_id.ne(builds::parent_version_id))
        // Keeps PostgreSQL from looking at all descendants of the registry and joining them.
        .offset(0);
    let query = version::table
        .filter(any_of(version::id, version_ids))
        .filter(exists(descendant))
        .select(version::id);
    let rows: Vec<String> = on!(conn, |c| query.load(c))?;
    Ok(rows.into_iter().collect())
}
