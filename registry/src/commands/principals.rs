//! Principals, their secrets and their roles.

use std::time::Duration;

use touchmark_wire::own::{NewSecret, Principal, RoleName, ScopeKind};

use super::{Registry, Where};
use crate::{
    error::{Error, Result},
    ops::{
        Access,
        principals::{self as ops, Create, Old, Rotation, Standing},
    },
    shown,
    store::{
        PageRequest,
        members::{self, Whose},
        page::Wanted,
        principals::{self as rows, Scope},
    },
};

/// What a new principal is to be.
#[derive(Debug, Clone)]
pub struct NewPrincipal {
    /// Unique in the organization.
    pub name: String,
    /// What its role is given on: organization or project.
    pub scope: ScopeKind,
    /// Its role there.
    pub role: RoleName,
    /// After how long its secret ends, if it does.
    pub lifetime: Option<Duration>,
}

/// A new secret, and the file that it was written to as well.
#[derive(Debug, Clone)]
pub struct Rotated {
    /// The principal and its secret.
    pub new: NewSecret,
    /// The `env` file, when it had to be written anew.
    pub written_to: Option<std::path::PathBuf>,
}

impl Registry<'_> {
    /// Creates a service principal with a role.
    ///
    /// # Errors
    /// [`Error::Exists`] when the name is taken.
    pub async fn create_principal(&self, place: &Where, new: NewPrincipal) -> Result<NewSecret> {
        let (access, scope) = self.scope(place, new.scope).await?;
        let project_id = match &scope {
            Scope::Project(id) => Some(id.clone()),
            _ => None,
        };
        let create = Create {
            name: new.name,
            project_id,
            scope,
            role: shown::role_of(new.role),
        };
        let now = Self::now();
        let create = (create, new.lifetime);
        let access = Access::clone(&access);
        let created = ops::create_expiring(&self.store, access, create, now).await?;
        Ok(shown::created(created, now))
    }

    /// What a role is given on, and the registry itself there.
    pub(super) async fn scope(
        &self,
        place: &Where,
        kind: ScopeKind,
    ) -> Result<(std::sync::Arc<Access>, Scope)> {
        match kind {
            ScopeKind::Project => {
                let access = self.in_project(place).await?;
                let scope = Scope::Project(access.project.id.clone());
                Ok((access, scope))
            }
            ScopeKind::Organization if !place.project.is_empty() => Err(Error::invalid(
                "--project",
                "goes with --scope project only",
            )),
            ScopeKind::Organization => {
                let access = self.in_organization(place).await?;
                let scope = Scope::Organization(access.project.organization_id.clone());
                Ok((access, scope))
            }
            ScopeKind::Bucket => Err(Error::invalid(
                "--scope",
                "must be organization or project: roles on a bucket are given in the bucket's IAM policy",
            )),
        }
    }

    /// All principals of the organization, or those that are bound to the project that is named.
    pub async fn list_principals(&self, place: &Where) -> Result<Vec<Principal>> {
        let access = if place.project.is_empty() {
            self.in_organization(place).await?
        } else {
            self.in_project(place).await?
        };
        let whose = Whose {
            organization_id: access.project.organization_id.clone(),
            project_id: (!place.project.is_empty()).then(|| access.project.id.clone()),
        };
        let found = self.store.read(move |conn| {
            let (mut all, mut wanted) = (Vec::new(), Wanted::default());
            loop {
                let request = PageRequest::parse(&wanted, &members::LISTING)?;
                let page = members::list(conn, &whose, &request)?;
                all.extend(page.rows);
                if page.next.is_empty() {
                    return Ok(all);
                }
                wanted.next = page.next;
            }
        });
        let now = Self::now();
        let found = found.await?.into_iter();
        Ok(found.map(|row| shown::member(row, now)).collect())
    }

    /// One principal.
    ///
    /// # Errors
    /// [`Error::Missing`] when there is none of this name.
    pub async fn show_principal(&self, place: &Where, name: &str) -> Result<Principal> {
        let access = self.in_organization(place).await?;
        let name = name.to_owned();
        let found = self.store.read(move |conn| {
            let principal = rows::by_name(conn, &access.project.organization_id, &name)?;
            members::one(conn, principal)
        });
        Ok(shown::member(found.await?, Self::now()))
    }

    /// Gives a principal a new secret. An `env` file of this principal gets it as well; when there is none,
    /// it is written.
    pub async fn rotate_principal(&self, place: &Where, rotation: Rotation) -> Result<Rotated> {
        let access = self.in_organization(place).await?;
        let now = Self::now();
        let project = access.project.clone();
        let created = ops::rotate_expiring(&self.store, access, rotation, now).await?;
        let first = project.organization_id == self.found.organization.id;
        let mut written_to = None;
        // The file is about the first organization, and the secrets of others are none of its.
        if first && self.folder.renew_secret(&created)?.is_none() {
            let address = self.folder.address(self.settings, self.settings.listen);
            let path = self.folder.write_env(address, &self.found, &created)?;
            written_to = Some(path);
        }
        let new = shown::created(created, now);
        Ok(Rotated { new, written_to })
    }

    /// Shuts a principal out, or lets it in again.
    pub async fn set_standing(
        &self,
        place: &Where,
        (name, standing): (String, Standing),
    ) -> Result<Principal> {
        let access = self.in_organization(place).await?;
        let now = Self::now();
        let change = (name, standing);
        let member = ops::set_standing(&self.store, access, change, now).await?;
        Ok(shown::member(member, now))
    }

    /// Deletes a principal.
    pub async fn delete_principal(&self, place: &Where, name: &str) -> Result<()> {
        let id = self.show_principal(place, name).await?.id;
        let access = self.in_organization(place).await?;
        ops::delete(&self.store, access, id, Self::now()).await
    }

    /// Gives a principal a role, in place of the one that it has on that scope.
    pub async fn grant_role(
        &self,
        place: &Where,
        (name, scope, role): (String, ScopeKind, RoleName),
    ) -> Result<Principal> {
        let (access, scope) = self.scope(place, scope).await?;
        let now = Self::now();
        let change = (name, scope, shown::role_of(role));
        let member = ops::grant(&self.store, access, change, now).await?;
        Ok(shown::member(member, now))
    }

    /// Takes the role of a principal on a scope away.
    pub async fn revoke_role(
        &self,
        place: &Where,
        (name, scope): (String, ScopeKind),
    ) -> Result<Principal> {
        let (access, scope) = self.scope(place, scope).await?;
        let now = Self::now();
        let member = ops::revoke(&self.store, access, (name, scope), now).await?;
        Ok(shown::member(member, now))
    }

    /// Makes a new secret for a principal and leaves every file as it is.
    pub(super) async fn renew(&self, place: &Where, name: &str, old: Old) -> Result<NewSecret> {
        let access = self.in_organization(place).await?;
        let rotation = Rotation {
            name: name.to_owned(),
            old,
            lifetime: None,
        };
        let now = Self::now();
        let created = ops::rotate_expiring(&self.store, access, rotation, now).await?;
        Ok(shown::created(created, now))
    }
}
