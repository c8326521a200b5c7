//! `iam`: who the caller is, and who others are.

use actix_web::web::{Data, Path};
use serde::Deserialize;
use touchmark_wire::iam::{
    BatchGetPrincipalsResponse, GetCallerIdentityResponse, IdentityType, Principal, PrincipalType,
    PrincipalView, ServicePrincipal, UserPrincipal,
};

use super::{
    answer::{Answer, Json},
    request::Query,
};
use crate::{
    auth::caller::Caller,
    domain::{limit, resource_name::ServicePrincipalName, role::Action},
    error::{Error, Kind},
    ops::service_principals::parent,
    state::State,
    store::principals as rows,
};

/// The organization of a path.
#[derive(Deserialize)]
pub(super) struct OrganizationPath {
    organization: String,
}

pub(super) async fn caller_identity(caller: Caller) -> Answer<GetCallerIdentityResponse> {
    Ok(Json(GetCallerIdentityResponse {
        principal: Some(show(&caller.principal)),
    }))
}

/// Looks principals up by their ids; who makes policies asks for the members.
pub(super) async fn principals(
    state: Data<State>,
    caller: Caller,
    path: Path<OrganizationPath>,
    query: Query,
) -> Answer<BatchGetPrincipalsResponse> {
    let organization = path.into_inner().organization;
    if organization != caller.principal.organization_id {
        return Err(Error::Missing(Kind::Organization, organization));
    }
    // Whoever is admin of anything makes policies there, for anybody of the organization.
    Action::Administer.check(caller.roles.iter().map(|(_, role)| *role).max())?;
    // All that is known is shown in each view.
    let view = query.get("view");
    if !view.is_empty() && view.parse::<PrincipalView>().is_err() {
        let problem = format!("must be one of {}", PrincipalView::NAMES.join(", "));
        return Err(Error::invalid("query.view", problem));
    }
    let ids: Vec<String> = query.all("principal_ids").map(str::to_owned).collect();
    if ids.len() > limit::PRINCIPAL_IDS {
        let problem = format!("must be at most {} ids", limit::PRINCIPAL_IDS);
        return Err(Error::invalid("query.principal_ids", problem));
    }
    let found = state
        .store
        .read(move |conn| rows::by_ids(conn, &organization, &ids));
    Ok(Json(BatchGetPrincipalsResponse {
        principals: found.await?.iter().map(show).collect(),
    }))
}

fn show(principal: &rows::Principal) -> Principal {
    let service = principal.kind == "service";
    Principal {
        group: None,
        group_ids: Vec::new(),
        id: principal.id.clone(),
        kind: if service {
            PrincipalType::Service
        } else {
            PrincipalType::User
        },
        service: service.then(|| self::service(principal)),
        user: (!service).then(|| UserPrincipal {
            email: principal.name.clone(),
            full_name: principal.name.clone(),
            id: principal.id.clone(),
            identity_type: IdentityType::EmailPassword,
            identity_types: vec![IdentityType::EmailPassword],
            scim_synchronized: false,
            subject: principal.id.clone(),
            tfc_synchronized_at: None,
        }),
    }
}

/// A service principal as the wire shows it.
pub(super) fn service(principal: &rows::Principal) -> ServicePrincipal {
    let name = ServicePrincipalName {
        parent: parent(principal),
        name: principal.name.clone(),
    };
    ServicePrincipal {
        created_at: Some(principal.created_at.into()),
        id: principal.id.clone(),
        managed_by: String::new(),
        name: principal.name.clone(),
        organization_id: principal.organization_id.clone(),
        project_id: principal.project_id.clone().unwrap_or_default(),
        resource_name: name.to_string(),
    }
}
