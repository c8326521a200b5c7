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

/// A principal as events show it: with its roles, without its secrets. Roles on buckets are part of the
/// buckets' policies.
#[derive(Serialize)]
pub(in crate::ops) struct State<'a> {
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

impl<'a> State<'a> {
    /// The principal with the roles that it has now.
    pub(in crate::ops) fn of(conn: &mut Conn, principal: &'a Principal) -> Result<Self> {
        let roles = rows::bindings(conn, &principal.id)?.into_iter();
        let own = roles.filter(|(scope, _)| !matches!(scope, Scope::Bucket(_)));
        Ok(Self {
            principal,
            roles: own.map(|(scope, role)| Binding { scope, role }).collect(),
        })
    }
}

/// Notes what happened to a principal that is still there.
pub(in crate::ops) fn record(
    conn: &mut Conn,
    access: &Access,
    action: &'static str,
    principal: &Principal,
    now: Time,
) -> Result<()> {
    let state = State::of(conn, principal)?;
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
