//! Creating, changing and deleting the registry of a project.

use std::sync::Arc;

use super::{
    Access,
    events::{Place, Resource},
};
use crate::{
    domain::{id, role::Action, time::Time},
    error::{Error, Result},
    state::State,
    store::{
        Conn, buckets,
        operations::{self, Operation},
        registries::{self as rows, Registry},
    },
};

/// Creates the registry of a project, activated.
///
/// # Errors
/// [`Error::Exists`] when the project has one, which every project has from birth.
pub async fn create(
    state: &State,
    access: Arc<Access>,
    feature_tier: Option<&'static str>,
) -> Result<(Registry, Operation)> {
    let now = state.clock.now();
    state
        .store
        .write(move |conn| {
            access.check(Action::Administer, None)?;
            let registry = Registry {
                id: id::ulid(now),
                project_id: access.project.id.clone(),
                activated: true,
                feature_tier: feature_tier.unwrap_or("PLUS").to_owned(),
                created_at: now,
                updated_at: now,
            };
            rows::insert(conn, &registry)?;
            finish(conn, &access, "registry.created", registry, now)
        })
        .await
}

/// What an update says; `None` means "as it is".
#[derive(Debug, Clone, Copy, Default)]
pub struct Update {
    /// Whether new things can be recorded.
    pub activated: Option<bool>,
    /// The tier.
    pub feature_tier: Option<&'static str>,
}

/// Activates or deactivates a registry, or changes its tier.
pub async fn update(
    state: &State,
    access: Arc<Access>,
    update: Update,
) -> Result<(Registry, Operation)> {
    let now = state.clock.now();
    state
        .store
        .write(move |conn| {
            access.check(Action::Administer, None)?;
            let before = rows::find(conn, &access.project.id)?;
            let mut registry = before.clone();
            registry.activated = update.activated.unwrap_or(registry.activated);
            if let Some(tier) = update.feature_tier {
                tier.clone_into(&mut registry.feature_tier);
            }
            if registry == before {
                let operation = operations::finish(conn, &access.project.id, now)?;
                return Ok((registry, operation));
            }
            registry.updated_at = now;
            rows::save(conn, &registry)?;
            finish(conn, &access, "registry.updated", registry, now)
        })
        .await
}

/// Deletes the registry of a project.
///
/// # Errors
/// [`Error::Refused`] while the project has buckets.
pub async fn delete(state: &State, access: Arc<Access>) -> Result<(Registry, Operation)> {
    let now = state.clock.now();
    state
        .store
        .write(move |conn| {
            access.check(Action::Administer, None)?;
            let registry = rows::find(conn, &access.project.id)?;
            if buckets::any(conn, &access.project.id)? {
                return Err(Error::refused(
                    "the registry still has buckets: delete them first",
                ));
            }
            rows::delete(conn, &registry.id)?;
            let resource = Resource {
                kind: "registry",
                id: &registry.id,
                name: &access.project.name,
            };
            let place = Place::project(&access, now);
            place.record::<Registry>(conn, "registry.deleted", resource, None)?;
            Ok((registry, operations::finish(conn, &access.project.id, now)?))
        })
        .await
}

fn finish(
    conn: &mut Conn,
    access: &Access,
    action: &'static str,
    registry: Registry,
    now: Time,
) -> Result<(Registry, Operation)> {
    let resource = Resource {
        kind: "registry",
        id: &registry.id,
        name: &access.project.name,
    };
    Place::project(access, now).record(conn, action, resource, Some(&registry))?;
    let operation = operations::finish(conn, &access.project.id, now)?;
    Ok((registry, operation))
}
