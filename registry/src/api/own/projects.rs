//! `projects` and `organizations`, as far as the caller reaches. Organizations are made and deleted by who
//! runs the registry, with the commands on its host.

use actix_web::web::{Data, Path};
use serde::Deserialize;
use touchmark_wire::own::{
    CreateProjectBody, Deleted, OrganizationList, ProjectAnswer, ProjectList,
};

use super::{place, query::Sent};
use crate::{
    api::{
        answer::{Answer, Json},
        request::Body,
    },
    auth::caller::Caller,
    domain::{limit, name, role::Action},
    error::Error,
    ops::projects::{self as ops, Create},
    shown,
    state::State,
    store::{
        Page, organizations,
        page::{Cursor, Listing, Sort},
    },
};

/// Lists of projects.
const LISTING: Listing = Listing {
    sortable: &["name"],
    default: Sort {
        field: "name",
        descending: false,
    },
    size: limit::PAGE,
};

/// The project of a path, by name or id.
#[derive(Deserialize)]
pub(super) struct ProjectPath {
    project: String,
}

pub(super) async fn organizations(
    state: Data<State>,
    caller: Caller,
    query: Sent,
) -> Answer<OrganizationList> {
    query.only(&[])?;
    let own = caller.principal.organization_id;
    let found = state
        .store
        .read(move |conn| organizations::organization(conn, &own));
    Ok(Json(OrganizationList {
        organizations: found.await?.into_iter().map(shown::organization).collect(),
    }))
}

pub(super) async fn list(state: Data<State>, caller: Caller, query: Sent) -> Answer<ProjectList> {
    let query = query.only(&["page_size", "page_token"])?;
    let request = query.page(&LISTING, "")?;
    let all = state.store.read(move |conn| caller.projects(conn));
    let page = Page::cut(all.await?, &request, |row| Cursor::text(&row.name));
    Ok(Json(ProjectList {
        projects: page.rows.into_iter().map(shown::project).collect(),
        next_page_token: page.next,
    }))
}

pub(super) async fn create(
    state: Data<State>,
    caller: Caller,
    query: Sent,
    body: Body,
) -> Answer<ProjectAnswer> {
    query.only(&[])?;
    let body: CreateProjectBody = body.json().await?;
    let description = body.description.unwrap_or_default();
    name::check("body.name", &body.name)?;
    if description.chars().count() > limit::DESCRIPTION || description.contains('\0') {
        let problem = "must have at most 255 characters, without a NUL character";
        return Err(Error::invalid("body.description", problem));
    }
    let access = place::in_organization(&state, caller).await?;
    let create = Create {
        name: body.name,
        description,
    };
    let project = ops::create(&state.store, access, create, state.clock.now()).await?;
    Ok(Json(ProjectAnswer {
        project: shown::project(project),
    }))
}

pub(super) async fn delete(
    state: Data<State>,
    caller: Caller,
    path: Path<ProjectPath>,
    query: Sent,
) -> Answer<Deleted> {
    query.only(&[])?;
    let access =
        place::in_project(&state, caller, ("path.project", &path.into_inner().project)).await?;
    Action::Administer.check(access.organization_role())?;
    let id = access.project.id.clone();
    ops::delete(&state.store, access, id, state.clock.now()).await?;
    Ok(Json(Deleted {}))
}
