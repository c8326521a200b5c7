//! `iam`: who the caller is.

use touchmark_wire::iam::{
    GetCallerIdentityResponse, IdentityType, Principal, PrincipalType, ServicePrincipal,
    UserPrincipal,
};

use super::answer::{Answer, Json};
use crate::auth::caller::Caller;

pub(super) async fn caller_identity(caller: Caller) -> Answer<GetCallerIdentityResponse> {
    let principal = caller.principal;
    let service = principal.kind == "service";
    let scope = match &principal.project_id {
        Some(project) => format!("project/{project}"),
        None => format!("organization/{}", principal.organization_id),
    };
    let shown = Principal {
        group: None,
        group_ids: Vec::new(),
        id: principal.id.clone(),
        kind: if service {
            PrincipalType::Service
        } else {
            PrincipalType::User
        },
        service: service.then(|| ServicePrincipal {
            created_at: Some(principal.created_at.into()),
            id: principal.id.clone(),
            managed_by: String::new(),
            name: principal.name.clone(),
            organization_id: principal.organization_id.clone(),
            project_id: principal.project_id.clone().unwrap_or_default(),
            resource_name: format!("iam/{scope}/service-principal/{}", principal.name),
        }),
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
    };
    Ok(Json(GetCallerIdentityResponse {
        principal: Some(shown),
    }))
}
