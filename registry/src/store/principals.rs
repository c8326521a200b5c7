//! Rows of principals, their secrets and their roles.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::Serialize;

use super::{
    Conn, on,
    schema::{principal_secrets, principals, role_bindings},
};
use crate::{
    domain::{role::Role, time::Time},
    error::{Error, Kind, Result},
};

/// A person or a service.
#[derive(Debug, Clone, Queryable, Selectable, Serialize)]
#[diesel(table_name = principals)]
pub struct Principal {
    /// ULID.
    pub id: String,
    /// The organization it belongs to.
    pub organization_id: String,
    /// The project it is bound to, if it is bound to one.
    pub project_id: Option<String>,
    /// `service` or `user`.
    pub kind: String,
    /// Unique in the organization.
    pub name: String,
    /// What it signs in with.
    pub client_id: String,
    /// Whether it is shut out.
    pub disabled: bool,
    /// Goes up when all its tokens end.
    pub generation: i64,
    /// When it was created.
    #[diesel(deserialize_as = i64)]
    pub created_at: Time,
}

/// A secret of a principal, as far as it is kept.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = principal_secrets)]
pub struct StoredSecret {
    /// ULID.
    pub id: String,
    /// Whose it is.
    pub principal_id: String,
    /// SHA-256 of the secret.
    pub digest: Vec<u8>,
    /// When it was made.
    #[diesel(deserialize_as = i64)]
    pub created_at: Time,
    /// When it ends, in microseconds since 1970, if it does.
    pub expires_at: Option<i64>,
    /// When it was used last, in microseconds since 1970, if it ever was.
    pub last_used_at: Option<i64>,
}

impl StoredSecret {
    /// Whether it can be used at this moment.
    pub fn live(&self, now: Time) -> bool {
        self.expires_at.is_none_or(|end| now.micros() < end)
    }
}

/// What a role is given on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "scope", content = "id", rename_all = "lowercase")]
pub enum Scope {
    /// A whole organization.
    Organization(String),
    /// One project.
    Project(String),
    /// One bucket.
    Bucket(String),
}

impl Scope {
    /// The scope of this kind and id, as it is stored.
    pub(super) fn of(kind: &str, id: String) -> Self {
        match kind {
            "organization" => Self::Organization(id),
            "project" => Self::Project(id),
            _ => Self::Bucket(id),
        }
    }

    /// Its kind and its id.
    pub fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::Organization(id) => ("organization", id),
            Self::Project(id) => ("project", id),
            Self::Bucket(id) => ("bucket", id),
        }
    }
}

fn missing(name: &str) -> Error {
    Error::Missing(Kind::Principal, name.to_owned())
}

/// The principal of this id.
pub fn by_id(conn: &mut Conn, id: &str) -> Result<Option<Principal>> {
    let query = principals::table.find(id);
    Ok(on!(conn, |c| query
        .select(Principal::as_select())
        .first(c)
        .optional())?)
}

/// The principal that signs in with this client id.
pub fn by_client_id(conn: &mut Conn, client_id: &str) -> Result<Option<Principal>> {
    let query = principals::table.filter(principals::client_id.eq(client_id));
    Ok(on!(conn, |c| query
        .select(Principal::as_select())
        .first(c)
        .optional())?)
}

/// The principal of this name.
pub fn by_name(conn: &mut Conn, organization_id: &str, name: &str) -> Result<Principal> {
    let query = principals::table
        .filter(principals::organization_id.eq(organization_id))
        .filter(principals::name.eq(name));
    let found: Option<Principal> = on!(conn, |c| query
        .select(Principal::as_select())
        .first(c)
        .optional())?;
    found.ok_or_else(|| missing(name))
}

