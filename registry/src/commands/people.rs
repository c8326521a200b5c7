//! People, and the links by which they set their password.

use serde::Serialize;
use touchmark_wire::own::{RoleName, ScopeKind};

use super::{Registry, Where};
use crate::{
    auth::secret::Secret,
    error::Result,
    ops::{people as ops, principals::Create},
    shown,
    store::principals::{Principal, Scope},
    web,
};

/// What a new person is to be.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// Unique in the installation.
    pub name: String,
    /// What their role is given on: organization or project.
    pub scope: ScopeKind,
    /// Their role there.
    pub role: RoleName,
}

/// A person, and the link that sets their password, which works once.
#[derive(Debug, Clone, Serialize)]
pub struct Invited {
    /// ULID of the principal.
    pub id: String,
    /// Their name.
    pub name: String,
    /// The link.
    pub link: String,
}

impl Registry<'_> {
    /// Creates a person with a role.
    ///
    /// # Errors
    /// [`crate::error::Error::Exists`] when the name is taken.
    pub async fn create_person(&self, place: &Where, new: NewPerson) -> Result<Invited> {
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
        let created = ops::create(&self.store, access, create, Self::now());
        Ok(self.invited(created.await?))
    }

    /// Makes a new link for a person; the one before it does not work any more.
    ///
    /// # Errors
    /// [`crate::error::Error::Missing`] when there is nobody of this name.
    pub async fn invite_person(&self, place: &Where, name: String) -> Result<Invited> {
        let access = self.in_organization(place).await?;
        let invited = ops::invite(&self.store, access, name, Self::now());
        Ok(self.invited(invited.await?))
    }

    fn invited(&self, (person, secret): (Principal, Secret)) -> Invited {
        let address = self.folder.address(self.settings, self.settings.listen);
        Invited {
            id: person.id,
            name: person.name,
            link: web::invitation_link(&address.url(), &secret),
        }
    }
}
