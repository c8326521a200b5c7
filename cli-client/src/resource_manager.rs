//! Reads of organizations and projects.

use crate::{Client, Error, Page};
use touchmark_wire::paths;
use touchmark_wire::resource_manager::{
    OrganizationGetResponse, OrganizationListResponse, ProjectGetResponse, ProjectListResponse,
    ResourceType,
};

impl Client {
    /// Reads an organization.
    pub async fn get_organization(&self, id: &str) -> Result<OrganizationGetResponse, Error> {
        self.get(&paths::organization(id)).await
    }

    /// Lists the organizations that the caller may see.
    pub async fn list_organizations(&self, page: &Page) -> Result<OrganizationListResponse, Error> {
        self.get_with(paths::ORGANIZATIONS, &page.query()).await
    }

    /// Reads a project.
    pub async fn get_project(&self, id: &str) -> Result<ProjectGetResponse, Error> {
        self.get(&paths::project(id)).await
    }

    /// Lists the projects of an organization that the caller may see.
    pub async fn list_projects(
        &self,
        organization_id: &str,
        page: &Page,
    ) -> Result<ProjectListResponse, Error> {
        let mut query = page.query();
        query.push(("scope.id", organization_id.to_owned()));
        query.push(("scope.type", ResourceType::Organization.to_string()));
        self.get_with(paths::PROJECTS, &query).await
    }
}
