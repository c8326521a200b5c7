//! `whoami`: who the caller is, where it is, and what it may do there.

use actix_web::web::Data;
use touchmark_wire::own::{Caller as Shown, Named, Reach, WhoAmI};

use super::query::Sent;
use crate::{
    api::answer::{Answer, Json},
    auth::caller::Caller,
    domain::role::Action,
    error::Result,
    shown,
    state::State,
    store::{Conn, members, organizations},
};

/// What a role can allow, by the names that are shown.
const ACTIONS: [(&str, Action); 5] = [
    ("read", Action::Read),
    ("record", Action::Record),
    ("see_restricted", Action::SeeRestricted),
    ("decide", Action::Decide),
    ("administer", Action::Administer),
];

pub(super) async fn get(state: Data<State>, caller: Caller, query: Sent) -> Answer<WhoAmI> {
    query.only(&[])?;
    let found = state.store.read(move |conn| look(conn, &caller));
    Ok(Json(found.await?))
}

fn look(conn: &mut Conn, caller: &Caller) -> Result<WhoAmI> {
    let principal = &caller.principal;
    let organization = organizations::organization(conn, &principal.organization_id)?;
    let roles = members::named(conn, caller.roles.clone())?;
    let mut projects = Vec::new();
    for project in caller.projects(conn)? {
        let access = caller.clone().enter(conn, &project.id, "")?;
        let may = |(name, action): (&str, Action)| {
            access.check(action, None).is_ok().then(|| name.to_owned())
        };
        projects.push(Reach {
            role: access.role(None).map(shown::role),
            may: ACTIONS.into_iter().filter_map(may).collect(),
            id: project.id,
            name: project.name,
        });
    }
    Ok(WhoAmI {
        principal: Shown {
            id: principal.id.clone(),
            name: principal.name.clone(),
            kind: shown::kind(&principal.kind),
            client_id: principal.client_id.clone(),
            project_id: principal.project_id.clone(),
        },
        organization: Named {
            id: principal.organization_id.clone(),
            name: organization.map(|row| row.name).unwrap_or_default(),
        },
        roles: roles.into_iter().map(shown::given).collect(),
        projects,
    })
}
