//! `principals`: who may sign in, and with which secrets.

use std::{sync::Arc, time::Duration};

use actix_web::{
    HttpResponse,
    http::header,
    web::{Data, Path},
};
use serde::Deserialize;
use touchmark_wire::own::{
    ChangePrincipalBody, CreatePrincipalBody, Deleted, NewSecret, PrincipalAnswer, PrincipalList,
    RoleName, RotateBody,
};

use super::{place, query::Sent, roles::target};
use crate::{
    api::{
        answer::{Answer, Json},
        request::Body,
    },
    auth::caller::Caller,
    domain::{
        expiry, name,
        role::{Action, Role},
    },
    error::{Error, Result},
    ops::{
        Access,
        principals::{self as ops, Create, Created, Old, Rotation, Standing},
    },
    shown,
    state::State,
    store::{
        Conn,
        members::{self, Member, Whose},
        principals::{Principal, Scope},
    },
    telemetry::request_id,
};

/// The name of a path.
#[derive(Deserialize)]
pub(super) struct NamePath {
    pub(super) name: String,
}

/// The name and the secret of a path.
#[derive(Deserialize)]
pub(super) struct SecretPath {
    name: String,
    id: String,
}

/// A principal as it is answered.
pub(super) fn answer(member: Member, state: &State) -> PrincipalAnswer {
    PrincipalAnswer {
        principal: shown::member(member, state.clock.now()),
    }
}

/// A new secret, which no cache may keep.
fn secret(created: Created, state: &State) -> HttpResponse {
    let shown: NewSecret = shown::created(created, state.clock.now());
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(shown)
}

/// Where the principal of this name is managed, and the principal.
pub(super) async fn find(
    state: &State,
    caller: Caller,
    name: String,
) -> Result<(Arc<Access>, Principal)> {
    let request_id = request_id::current();
    let found = state
        .store
        .read(move |conn| place::beside(conn, &caller, (&name, &request_id)));
    let (access, principal) = found.await?;
    Ok((Arc::new(access), principal))
}

fn lifetime(text: Option<&str>) -> Result<Option<Duration>> {
    text.map(|text| expiry::parse("body.expires_in", text))
        .transpose()
}

pub(super) async fn list(state: Data<State>, caller: Caller, query: Sent) -> Answer<PrincipalList> {
    let query = query.only(&["project", "page_size", "page_token"])?;
    let request = query.page(&members::LISTING, "")?;
    let wanted = query.text("project");
    let page = state.store.read(move |conn| {
        let whose = whose(conn, &caller, &wanted)?;
        members::list(conn, &whose, &request)
    });
    let page = page.await?;
    let now = state.clock.now();
    let shown = page.rows.into_iter().map(|row| shown::member(row, now));
    Ok(Json(PrincipalList {
        principals: shown.collect(),
        next_page_token: page.next,
    }))
}

/// An admin of the organization lists all of it or a project, one of a project lists that.
fn whose(conn: &mut Conn, caller: &Caller, wanted: &str) -> Result<Whose> {
    let organization_id = caller.principal.organization_id.clone();
    let whole = Scope::Organization(organization_id.clone());
    let mut project_id = None;
    if !caller.roles.contains(&(whole, Role::Admin)) || !wanted.is_empty() {
        let project = place::choose(conn, caller, ("query.project", wanted))?;
        let access = caller.clone().enter(conn, &project.id, "")?;
        access.check(Action::Administer, None)?;
        project_id = Some(project.id);
    }
    Ok(Whose {
        organization_id,
        project_id,
    })
}

pub(super) async fn create(
    state: Data<State>,
    caller: Caller,
    query: Sent,
    body: Body,
) -> Result<HttpResponse> {
    query.only(&[])?;
    let body: CreatePrincipalBody = body.json().await?;
    name::check("body.name", &body.name)?;
    let lifetime = lifetime(body.expires_in.as_deref())?;
    let role = shown::role_of(body.role.unwrap_or(RoleName::Builder));
    let (access, scope) = target(&state, caller, (body.scope, body.project), None).await?;
    let project_id = match &scope {
        Scope::Project(id) => Some(id.clone()),
        _ => None,
    };
    let create = Create {
        name: body.name,
        project_id,
        scope,
        role,
    };
    let now = state.clock.now();
    let access = Access::clone(&access);
    let created = ops::create_expiring(&state.store, access, (create, lifetime), now).await?;
    Ok(secret(created, &state))
}

pub(super) async fn get(
    state: Data<State>,
    caller: Caller,
    path: Path<NamePath>,
    query: Sent,
) -> Answer<PrincipalAnswer> {
    query.only(&[])?;
    let name = path.into_inner().name;
    let found = state.store.read(move |conn| {
        let (access, principal) = place::beside(conn, &caller, (&name, ""))?;
        match principal.project_id {
            Some(_) => access.check(Action::Administer, None)?,
            None => Action::Administer.check(access.organization_role())?,
        }
        members::one(conn, principal)
    });
    Ok(Json(answer(found.await?, &state)))
}

pub(super) async fn change(
    state: Data<State>,
    caller: Caller,
    path: Path<NamePath>,
    query: Sent,
    body: Body,
) -> Answer<PrincipalAnswer> {
    query.only(&[])?;
    let body: ChangePrincipalBody = body.json().await?;
    let disabled = body
        .disabled
        .ok_or_else(|| Error::invalid("body.disabled", "is required: true or false"))?;
    let standing = if disabled {
        Standing::Disabled
    } else {
        Standing::Enabled
    };
    let (access, principal) = find(&state, caller, path.into_inner().name).await?;
    let now = state.clock.now();
    let change = (principal.name, standing);
    let member = ops::set_standing(&state.store, access, change, now).await?;
    Ok(Json(answer(member, &state)))
}

pub(super) async fn delete(
    state: Data<State>,
    caller: Caller,
    path: Path<NamePath>,
    query: Sent,
) -> Answer<Deleted> {
    query.only(&[])?;
    let (access, principal) = find(&state, caller, path.into_inner().name).await?;
    ops::delete(&state.store, access, principal.id, state.clock.now()).await?;
    Ok(Json(Deleted {}))
}

pub(super) async fn rotate(
    state: Data<State>,
    caller: Caller,
    path: Path<NamePath>,
    query: Sent,
    body: Body,
) -> Result<HttpResponse> {
    query.only(&[])?;
    let body: RotateBody = body.json().await?;
    let lifetime = lifetime(body.expires_in.as_deref())?;
    let (access, principal) = find(&state, caller, path.into_inner().name).await?;
    let old = if body.now.unwrap_or_default() {
        Old::EndsNow
    } else {
        Old::Overlaps
    };
    let rotation = Rotation {
        name: principal.name,
        old,
        lifetime,
    };
    let now = state.clock.now();
    let created = ops::rotate_expiring(&state.store, access, rotation, now).await?;
    Ok(secret(created, &state))
}

pub(super) async fn delete_secret(
    state: Data<State>,
    caller: Caller,
    path: Path<SecretPath>,
    query: Sent,
) -> Answer<PrincipalAnswer> {
    query.only(&[])?;
    let SecretPath { name, id } = path.into_inner();
    let (access, principal) = find(&state, caller, name).await?;
    let now = state.clock.now();
    let secret = (principal.name, id);
    let member = ops::delete_secret(&state.store, access, secret, now).await?;
    Ok(Json(answer(member, &state)))
}
