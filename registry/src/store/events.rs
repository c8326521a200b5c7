//! The event log: one row for each changed resource, written in the transaction of the change.

use diesel::prelude::*;

use super::{Conn, on, schema::events};
use crate::{domain::time::Time, error::Result};

/// An event to append.
#[derive(Debug, Clone)]
pub struct NewEvent<'a> {
    /// ULID.
    pub id: String,
    /// The organization in which it happened.
    pub organization_id: &'a str,
    /// The project, or empty.
    pub project_id: &'a str,
    /// The bucket, or empty.
    pub bucket_id: &'a str,
    /// The bucket's revision, or 0.
    pub revision: i64,
    /// `service`, `user` or `system`.
    pub actor_kind: &'a str,
    /// The principal's id, or empty.
    pub actor_id: &'a str,
    /// The principal's name.
    pub actor_name: &'a str,
    /// The request that changed it, or empty.
    pub request_id: &'a str,
    /// When.
    pub at: Time,
    /// What happened, such as `version.completed`.
    pub action: &'a str,
    /// The kind of resource, such as `version`.
    pub resource_kind: &'a str,
    /// Its id.
    pub resource_id: &'a str,
    /// Its name, so that a reader needs no look-up.
    pub resource_name: &'a str,
    /// Canonical JSON (RFC 8785).
    pub payload: String,
    /// SHA-256 of the payload, in hex.
    pub digest: String,
}

/// Appends an event.
pub fn append(conn: &mut Conn, new: &NewEvent<'_>) -> Result<()> {
    let values = (
        (
            events::id.eq(&new.id),
            events::organization_id.eq(new.organization_id),
            events::project_id.eq(new.project_id),
            events::bucket_id.eq(new.bucket_id),
            events::revision.eq(new.revision),
            events::actor_kind.eq(new.actor_kind),
            events::actor_id.eq(new.actor_id),
            events::actor_name.eq(new.actor_name),
        ),
        (
            events::request_id.eq(new.request_id),
            events::at.eq(new.at.micros()),
            events::action.eq(new.action),
            events::resource_kind.eq(new.resource_kind),
            events::resource_id.eq(new.resource_id),
            events::resource_name.eq(new.resource_name),
            events::payload.eq(&new.payload),
            events::digest.eq(&new.digest),
        ),
    );
    on!(conn, |c| diesel::insert_into(events::table)
        .values(values)
        .execute(c))?;
    Ok(())
}

/// An event as it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Event {
    /// Its place in the log.
    pub sequence: i64,
    /// The bucket, or empty.
    pub bucket_id: String,
    /// The bucket's revision, or 0.
    pub revision: i64,
    /// The principal's name.
    pub actor_name: String,
    /// What happened.
    pub action: String,
    /// The resource's name.
    pub resource_name: String,
    /// Canonical JSON.
    pub payload: String,
    /// SHA-256 of that, in hex.
    pub digest: String,
}

/// Events after a place in the log, oldest first, 1,000 at most. On `PostgreSQL` one that is committed
/// late may have a lower number than one already seen: see the table's comment.
pub fn after(conn: &mut Conn, sequence: i64) -> Result<Vec<Event>> {
    let query = events::table
        .filter(events::sequence.gt(sequence))
        .order(events::sequence)
        .select((
            events::sequence,
            events::bucket_id,
            events::revision,
            events::actor_name,
            events::action,
            events::resource_name,
            events::payload,
            events::digest,
        ))
        .limit(1_000);
    Ok(on!(conn, |c| query.load(c))?)
}
