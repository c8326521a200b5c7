//! The rules of when something counts as outdated: for a project, a bucket, a channel.

use std::sync::Arc;

use super::{
    Access, Tx,
    events::{Place, Resource},
    transact,
};
use crate::{
    domain::{board::LONGEST_SPAN, role::Action},
    error::{Error, Result},
    state::State,
    store::{
        channels,
        freshness::{self as rows, Rule},
        organizations,
    },
};

/// What is said of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OfProject {
    /// Seconds that a channel may lag behind; `None` for what the registry does by itself.
    pub grace: Option<i64>,
    /// Seconds that a version may be old; `None` and 0 for as old as it likes.
    pub age_limit: Option<i64>,
}

/// Says when something is outdated in a project.
///
/// # Errors
/// [`Error::Invalid`] for a span that is negative or too long.
pub async fn set_project(state: &State, access: Arc<Access>, set: OfProject) -> Result<Rule> {
    access.check(Action::Administer, None)?;
    check("body.grace_seconds", set.grace)?;
    check("body.age_limit_seconds", set.age_limit)?;
    transact(state, access, move |tx| {
        // There is no row to lock before the first rule, and events must tell the last one last.
        organizations::lock(tx.conn, &tx.access.project.organization_id)?;
        let project = &tx.access.project;
        let rule = Rule {
            grace: set.grace,
            age_limit: set.age_limit,
            ..blank(tx, &project.id)
        };
        put(tx, rule, &Place::project(tx.access, tx.now), &project.name)
    })
    .await
}

/// Says how old versions of a bucket may be, in seconds: `None` for what is said of the project, 0 for as old as
/// they like.
///
/// # Errors
/// [`Error::Invalid`] for a span that is negative or too long.
pub async fn set_bucket(
    state: &State,
    access: Arc<Access>,
    bucket: String,
    age_limit: Option<i64>,
) -> Result<Rule> {
    check("body.age_limit_seconds", age_limit)?;
    transact(state, access, move |tx| {
        let bucket = tx.lock(&bucket, Action::Decide)?;
        let rule = Rule {
            bucket_id: Some(bucket.id.clone()),
            age_limit,
            updated_at: bucket.changed_at,
            ..blank(tx, &bucket.id)
        };
        put(tx, rule, &Place::bucket(tx.access, &bucket), &bucket.name)
    })
    .await
}

/// Says whether a channel may lag behind for as long as it likes.
///
/// # Errors
/// [`Error::Missing`] for no such channel.
pub async fn set_channel(
    state: &State,
    access: Arc<Access>,
    (bucket, channel): (String, String),
    may_lag: bool,
) -> Result<Rule> {
    transact(state, access, move |tx| {
        let bucket = tx.lock(&bucket, Action::Decide)?;
        let channel = channels::find(tx.conn, &bucket.id, &channel)?;
        let rule = Rule {
            bucket_id: Some(bucket.id.clone()),
            channel_id: Some(channel.id.clone()),
            may_lag,
            updated_at: bucket.changed_at,
            ..blank(tx, &channel.id)
        };
        put(tx, rule, &Place::bucket(tx.access, &bucket), &channel.name)
    })
    .await
}

fn check(field: &'static str, seconds: Option<i64>) -> Result<()> {
    if seconds.is_none_or(|seconds| (0..=LONGEST_SPAN).contains(&seconds)) {
        return Ok(());
    }
    let problem = format!("must be from 0 to {LONGEST_SPAN} seconds");
    Err(Error::invalid(field, problem))
}

/// A rule that says nothing.
fn blank(tx: &Tx<'_>, resource_id: &str) -> Rule {
    Rule {
        resource_id: resource_id.to_owned(),
        project_id: tx.access.project.id.clone(),
        bucket_id: None,
        channel_id: None,
        grace: None,
        age_limit: None,
        may_lag: false,
        updated_at: tx.now,
    }
}

/// Writes a rule, unless it says what the one before said.
fn put(tx: &mut Tx<'_>, rule: Rule, place: &Place<'_>, name: &str) -> Result<Rule> {
    let before = rows::find(tx.conn, &rule.resource_id)?;
    let said = |rule: &Rule| (rule.grace, rule.age_limit, rule.may_lag);
    if let Some(before) = before
        && said(&before) == said(&rule)
    {
        return Ok(before);
    }
    rows::put(tx.conn, &rule)?;
    let resource = Resource {
        kind: "freshness",
        id: &rule.resource_id,
        name,
    };
    place.record(tx.conn, "freshness.set", resource, Some(&rule))?;
    Ok(rule)
}
