//! What of the log of events somebody may see, wherever it is shown.

use super::Access;
use crate::{
    domain::{
        event, id,
        role::{Action, Role},
    },
    error::{Error, Result},
    store::{Conn, buckets, events::Sight, principals::Scope},
};

/// The id of a bucket that is named, empty when none is; one that is gone can still be asked for by its id.
///
/// # Errors
/// [`Error::Missing`] when there is none.
pub fn bucket_id(conn: &mut Conn, access: &Access, bucket: &str) -> Result<String> {
    if bucket.is_empty() {
        return Ok(String::new());
    }
    match buckets::find(conn, &access.project.id, bucket) {
        Ok(found) => Ok(found.id),
        Err(Error::Missing(..)) if id::check_ulid("bucket", bucket).is_ok() => {
            Ok(bucket.to_owned())
        }
        Err(error) => Err(error),
    }
}

/// What somebody may see of the log of the project that they are in.
///
/// # Errors
/// [`Error::Forbidden`] when that is nothing.
pub fn of(access: &Access) -> Result<Sight> {
    let reads = access.check(Action::Read, None);
    let on_buckets = |action: Action| -> Vec<String> {
        let roles = access.roles.iter();
        roles
            .filter_map(|(scope, role)| match scope {
                Scope::Bucket(id) if action.check(Some(*role)).is_ok() => Some(id.clone()),
                _ => None,
            })
            .collect()
    };
    let buckets = match reads {
        Ok(()) => None,
        Err(error) => match on_buckets(Action::Read) {
            none if none.is_empty() => return Err(error),
            some => Some(some),
        },
    };
    let admin = access.check(Action::Administer, None).is_ok();
    let sees_all = access.check(Action::SeeRestricted, None).is_ok();
    Ok(Sight {
        organization_id: access.project.organization_id.clone(),
        project_id: access.project.id.clone(),
        organization: access.organization_role() == Some(Role::Admin),
        buckets,
        kinds: (!admin).then_some(&event::OPEN_KINDS),
        restricted: (!sees_all).then(|| on_buckets(Action::SeeRestricted)),
    })
}
