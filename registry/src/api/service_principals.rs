//! Service principals by their resource names: `iam/project/…/service-principal/…`.

use std::sync::Arc;

use actix_web::web::{Data, Path};
use serde::Deserialize;
use touchmark_wire::service_principal::{
    CreateServicePrincipalBody, CreateServicePrincipalResponse, DeleteServicePrincipalResponse,
    GetServicePrincipalResponse, KeyState, ServicePrincipalKey,
};

use super::{
    answer::{Answer, Json},
    iam,
    request::Body,
};
use crate::{
    auth::caller::Caller,
    domain::resource_name::{Parent, ServicePrincipalName},
    error::Result,
    ops::{Access, service_principals},
    state::State,
};

/// What the new service principal shall belong to.
#[derive(Deserialize)]
pub(super) struct ParentPath {
    parent: String,
}

/// The service principal of a path.
#[derive(Deserialize)]
pub(super) struct NamePath {
    resource_name: String,
}

async fn enter(caller: Caller, state: &State, parent: &Parent) -> Result<Arc<Access>> {
    match parent {
        Parent::Project(id) => caller.into_project(state, id.clone()).await,
        Parent::Organization(id) => caller.into_organization(state, id).await,
    }
}

pub(super) async fn create(
    state: Data<State>,
    caller: Caller,
    path: Path<ParentPath>,
    body: Body,
) -> Answer<CreateServicePrincipalResponse> {
    let parent = Parent::parse("path.parent_resource_name", &path.parent)?;
    let access = enter(caller, &state, &parent).await?;
    let body: CreateServicePrincipalBody = body.json().await?;
    let principal = service_principals::create(&state, access, parent, body.name).await?;
    Ok(Json(CreateServicePrincipalResponse {
        service_principal: Some(iam::service(&principal)),
    }))
}

pub(super) async fn get(
    state: Data<State>,
    caller: Caller,
    path: Path<NamePath>,
) -> Answer<GetServicePrincipalResponse> {
    let name = ServicePrincipalName::parse("path.resource_name", &path.resource_name)?;
    let access = enter(caller, &state, &name.parent).await?;
    let wanted = name.clone();
    let find = move |conn: &mut _| service_principals::find(conn, &access, &wanted);
    let (principal, secrets) = state.store.read(find).await?;
    let now = state.clock.now();
    let live = secrets.into_iter().filter(|secret| secret.live(now));
    let key = |id, created_at| ServicePrincipalKey {
        client_id: principal.client_id.clone(),
        created_at: Some(created_at),
        resource_name: format!("{name}/key/{id}"),
        state: KeyState::Active,
    };
    Ok(Json(GetServicePrincipalResponse {
        keys: live
            .map(|secret| key(secret.id, secret.created_at.into()))
            .collect(),
        service_principal: Some(iam::service(&principal)),
    }))
}

pub(super) async fn delete(
    state: Data<State>,
    caller: Caller,
    path: Path<NamePath>,
) -> Answer<DeleteServicePrincipalResponse> {
    let name = ServicePrincipalName::parse("path.resource_name", &path.resource_name)?;
    let access = enter(caller, &state, &name.parent).await?;
    service_principals::delete(&state, access, name).await?;
    Ok(Json(DeleteServicePrincipalResponse {}))
}
