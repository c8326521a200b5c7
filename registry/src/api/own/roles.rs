//! Roles of principals, on the organization or on a project.

use std::sync::Arc;

use actix_web::web::{Data, Path};
use touchmark_wire::own::{GrantBody, PrincipalAnswer, ScopeKind};

use super::{
    place,
    principals::{NamePath, answer, find},
    query::{Sent, check_word},
};
use crate::{
    api::{
        answer::{Answer, Json},
        request::Body,
    },
    auth::caller::Caller,
    error::{Error, Result},
    ops::{Access, principals as ops},
    shown,
    state::State,
    store::principals::Scope,
};

/// What a role is to be given on, and the caller there. `own` is the principal's project, if it is bound.
pub(super) async fn target(
    state: &State,
    caller: Caller,
    (scope, project): (Option<ScopeKind>, Option<String>),
    own: Option<String>,
) -> Result<(Arc<Access>, Scope)> {
    match scope.unwrap_or_default() {
        ScopeKind::Project => {
            if let Some(name) = &project {
                check_word("body.project", name)?;
            }
            let wanted = project.or(own).unwrap_or_default();
            let access = place::in_project(state, caller, ("body.project", &wanted)).await?;
            let scope = Scope::Project(access.project.id.clone());
            Ok((access, scope))
        }
        kind if project.is_some() => {
            let problem = format!("goes with the scope project only, not with {kind}");
            Err(Error::invalid("body.project", problem))
        }
        ScopeKind::Organization => {
            let scope = Scope::Organization(caller.principal.organization_id.clone());
            Ok((place::in_organization(state, caller).await?, scope))
        }
        ScopeKind::Bucket => Err(Error::invalid(
            "body.scope",
            "must be organization or project: roles on a bucket are given in the bucket's IAM policy",
        )),
    }
}

pub(super) async fn grant(
    state: Data<State>,
    caller: Caller,
    path: Path<NamePath>,
    query: Sent,
    body: Body,
) -> Answer<PrincipalAnswer> {
    query.only(&[])?;
    let body: GrantBody = body.json().await?;
    let required = "is required: viewer, builder, contributor or admin";
    let role = body
        .role
        .ok_or_else(|| Error::invalid("body.role", required))?;
    let (_, principal) = find(&state, caller.clone(), path.into_inner().name).await?;
    let scope = (body.scope, body.project);
    let (access, scope) = target(&state, caller, scope, principal.project_id).await?;
    let change = (principal.name, scope, shown::role_of(role));
    let member = ops::grant(&state.store, access, change, state.clock.now()).await?;
    Ok(Json(answer(member, &state)))
}

pub(super) async fn revoke(
    state: Data<State>,
    caller: Caller,
    path: Path<NamePath>,
    query: Sent,
) -> Answer<PrincipalAnswer> {
    let query = query.only(&["scope", "project"])?;
    let scope = match query.get("scope") {
        "" => None,
        text => Some(
            text.parse()
                .map_err(|_| Error::invalid("query.scope", "must be organization or project"))?,
        ),
    };
    let project = Some(query.text("project")).filter(|text| !text.is_empty());
    let (_, principal) = find(&state, caller.clone(), path.into_inner().name).await?;
    let target = target(&state, caller, (scope, project), principal.project_id).await;
    let (access, scope) = target.map_err(in_query)?;
    let change = (principal.name, scope);
    let member = ops::revoke(&state.store, access, change, state.clock.now()).await?;
    Ok(Json(answer(member, &state)))
}

/// The same error about the query.
fn in_query(error: Error) -> Error {
    match error {
        Error::Invalid { field, problem } => {
            Error::invalid(field.replacen("body.", "query.", 1), problem)
        }
        other => other,
    }
}
