//! From what the store knows to what our own face and the commands show.

use touchmark_wire::{
    own::{
        Actor, Event, EventResource, GivenRole, NewSecret, Organization, Principal, PrincipalKind,
        Project, RoleName, ScopeKind, Secret,
    },
    time::Timestamp,
};

use crate::{
    domain::{role::Role, time::Time},
    ops::principals::Created,
    store::{
        events::Entry,
        members::{Given, Member},
        organizations,
        principals::{Scope, StoredSecret},
    },
};

/// A role by its name.
pub(crate) const fn role(role: Role) -> RoleName {
    match role {
        Role::Viewer => RoleName::Viewer,
        Role::Builder => RoleName::Builder,
        Role::Contributor => RoleName::Contributor,
        Role::Admin => RoleName::Admin,
    }
}

/// The role of this name.
pub(crate) const fn role_of(name: RoleName) -> Role {
    match name {
        RoleName::Viewer => Role::Viewer,
        RoleName::Builder => Role::Builder,
        RoleName::Contributor => Role::Contributor,
        RoleName::Admin => Role::Admin,
    }
}

/// A role that was given.
pub(crate) fn given(row: Given) -> GivenRole {
    let (scope, id) = match row.scope {
        Scope::Organization(id) => (ScopeKind::Organization, id),
        Scope::Project(id) => (ScopeKind::Project, id),
        Scope::Bucket(id) => (ScopeKind::Bucket, id),
    };
    GivenRole {
        scope,
        id,
        name: row.name,
        role: role(row.role),
    }
}

/// The kind of a principal.
pub(crate) fn kind(kind: &str) -> PrincipalKind {
    kind.parse().unwrap_or_default()
}

fn secret(row: &StoredSecret, now: Time) -> Secret {
    Secret {
        id: row.id.clone(),
        created_at: Some(row.created_at.into()),
        expires_at: row.expires_at.map(Timestamp::from_micros),
        last_used_at: row.last_used_at.map(Timestamp::from_micros),
        live: row.live(now),
    }
}

/// A principal with its roles and secrets.
pub(crate) fn member(member: Member, now: Time) -> Principal {
    let Member {
        principal,
        last_used_at,
        roles,
        secrets,
    } = member;
    Principal {
        id: principal.id,
        name: principal.name,
        kind: kind(&principal.kind),
        client_id: principal.client_id,
        project_id: principal.project_id,
        disabled: principal.disabled,
        created_at: Some(principal.created_at.into()),
        last_used_at: last_used_at.map(Timestamp::from_micros),
        roles: roles.into_iter().map(given).collect(),
        secrets: secrets.iter().map(|row| secret(row, now)).collect(),
    }
}

/// A principal with a new secret, for the only time that it is seen.
pub(crate) fn created(created: Created, now: Time) -> NewSecret {
    NewSecret {
        client_id: created.principal.client_id,
        client_secret: created.secret.reveal().to_owned(),
        principal: member(created.member, now),
    }
}

/// An organization.
pub(crate) fn organization(row: organizations::Organization) -> Organization {
    Organization {
        id: row.id,
        name: row.name,
        created_at: Some(row.created_at.into()),
    }
}

/// A project.
pub(crate) fn project(row: organizations::Project) -> Project {
    Project {
        id: row.id,
        name: row.name,
        organization_id: row.organization_id,
        description: row.description,
        created_at: Some(row.created_at.into()),
    }
}

/// An event.
pub(crate) fn event(row: Entry) -> Event {
    Event {
        sequence: row.sequence,
        id: row.id,
        at: Some(row.at.into()),
        action: row.action,
        actor: Actor {
            kind: row.actor_kind,
            id: row.actor_id,
            name: row.actor_name,
        },
        request_id: row.request_id,
        project_id: row.project_id,
        bucket_id: row.bucket_id,
        revision: row.revision,
        resource: EventResource {
            kind: row.resource_kind,
            id: row.resource_id,
            name: row.resource_name,
        },
        payload: row.payload,
        digest: row.digest,
    }
}