/// Inserts a principal.
///
/// # Errors
/// [`Error::Exists`] when the name is taken.
pub fn insert(conn: &mut Conn, new: &Principal) -> Result<()> {
    let values = (
        principals::id.eq(&new.id),
        principals::organization_id.eq(&new.organization_id),
        principals::project_id.eq(&new.project_id),
        principals::kind.eq(&new.kind),
        principals::name.eq(&new.name),
        principals::client_id.eq(&new.client_id),
        principals::disabled.eq(new.disabled),
        principals::generation.eq(new.generation),
        principals::created_at.eq(new.created_at.micros()),
    );
    let inserted = on!(conn, |c| diesel::insert_into(principals::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(c))?;
    if inserted == 0 {
        return Err(Error::Exists(Kind::Principal, new.name.clone()));
    }
    Ok(())
}

/// Deletes a principal, and with it its secrets and roles.
pub fn delete(conn: &mut Conn, id: &str) -> Result<()> {
    on!(conn, |c| diesel::delete(principals::table.find(id))
        .execute(c))?;
    Ok(())
}

/// The ids of those who are not shut out and are admins of the whole organization.
pub fn admins(conn: &mut Conn, organization_id: &str) -> Result<Vec<String>> {
    let query = principals::table
        .inner_join(role_bindings::table)
        .filter(principals::organization_id.eq(organization_id))
        .filter(principals::disabled.eq(false))
        .filter(role_bindings::scope.eq("organization"))
        .filter(role_bindings::role.eq(Role::Admin.as_str()))
        .select(principals::id)
        .order(principals::id);
    Ok(on!(conn, |c| query.load(c))?)
}

/// All who are admins of the whole organization, shut out or not, the oldest first.
pub fn all_admins(conn: &mut Conn, organization_id: &str) -> Result<Vec<Principal>> {
    let query = principals::table
        .inner_join(role_bindings::table)
        .filter(principals::organization_id.eq(organization_id))
        .filter(role_bindings::scope.eq("organization"))
        .filter(role_bindings::role.eq(Role::Admin.as_str()))
        .order((principals::created_at, principals::id));
    Ok(on!(conn, |c| query.select(Principal::as_select()).load(c))?)
}

/// Lets somebody in who was shut out, and ends the tokens that they have.
pub fn let_in(conn: &mut Conn, id: &str) -> Result<()> {
    let set = (
        principals::disabled.eq(false),
        principals::generation.eq(principals::generation + 1),
    );
    on!(conn, |c| diesel::update(principals::table.find(id))
        .set(set)
        .execute(c))?;
    Ok(())
}

/// Notes when a principal signed in last, and with which secret.
pub fn used(conn: &mut Conn, id: &str, secret_id: &str, now: Time) -> Result<()> {
    let set = principals::last_used_at.eq(now.micros());
    on!(conn, |c| diesel::update(principals::table.find(id))
        .set(set)
        .execute(c))?;
    let set = principal_secrets::last_used_at.eq(now.micros());
    on!(conn, |c| diesel::update(
        principal_secrets::table.find(secret_id)
    )
    .set(set)
    .execute(c))?;
    Ok(())
}

/// Shuts a principal out, or lets it in again; `generation` ends its tokens.
pub fn save_standing(conn: &mut Conn, principal: &Principal) -> Result<()> {
    let set = (
        principals::disabled.eq(principal.disabled),
        principals::generation.eq(principal.generation),
    );
    on!(conn, |c| diesel::update(
        principals::table.find(&principal.id)
    )
    .set(set)
    .execute(c))?;
    Ok(())
}

/// The principals that are bound to a project.
pub fn bound_to(conn: &mut Conn, project_id: &str) -> Result<Vec<Principal>> {
    let query = principals::table
        .filter(principals::project_id.eq(project_id))
        .order(principals::id);
    Ok(on!(conn, |c| query.select(Principal::as_select()).load(c))?)
}

/// The secrets of a principal, the oldest first.
pub fn secrets(conn: &mut Conn, principal_id: &str) -> Result<Vec<StoredSecret>> {
    let query = principal_secrets::table
        .filter(principal_secrets::principal_id.eq(principal_id))
        .order(principal_secrets::id);
    Ok(on!(conn, |c| query
        .select(StoredSecret::as_select())
        .load(c))?)
}

/// Inserts a secret.
pub fn insert_secret(conn: &mut Conn, new: &StoredSecret) -> Result<()> {
    let values = (
        principal_secrets::id.eq(&new.id),
        principal_secrets::principal_id.eq(&new.principal_id),
        principal_secrets::digest.eq(&new.digest),
        principal_secrets::created_at.eq(new.created_at.micros()),
        principal_secrets::expires_at.eq(new.expires_at),
    );
    on!(conn, |c| diesel::insert_into(principal_secrets::table)
        .values(values)
        .execute(c))?;
    Ok(())
}

/// Ends a secret at a moment.
pub fn end_secret(conn: &mut Conn, id: &str, at: Time) -> Result<()> {
    let set = principal_secrets::expires_at.eq(at.micros());
    on!(conn, |c| diesel::update(principal_secrets::table.find(id))
        .set(set)
        .execute(c))?;
    Ok(())
}

/// Deletes a secret.
pub fn delete_secret(conn: &mut Conn, id: &str) -> Result<()> {
    on!(conn, |c| diesel::delete(principal_secrets::table.find(id))
        .execute(c))?;
    Ok(())
}

/// Gives a role; a second one on the same scope takes the place of the first.
pub fn bind(conn: &mut Conn, principal_id: &str, scope: &Scope, role: Role) -> Result<()> {
    let (kind, id) = scope.parts();
    let values = (
        role_bindings::principal_id.eq(principal_id),
        role_bindings::scope.eq(kind),
        role_bindings::scope_id.eq(id),
        role_bindings::role.eq(role.as_str()),
    );
    let key = (
        role_bindings::principal_id,
        role_bindings::scope,
        role_bindings::scope_id,
    );
    on!(conn, |c| diesel::insert_into(role_bindings::table)
        .values(values)
        .on_conflict(key)
        .do_update()
        .set(role_bindings::role.eq(role.as_str()))
        .execute(c))?;
    Ok(())
}

/// Takes the role on a scope away; says whether there was one.
pub fn unbind(conn: &mut Conn, principal_id: &str, scope: &Scope) -> Result<bool> {
    let (kind, id) = scope.parts();
    let row = role_bindings::table.find((principal_id, kind, id));
    Ok(on!(conn, |c| diesel::delete(row).execute(c))? > 0)
}

/// Takes all roles on a scope away: what they were given on is gone.
pub fn unbind_all(conn: &mut Conn, scope: &Scope) -> Result<()> {
    let (kind, id) = scope.parts();
    let rows = role_bindings::table
        .filter(role_bindings::scope.eq(kind))
        .filter(role_bindings::scope_id.eq(id));
    on!(conn, |c| diesel::delete(rows).execute(c))?;
    Ok(())
}

/// The roles of a principal.
pub fn bindings(conn: &mut Conn, principal_id: &str) -> Result<Vec<(Scope, Role)>> {
    let query = role_bindings::table
        .filter(role_bindings::principal_id.eq(principal_id))
        .select((
            role_bindings::scope,
            role_bindings::scope_id,
            role_bindings::role,
        ))
        .order((role_bindings::scope, role_bindings::scope_id));
    let rows: Vec<(String, String, String)> = on!(conn, |c| query.load(c))?;
    rows.into_iter()
        .map(|(scope, id, role)| Ok((Scope::of(&scope, id), Role::try_from(role)?)))
        .collect()
}

/// Gives roles on one scope, in place of all that are given there.
pub fn bind_only(conn: &mut Conn, scope: &Scope, roles: &BTreeMap<String, Role>) -> Result<()> {
    unbind_all(conn, scope)?;
    let (kind, id) = scope.parts();
    let rows: Vec<_> = roles
        .iter()
        .map(|(principal_id, role)| {
            (
                role_bindings::principal_id.eq(principal_id),
                role_bindings::scope.eq(kind),
                role_bindings::scope_id.eq(id),
                role_bindings::role.eq(role.as_str()),
            )
        })
        .collect();
    on!(conn, |c| diesel::insert_into(role_bindings::table)
        .values(&rows)
        .execute(c))?;
    Ok(())
}

/// The principals of an organization among these ids, as far as they exist, by id.
pub fn by_ids(conn: &mut Conn, organization_id: &str, ids: &[String]) -> Result<Vec<Principal>> {
    let query = principals::table
        .filter(principals::organization_id.eq(organization_id))
        .filter(principals::id.eq_any(ids))
        .order(principals::id);
    Ok(on!(conn, |c| query.select(Principal::as_select()).load(c))?)
}
