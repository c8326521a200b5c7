//! Roles of principals, shutting them out, and ending single secrets.

use std::sync::Arc;

use super::{
    record::record,
    rules::{check_gives, check_manages, keeping_an_admin},
};
use crate::{
    domain::{role::Role, time::Time},
    error::{Error, Kind, Result},
    ops::Access,
    store::{
        Conn, Store,
        members::{self, Member},
        principals::{self as rows, Principal, Scope},
    },
};

/// Whether a principal may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It may.
    Enabled,
    /// It is shut out, and its tokens have ended.
    Disabled,
}

/// The principal of this name, if the caller may manage it.
fn managed(conn: &mut Conn, access: &Access, name: &str) -> Result<Principal> {
    let principal = rows::by_name(conn, &access.project.organization_id, name)?;
    check_manages(conn, access, &principal)?;
    Ok(principal)
}

/// Shuts a principal out, or lets it in again. Tokens that ended with it stay ended.
///
/// # Errors
/// [`Error::Refused`] for the last admin of the organization.
pub async fn set_standing(
    store: &Store,
    access: Arc<Access>,
    (name, standing): (String, Standing),
    now: Time,
) -> Result<Member> {
    store
        .write(move |conn| {
            keeping_an_admin(conn, &access.project.organization_id, |conn| {
                let mut principal = managed(conn, &access, &name)?;
                let disabled = standing == Standing::Disabled;
                if principal.disabled != disabled {
                    principal.disabled = disabled;
                    principal.generation += i64::from(disabled);
                    rows::save_standing(conn, &principal)?;
                    let action = match standing {
                        Standing::Enabled => "principal.enabled",
                        Standing::Disabled => "principal.disabled",
                    };
                    record(conn, &access, action, &principal, now)?;
                }
                members::one(conn, principal)
            })
        })
        .await
}

/// Gives a principal a role on its organization or on a project, in place of the one that it has there.
///
/// # Errors
/// [`Error::Refused`] for a bucket, which has a policy of its own, and when the organization would lose its
/// last admin.
pub async fn grant(
    store: &Store,
    access: Arc<Access>,
    (name, scope, role): (String, Scope, Role),
    now: Time,
) -> Result<Member> {
    store
        .write(move |conn| {
            keeping_an_admin(conn, &access.project.organization_id, |conn| {
                check_gives(conn, &access, &scope)?;
                let principal = managed(conn, &access, &name)?;
                let before = rows::bindings(conn, &principal.id)?;
                if !before.contains(&(scope.clone(), role)) {
                    rows::bind(conn, &principal.id, &scope, role)?;
                    record(conn, &access, "principal.granted", &principal, now)?;
                }
                members::one(conn, principal)
            })
        })
        .await
}

/// Takes the role of a principal on its organization or on a project away. Without one nothing changes.
///
/// # Errors
/// As [`grant`].
pub async fn revoke(
    store: &Store,
    access: Arc<Access>,
    (name, scope): (String, Scope),
    now: Time,
) -> Result<Member> {
    store
        .write(move |conn| {
            keeping_an_admin(conn, &access.project.organization_id, |conn| {
                check_gives(conn, &access, &scope)?;
                let principal = managed(conn, &access, &name)?;
                if rows::unbind(conn, &principal.id, &scope)? {
                    record(conn, &access, "principal.revoked", &principal, now)?;
                }
                members::one(conn, principal)
            })
        })
        .await
}

/// Ends one secret of a principal, and its tokens with it.
///
/// # Errors
/// [`Error::Missing`] when the principal has no such secret.
pub async fn delete_secret(
    store: &Store,
    access: Arc<Access>,
    (name, secret_id): (String, String),
    now: Time,
) -> Result<Member> {
    store
        .write(move |conn| {
            let principal = managed(conn, &access, &name)?;
            let secrets = rows::secrets(conn, &principal.id)?;
            if !secrets.iter().any(|secret| secret.id == secret_id) {
                return Err(Error::Missing(Kind::Secret, secret_id.clone()));
            }
            rows::delete_secret(conn, &secret_id)?;
            record(conn, &access, "principal.secret_deleted", &principal, now)?;
            members::one(conn, principal)
        })
        .await
}
