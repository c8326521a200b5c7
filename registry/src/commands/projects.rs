//! Projects of an organization.

use touchmark_wire::own::Project;

use super::{Registry, Where};
use crate::{
    error::Result,
    ops::projects::{self as ops, Create},
    shown,
};

impl Registry<'_> {
    /// Creates a project with an active registry.
    pub async fn create_project(&self, place: &Where, create: Create) -> Result<Project> {
        let access = self.in_organization(place).await?;
        let project = ops::create(&self.store, access, create, Self::now()).await?;
        Ok(shown::project(project))
    }

    /// The projects of an organization, by name.
    pub async fn list_projects(&self, place: &Where) -> Result<Vec<Project>> {
        let (_, projects) = self.organization(&place.organization).await?;
        Ok(projects.into_iter().map(shown::project).collect())
    }

    /// The project that is meant.
    pub async fn show_project(&self, place: &Where) -> Result<Project> {
        let access = self.in_project(place).await?;
        Ok(shown::project(access.project.clone()))
    }

    /// Deletes a project that has no buckets.
    pub async fn delete_project(&self, place: &Where) -> Result<()> {
        let access = self.in_project(place).await?;
        let id = access.project.id.clone();
        ops::delete(&self.store, access, id, Self::now()).await
    }
}
