//! What the outdated board needs to know of buckets: a fixed number of statements however many there are.

mod lag;
mod load;
mod rows;

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use super::{
    Conn,
    channels::Channel,
    freshness::{self, Rule},
};
use crate::{
    domain::{
        board::{ChannelFacts, Emptied, Facts, GRACE},
        channel::LATEST,
    },
    error::Result,
};
use load::Versions;
use rows::Head;

pub use rows::{Outline, outlines};

/// A bucket as it was read.
#[derive(Debug, Clone)]
pub struct Known {
    /// Its id.
    pub bucket_id: String,
    /// Its revision.
    pub revision: i64,
    /// What is known.
    pub facts: Facts,
    /// The buckets of its parents, and of the channels that these were found through.
    pub relatives: BTreeSet<String>,
}

/// What is known of some buckets of a project, in no order; those that are gone are left out.
pub fn facts(
    conn: &mut Conn,
    (project_id, bucket_ids): (&str, &[String]),
    heartbeat_timeout: Duration,
) -> Result<Vec<Known>> {
    let project = freshness::find(conn, project_id)?;
    let heads = rows::heads(conn, bucket_ids)?;
    let rules = freshness::of_buckets(conn, bucket_ids)?;
    let channels = rows::channels(conn, bucket_ids)?;
    let ahead = lag::ahead(conn, bucket_ids)?;
    let mut wanted: BTreeSet<&String> = BTreeSet::new();
    wanted.extend(channels.iter().filter_map(|row| row.version_id.as_ref()));
    wanted.extend(heads.iter().filter_map(|head| head.complete_id.as_ref()));
    wanted.extend(heads.iter().filter_map(|head| head.last_id.as_ref()));
    wanted.extend(
        ahead
            .values()
            .flat_map(|ahead| [&ahead.first_id, &ahead.last_id]),
    );
    let wanted: Vec<String> = wanted.into_iter().cloned().collect();
    let gathered = Gathered {
        versions: load::versions(conn, project_id, &wanted)?,
        rules: rules
            .into_iter()
            .map(|rule| (rule.resource_id.clone(), rule))
            .collect(),
        emptied: lag::emptied(conn, bucket_ids)?,
        ahead,
        project,
        heartbeat_timeout,
    };
    let mut by_bucket: HashMap<String, Vec<Channel>> = HashMap::new();
    for channel in channels {
        let of = by_bucket.entry(channel.bucket_id.clone()).or_default();
        of.push(channel);
    }
    let known = heads.into_iter().map(|head| {
        let channels = by_bucket.remove(&head.id).unwrap_or_default();
        gathered.bucket(head, channels)
    });
    Ok(known.collect())
}

/// What was read of all buckets together.
struct Gathered {
    project: Option<Rule>,
    /// Of buckets and channels, by their ids.
    rules: HashMap<String, Rule>,
    versions: Versions,
    ahead: HashMap<String, lag::Ahead>,
    emptied: HashMap<String, Emptied>,
    heartbeat_timeout: Duration,
}

impl Gathered {
    fn bucket(&self, head: Head, channels: Vec<Channel>) -> Known {
        let given = channels.iter().filter_map(|row| row.version_id.as_ref());
        let relatives = given.flat_map(|id| self.versions.relatives(id)).collect();
        let latest = channels.iter().find(|channel| channel.name == LATEST);
        let newest = latest.and_then(|latest| latest.version_id.as_ref());
        let project = self.project.as_ref();
        let limit = self.rules.get(&head.id).and_then(|rule| rule.age_limit);
        let limit = limit.or_else(|| project.and_then(|rule| rule.age_limit));
        let facts = Facts {
            newest: newest.and_then(|id| self.versions.complete(id)),
            complete: head.complete_id.and_then(|id| self.versions.complete(&id)),
            last: head.last_id.and_then(|id| self.versions.last(&id)),
            channels: channels.into_iter().map(|row| self.channel(row)).collect(),
            grace: project.and_then(|rule| rule.grace).map_or(GRACE, seconds),
            age_limit: limit.filter(|limit| *limit > 0).map(seconds),
            heartbeat_timeout: self.heartbeat_timeout,
            bucket: head.name,
        };
        Known {
            bucket_id: head.id,
            revision: head.revision,
            facts,
            relatives,
        }
    }

    fn channel(&self, row: Channel) -> ChannelFacts {
        let ahead = self.ahead.get(&row.id);
        ChannelFacts {
            may_lag: self.rules.get(&row.id).is_some_and(|rule| rule.may_lag),
            version: row.version_id.and_then(|id| self.versions.complete(&id)),
            ahead: ahead.and_then(|ahead| self.versions.ahead(ahead)),
            emptied: self.emptied.get(&row.id).cloned(),
            name: row.name,
            managed: row.managed,
            restricted: row.restricted,
        }
    }
}

fn seconds(seconds: i64) -> Duration {
    Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
}
