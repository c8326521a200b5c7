//! Notes what happened to principals.

use serde::Serialize;

use crate::{
    domain::{role::Role, time::Time},
    error::Result,
    ops::{
        Access,
        events::{Place, Resource},
    },
    store::{
        Conn,
        principals::{self as rows, Principal, Scope},
    },
};

/// A principal as events show it: with its roles, without its secrets.
#[derive(Serialize)]
struct State<'a> {
    #[serde(flatten)]
    principal: &'a Principal,
    roles: Vec<Binding>,
}

#[derive(Serialize)]
struct Binding {
    #[serde(flatten)]
    scope: Scope,
    role: Role,
}

/// Notes what happened to a principal that is still there.
pub(super) fn record(
    conn: &mut Conn,
    access: &Access,
    action: &'static str,
    principal: &Principal,
    now: Time,
) -> Result<()> {
    let roles = rows::bindings(conn, &principal.id)?;
    let roles = roles
        .into_iter()
        .map(|(scope, role)| Binding { scope, role });
    let state = State {
        principal,
        roles: roles.collect(),
    };
    append(conn, access, (action, principal), Some(&state), now)
}

/// The event of a principal stands where it is bound, or with the organization.
pub(super) fn append<T: Serialize>(
    conn: &mut Conn,
    access: &Access,
    (action, principal): (&'static str, &Principal),
    after: Option<&T>,
    now: Time,
) -> Result<()> {
    let resource = Resource {
        kind: "principal",
        id: &principal.id,
        name: &principal.name,
    };
    let place = Place {
        project_id: principal.project_id.as_deref().unwrap_or_default(),
        ..Place::organization(access, now)
    };
    place.record(conn, action, resource, after)
}
