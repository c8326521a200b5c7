//! Rows of the IAM policies of buckets: what was sent, and the etag that it got. The roles that follow
//! from it are rows of principals.

use diesel::prelude::*;
use serde::Serialize;

use super::{Conn, on, schema::iam_policies};
use crate::{
    domain::{policy::Bindings, time::Time},
    error::Result,
};

/// The policy of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Serialize)]
#[diesel(table_name = iam_policies)]
pub struct Policy {
    /// The bucket.
    pub bucket_id: String,
    /// Another one after each write.
    pub etag: String,
    /// Who has which role, as it was sent.
    #[diesel(deserialize_as = String)]
    pub bindings: Bindings,
    /// When it was written.
    #[diesel(deserialize_as = i64)]
    pub updated_at: Time,
}

/// The policy of a bucket, if one was ever written.
pub fn stored(conn: &mut Conn, bucket_id: &str) -> Result<Option<Policy>> {
    let query = iam_policies::table.find(bucket_id);
    Ok(on!(conn, |c| query
        .select(Policy::as_select())
        .first(c)
        .optional())?)
}

/// The policy of a bucket; one that was never written is empty, and its etag is the bucket's id.
pub fn find(conn: &mut Conn, bucket_id: &str) -> Result<Policy> {
    let found = stored(conn, bucket_id)?;
    Ok(found.unwrap_or_else(|| Policy {
        bucket_id: bucket_id.to_owned(),
        etag: bucket_id.to_owned(),
        bindings: Bindings::default(),
        updated_at: Time::from_micros(0),
    }))
}

/// Writes the policy of a bucket, in place of the one before.
pub fn put(conn: &mut Conn, policy: &Policy) -> Result<()> {
    let bindings = policy.bindings.to_json()?;
    let values = (
        iam_policies::bucket_id.eq(&policy.bucket_id),
        iam_policies::etag.eq(&policy.etag),
        iam_policies::bindings.eq(&bindings),
        iam_policies::updated_at.eq(policy.updated_at.micros()),
    );
    let set = (
        iam_policies::etag.eq(&policy.etag),
        iam_policies::bindings.eq(&bindings),
        iam_policies::updated_at.eq(policy.updated_at.micros()),
    );
    on!(conn, |c| diesel::insert_into(iam_policies::table)
        .values(values)
        .on_conflict(iam_policies::bucket_id)
        .do_update()
        .set(set)
        .execute(c))?;
    Ok(())
}
