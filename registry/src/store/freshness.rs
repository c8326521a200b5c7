//! Rows of the rules of when something counts as outdated.

use diesel::prelude::*;
use serde::Serialize;

use super::{Conn, on, prepared::any_of, schema::freshness_rules, steps::in_steps};
use crate::{domain::time::Time, error::Result};

/// What was said of a project, a bucket or a channel. Fields that its kind does not have are empty.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Serialize)]
#[diesel(table_name = freshness_rules)]
pub struct Rule {
    /// The project, the bucket or the channel.
    pub resource_id: String,
    /// The project that it is, or is in.
    pub project_id: String,
    /// The bucket that it is, or is in.
    pub bucket_id: Option<String>,
    /// The channel that it is.
    pub channel_id: Option<String>,
    /// Of a project: seconds that a channel may lag behind.
    pub grace: Option<i64>,
    /// Of a project or a bucket: seconds that a version may be old.
    pub age_limit: Option<i64>,
    /// Of a channel: whether it may lag behind for as long as it likes.
    pub may_lag: bool,
    /// When it was said.
    #[diesel(deserialize_as = i64)]
    pub updated_at: Time,
}

/// What was said of a project, a bucket or a channel, by its id.
pub fn find(conn: &mut Conn, resource_id: &str) -> Result<Option<Rule>> {
    let query = freshness_rules::table.find(resource_id);
    Ok(on!(conn, |c| query
        .select(Rule::as_select())
        .first(c)
        .optional())?)
}

/// What was said of some buckets and of their channels, in no order.
pub fn of_buckets(conn: &mut Conn, bucket_ids: &[String]) -> Result<Vec<Rule>> {
    in_steps(bucket_ids, |ids| {
        let bucket = freshness_rules::bucket_id.assume_not_null();
        let query = freshness_rules::table.filter(any_of(bucket, ids));
        Ok(on!(conn, |c| query.select(Rule::as_select()).load(c))?)
    })
}

/// What was said of projects as a whole.
pub fn of_projects(conn: &mut Conn) -> Result<Vec<Rule>> {
    let query = freshness_rules::table.filter(freshness_rules::bucket_id.is_null());
    Ok(on!(conn, |c| query.select(Rule::as_select()).load(c))?)
}

/// Writes a rule, in place of the one before.
pub fn put(conn: &mut Conn, rule: &Rule) -> Result<()> {
    let values = (
        freshness_rules::resource_id.eq(&rule.resource_id),
        freshness_rules::project_id.eq(&rule.project_id),
        freshness_rules::bucket_id.eq(&rule.bucket_id),
        freshness_rules::channel_id.eq(&rule.channel_id),
        freshness_rules::grace.eq(rule.grace),
        freshness_rules::age_limit.eq(rule.age_limit),
        freshness_rules::may_lag.eq(rule.may_lag),
        freshness_rules::updated_at.eq(rule.updated_at.micros()),
    );
    let set = (
        freshness_rules::grace.eq(rule.grace),
        freshness_rules::age_limit.eq(rule.age_limit),
        freshness_rules::may_lag.eq(rule.may_lag),
        freshness_rules::updated_at.eq(rule.updated_at.micros()),
    );
    on!(conn, |c| diesel::insert_into(freshness_rules::table)
        .values(values)
        .on_conflict(freshness_rules::resource_id)
        .do_update()
        .set(set)
        .execute(c))?;
    Ok(())
}
