//! Where a request of our own face takes place: the project that it names, or the caller's only one.

use std::sync::Arc;

use actix_web::{FromRequest, HttpRequest, dev::Payload};

use super::query::Sent;
use crate::{
    auth::caller::{self, Caller, Extracted},
    domain::role::Action,
    error::{Error, Kind, Result},
    ops::Access,
    state::State,
    store::{
        Conn,
        organizations::Project,
        principals::{self as people, Scope},
    },
    telemetry::request_id,
};

fn no_role() -> Error {
    let problem = "the caller has no role in any project; an admin can grant one";
    Error::Forbidden(format!("permission denied: {problem}"))
}

/// The project of this id or name, or the only one when nothing is named; `field` is where it was named.
///
/// # Errors
/// [`Error::Missing`] when the caller reaches no such project, [`Error::Invalid`] when it has to choose,
/// [`Error::Forbidden`] when it reaches none.
pub(super) fn choose(
    conn: &mut Conn,
    caller: &Caller,
    (field, wanted): (&'static str, &str),
) -> Result<Project> {
    let mut projects = caller.projects(conn)?;
    if !wanted.is_empty() {
        let named = |project: &Project| project.id == wanted;
        let found = projects.iter().find(|project| named(project));
        let found = found.or_else(|| projects.iter().find(|project| project.name == wanted));
        return found
            .cloned()
            .ok_or_else(|| Error::Missing(Kind::Project, wanted.to_owned()));
    }
    match projects.pop() {
        None => Err(no_role()),
        Some(only) if projects.is_empty() => Ok(only),
        Some(last) => {
            projects.push(last);
            let names: Vec<&str> = projects
                .iter()
                .map(|project| project.name.as_str())
                .collect();
            let names = names.join(", ");
            let problem = format!(
                "is required, since the caller reaches several projects: give the name or the id of one of {names}"
            );
            Err(Error::invalid(field, problem))
        }
    }
}

/// The caller in the project that the request names, or in its only one; `field` is where it was named.
///
/// # Errors
/// As those of [`choose`].
pub(super) async fn in_project(
    state: &State,
    caller: Caller,
    (field, wanted): (&'static str, &str),
) -> Result<Arc<Access>> {
    let (wanted, request_id) = (wanted.to_owned(), request_id::current());
    let access = state.store.read(move |conn| {
        let project = choose(conn, &caller, (field, &wanted))?;
        caller.clone().enter(conn, &project.id, &request_id)
    });
    Ok(Arc::new(access.await?))
}

/// Somebody in the project that the query names, or in their only one.
pub(super) struct InProject(pub(super) Arc<Access>);

impl FromRequest for InProject {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let words = Sent::of(request).project().to_owned();
        let entering = caller::in_words(request, words, |conn, caller, words| {
            choose(conn, caller, ("query.project", words))
        });
        Box::pin(async move { Ok(Self(entering.await?)) })
    }
}

/// The caller where the whole organization is meant: in the first project that it reaches.
pub(super) async fn in_organization(state: &State, caller: Caller) -> Result<Arc<Access>> {
    let request_id = request_id::current();
    let access = state
        .store
        .read(move |conn| anywhere(conn, &caller, &request_id));
    Ok(Arc::new(access.await?))
}

fn anywhere(conn: &mut Conn, caller: &Caller, request_id: &str) -> Result<Access> {
    let first = caller.projects(conn)?.into_iter().next();
    let first = first.ok_or_else(no_role)?;
    caller.clone().enter(conn, &first.id, request_id)
}

/// The caller where a principal is managed: in the project that it is bound to, or anywhere; and the
/// principal's id. One that is bound out of the caller's reach does not exist.
pub(super) fn beside(
    conn: &mut Conn,
    caller: &Caller,
    (name, request_id): (&str, &str),
) -> Result<(Access, people::Principal)> {
    // Others are not told which names there are.
    let roles = caller.roles.iter();
    let wide = roles.filter(|(scope, _)| !matches!(scope, Scope::Bucket(_)));
    Action::Administer.check(wide.map(|(_, role)| *role).max())?;
    let principal = people::by_name(conn, &caller.principal.organization_id, name)?;
    let access = match &principal.project_id {
        Some(id) if caller.reaches_project(id) => caller.clone().enter(conn, id, request_id)?,
        Some(_) => return Err(Error::Missing(Kind::Principal, name.to_owned())),
        None => anywhere(conn, caller, request_id)?,
    };
    Ok((access, principal))
}
