//! The IAM policies of buckets: who has a role there beyond what they have in the project.

use std::{collections::HashMap, sync::Arc};

use super::{
    Access, Tx,
    events::{Place, Resource},
    transact,
};
use crate::{
    domain::{
        id,
        policy::{Bindings, Member},
        role::Action,
    },
    error::{Error, Result},
    state::State,
    store::{
        Conn, buckets, organizations,
        policies::{self as rows, Policy},
        principals::{self, Scope},
    },
};

/// How many unknown principals a refusal names.
const NAMED: usize = 10;

/// What a write says.
#[derive(Debug, Clone)]
pub struct Set {
    /// The etag of the policy that was read before; empty for "whatever it is".
    pub etag: String,
    /// Who has which role.
    pub bindings: Bindings,
}

/// The policy of a bucket, without those who are deleted.
///
/// # Errors
/// [`Error::Missing`] for no such bucket, [`Error::Forbidden`] for who is not its admin.
pub fn get(conn: &mut Conn, access: &Access, bucket: &str) -> Result<Policy> {
    let bucket = buckets::find(conn, &access.project.id, bucket)?;
    access.check(Action::Administer, Some(&bucket.id))?;
    let mut policy = rows::find(conn, &bucket.id)?;
    let known = kinds(conn, access, &policy.bindings)?;
    policy.bindings = policy.bindings.only(|id| known.contains_key(id));
    Ok(policy)
}

/// Writes the policy of a bucket, and gives the roles that it says in place of those before.
///
/// # Errors
/// [`Error::Stale`] when the policy was written since it was read, [`Error::Invalid`] for roles and
/// principals that do not exist.
pub async fn set(state: &State, access: Arc<Access>, bucket: String, set: Set) -> Result<Policy> {
    let roles = set.bindings.roles()?;
    transact(state, access, move |tx| {
        // Principals are deleted under this lock, so none goes between the look at it and its role.
        organizations::lock(tx.conn, &tx.access.project.organization_id)?;
        let bucket = tx.lock(&bucket, Action::Administer)?;
        let before = rows::find(tx.conn, &bucket.id)?;
        if !set.etag.is_empty() && set.etag != before.etag {
            return Err(Error::Stale(
                "the policy was changed since it was read: read it again, and write with its etag"
                    .into(),
            ));
        }
        check_members(tx, &set.bindings)?;
        let policy = Policy {
            bucket_id: bucket.id.clone(),
            etag: id::ulid(bucket.changed_at),
            bindings: set.bindings.clone(),
            updated_at: bucket.changed_at,
        };
        rows::put(tx.conn, &policy)?;
        principals::bind_only(tx.conn, &Scope::Bucket(bucket.id.clone()), &roles)?;
        let resource = Resource {
            kind: "policy",
            id: &bucket.id,
            name: &bucket.name,
        };
        let place = Place::bucket(tx.access, &bucket);
        place.record(tx.conn, "policy.set", resource, Some(&policy))?;
        Ok(policy)
    })
    .await
}

/// The kinds of those members who exist, by id.
fn kinds(conn: &mut Conn, access: &Access, bindings: &Bindings) -> Result<HashMap<String, String>> {
    let mut ids: Vec<String> = bindings
        .members()
        .map(|member| member.member_id.clone())
        .filter(|member| id::check_ulid("id", member).is_ok())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let found = principals::by_ids(conn, &access.project.organization_id, &ids)?;
    let pairs = found.into_iter().map(|found| (found.id, found.kind));
    Ok(pairs.collect())
}

fn check_members(tx: &mut Tx<'_>, bindings: &Bindings) -> Result<()> {
    let known = kinds(tx.conn, tx.access, bindings)?;
    let good = |member: &Member| {
        known
            .get(&member.member_id)
            .is_some_and(|kind| member.fits(kind))
    };
    let unknown: Vec<String> = bindings
        .members()
        .filter(|member| !good(member))
        .take(NAMED)
        .map(|member| {
            let id: String = member.member_id.chars().take(64).collect();
            format!("{id:?} ({})", member.member_type)
        })
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(Error::invalid(
        "body.policy.bindings",
        format!(
            "no such principal in this organization: {}",
            unknown.join(", ")
        ),
    ))
}
