//! Relations between what was built and what it was built from.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use super::{
    Conn,
    channels::{self, Channel},
    condition::HasParent,
    on,
    schema::{buckets as bucket, builds, channels as channel, versions as version},
    versions::{self, Version},
};
use crate::{
    domain::ancestry::{Freshness, freshness},
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

/// The links of some versions to their parents.
pub fn parents(conn: &mut Conn, version_ids: &[String]) -> Result<Vec<Link>> {
    let query = builds::table
        .filter(builds::version_id.eq_any(version_ids))
        .filter(HasParent)
        .select((
            builds::version_id,
            builds::parent_version_id,
            builds::parent_channel_id,
        ))
        .distinct();
    Ok(on!(conn, |c| query.load(c))?)
}

/// The links to versions of some buckets of a project from the versions that are the latest of their
/// buckets. What another project recorded does not exist here.
pub fn children(conn: &mut Conn, project_id: &str, bucket_ids: &[String]) -> Result<Vec<Link>> {
    let ours = version::table
        .filter(version::bucket_id.eq_any(bucket_ids))
        .select(version::id);
    let holds = channel::version_id.eq(builds::version_id.nullable());
    let query = builds::table
        .inner_join(channel::table.on(holds.and(channel::managed.eq(true))))
        .inner_join(bucket::table.on(bucket::id.eq(channel::bucket_id)))
        .filter(bucket::project_id.eq(project_id))
        .filter(HasParent)
        .filter(builds::parent_version_id.eq_any(ours))
        .select((
            builds::version_id,
            builds::parent_version_id,
            builds::parent_channel_id,
        ))
        .distinct();
    Ok(on!(conn, |c| query.load(c))?)
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
    let query = builds::table
        .inner_join(version::table.inner_join(bucket::table))
        .filter(bucket::project_id.eq(project_id))
        .filter(HasParent)
        .filter(builds::parent_version_id.eq_any(version_ids))
        .filter(builds::version_id.ne(builds::parent_version_id))
        .select(builds::parent_version_id)
        .distinct();
    let rows: Vec<String> = on!(conn, |c| query.load(c))?;
    Ok(rows.into_iter().collect())
}
