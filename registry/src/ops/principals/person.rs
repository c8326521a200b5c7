//! Creating people.

use super::{Create, check_creates, record};
use crate::{
    auth::secret,
    domain::{id, name, time::Time},
    error::{Error, Result},
    ops::Access,
    store::{
        Store,
        principals::{self as rows, Principal},
    },
};

/// Creates a person with a role and without a secret: how people sign in is not decided here.
///
/// # Errors
/// [`Error::Exists`] when the name is taken, [`Error::Forbidden`] for a role that the caller may not give.
pub async fn create_person(
    store: &Store,
    access: Access,
    create: Create,
    now: Time,
) -> Result<Principal> {
    name::check("name", &create.name)?;
    store
        .write(move |conn| {
            check_creates(conn, &access, &create)?;
            let principal = Principal {
                id: id::ulid(now),
                organization_id: access.project.organization_id.clone(),
                project_id: create.project_id.clone(),
                kind: "user".into(),
                name: create.name.clone(),
                client_id: secret::client_id().map_err(Error::internal)?,
                disabled: false,
                generation: 1,
                created_at: now,
            };
            rows::insert(conn, &principal)?;
            rows::bind(conn, &principal.id, &create.scope, create.role)?;
            record(conn, &access, "principal.created", &principal, now)?;
            Ok(principal)
        })
        .await
}
