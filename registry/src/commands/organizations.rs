//! Organizations: each a registry of its own for all who are in it.

use touchmark_wire::own::{Organization, Project};

use super::Registry;
use crate::{error::Result, ops::organizations as ops, shown, store::organizations as rows};

impl Registry<'_> {
    /// Creates an organization with its first project.
    pub async fn create_organization(&self, name: String) -> Result<(Organization, Project)> {
        let (organization, project) = ops::create(&self.store, name, Self::now()).await?;
        Ok((shown::organization(organization), shown::project(project)))
    }

    /// All organizations, by name.
    pub async fn list_organizations(&self) -> Result<Vec<Organization>> {
        let all = self.store.read(rows::all).await?;
        Ok(all.into_iter().map(shown::organization).collect())
    }

    /// The organization of this name or id.
    ///
    /// # Errors
    /// [`crate::error::Error::Missing`] when there is none.
    pub async fn show_organization(&self, wanted: &str) -> Result<Organization> {
        let (organization, _) = self.organization(wanted).await?;
        Ok(shown::organization(organization))
    }

    /// Deletes an organization that has no buckets.
    pub async fn delete_organization(&self, wanted: &str) -> Result<()> {
        let (organization, _) = self.organization(wanted).await?;
        ops::delete(&self.store, organization.id, Self::now()).await
    }
}
