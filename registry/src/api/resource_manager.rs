//! `resource-manager`: organizations and projects, as far as the caller reaches.

use actix_web::web::{Data, Path};
use serde::Deserialize;
use touchmark_wire::{
    pagination::PaginationResponse,
    resource_manager::{
        Organization, OrganizationGetResponse, OrganizationListResponse, OrganizationOwner,
        OrganizationState, Project, ProjectGetResponse, ProjectListResponse, ProjectState,
        ResourceID, ResourceType,
    },
};

use super::{
    answer::{Answer, Json},
    request::Query,
};
use crate::{
    auth::caller::Caller,
    error::{Error, Kind},
    state::State,
    store::organizations as rows,
};

/// The id of a path.
#[derive(Deserialize)]
pub(super) struct IdPath {
    id: String,
}

fn show_organization(organization: rows::Organization) -> Organization {
    Organization {
        created_at: Some(organization.created_at.into()),
        id: organization.id,
        name: organization.name,
        owner: Some(OrganizationOwner {
            user: String::new(),
        }),
        state: OrganizationState::Active,
        tfc_synced: false,
    }
}

fn show_project(project: rows::Project) -> Project {
    Project {
        created_at: Some(project.created_at.into()),
        description: project.description,
        id: project.id,
        name: project.name,
        parent: Some(ResourceID {
            id: project.organization_id,
            kind: ResourceType::Organization,
        }),
        state: ProjectState::Active,
    }
}

pub(super) async fn organizations(
    state: Data<State>,
    caller: Caller,
) -> Answer<OrganizationListResponse> {
    let own = caller.principal.organization_id;
    let found = state
        .store
        .read(move |conn| rows::organization(conn, &own))
        .await?;
    Ok(Json(OrganizationListResponse {
        organizations: found.into_iter().map(show_organization).collect(),
        pagination: Some(PaginationResponse::default()),
    }))
}

pub(super) async fn organization(
    state: Data<State>,
    caller: Caller,
    path: Path<IdPath>,
) -> Answer<OrganizationGetResponse> {
    let id = path.into_inner().id;
    let missing = Error::Missing(Kind::Organization, id.clone());
    if id != caller.principal.organization_id {
        return Err(missing);
    }
    let found = state
        .store
        .read(move |conn| rows::organization(conn, &id))
        .await?;
    Ok(Json(OrganizationGetResponse {
        organization: Some(show_organization(found.ok_or(missing)?)),
    }))
}

pub(super) async fn projects(
    state: Data<State>,
    caller: Caller,
    query: Query,
) -> Answer<ProjectListResponse> {
    let own = caller.principal.organization_id.clone();
    let scope = query.get("scope.id");
    if !scope.is_empty() && scope != own {
        return Err(Error::Missing(Kind::Organization, scope.to_owned()));
    }
    if !caller.spans_organization() {
        // Packer turns this into the advice to set HCP_PROJECT_ID.
        let why =
            "permission denied: this principal is bound to one project and cannot list projects";
        return Err(Error::Forbidden(why.into()));
    }
    let found = state
        .store
        .read(move |conn| rows::projects(conn, &own))
        .await?;
    Ok(Json(ProjectListResponse {
        pagination: Some(PaginationResponse::default()),
        projects: found.into_iter().map(show_project).collect(),
    }))
}

pub(super) async fn project(
    state: Data<State>,
    caller: Caller,
    path: Path<IdPath>,
) -> Answer<ProjectGetResponse> {
    let id = path.into_inner().id;
    let missing = Error::Missing(Kind::Project, id.clone());
    let found = state
        .store
        .read(move |conn| rows::project(conn, &id))
        .await?;
    let project = found
        .filter(|project| project.organization_id == caller.principal.organization_id)
        .filter(|project| caller.reaches_project(&project.id))
        .ok_or(missing)?;
    Ok(Json(ProjectGetResponse {
        project: Some(show_project(project)),
    }))
}
