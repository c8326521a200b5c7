//! From the `Authorization` header to a principal with its roles, and from the path to its project.

use std::{future::Future, pin::Pin, sync::Arc};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::AUTHORIZATION, web::Data};

use super::token::Verified;
use crate::{
    cache::Where,
    domain::{
        role::{Action, Role},
        time::Time,
    },
    error::{Error, Kind, Result},
    ops::{Access, Actor},
    state::State,
    store::{
        Conn, buckets,
        organizations::{self, Project},
        principals::{self, Principal, Scope},
    },
    telemetry::request_id,
};

/// What an extractor is going to give.
pub type Extracted<T> = Pin<Box<dyn Future<Output = Result<T>>>>;

/// Somebody whose token is good.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who.
    pub principal: Principal,
    /// All roles.
    pub roles: Vec<(Scope, Role)>,
    /// The projects of the buckets that they have a role on.
    pub bucket_projects: Vec<String>,
    /// When the token or its secret ends.
    pub until: Time,
}

impl Caller {
    /// Whether they have a role on the whole organization, not only on a project.
    pub fn spans_organization(&self) -> bool {
        self.roles
            .iter()
            .any(|(scope, _)| matches!(scope, Scope::Organization(_)))
    }

    /// Whether they have a role in this project, or on one of its buckets.
    pub fn reaches_project(&self, project_id: &str) -> bool {
        let direct = self.roles.iter().any(|(scope, _)| match scope {
            Scope::Organization(id) => *id == self.principal.organization_id,
            Scope::Project(id) => id == project_id,
            Scope::Bucket(_) => false,
        });
        direct || self.bucket_projects.iter().any(|id| id == project_id)
    }

    /// Lets the caller into the project of this id; what lies outside their reach does not exist for them.
    ///
    /// # Errors
    /// [`Error::Missing`] when there is no such project in their organization, or they have no role in it.
    pub fn enter(self, conn: &mut Conn, project_id: &str, request_id: &str) -> Result<Access> {
        let project = organizations::project(conn, project_id)?
            .filter(|project| project.organization_id == self.principal.organization_id)
            .filter(|project| self.reaches_project(&project.id))
            .ok_or_else(|| Error::Missing(Kind::Project, project_id.to_owned()))?;
        Ok(self.acting_in(project, request_id))
    }

    /// The projects that they reach, by name.
    pub fn projects(&self, conn: &mut Conn) -> Result<Vec<Project>> {
        let mut projects = organizations::projects(conn, &self.principal.organization_id)?;
        projects.retain(|project| self.reaches_project(&project.id));
        projects.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(projects)
    }

    /// The caller in a project that they reach.
    pub fn acting_in(self, project: Project, request_id: &str) -> Access {
        let Self {
            principal, roles, ..
        } = self;
        let actor = Actor {
            kind: principal.kind,
            id: principal.id,
            name: principal.name,
            request_id: request_id.to_owned(),
        };
        Access {
            actor,
            project,
            roles,
        }
    }

    /// [`Caller::enter`] for a project that the path of the request does not name as such.
    ///
    /// # Errors
    /// As [`Caller::enter`].
    pub async fn into_project(self, state: &State, project_id: String) -> Result<Arc<Access>> {
        let request_id = request_id::current();
        let enter = move |conn: &mut Conn| self.clone().enter(conn, &project_id, &request_id);
        Ok(Arc::new(state.store.read(enter).await?))
    }

    /// Lets the caller act on their organization as a whole, from its oldest project.
    ///
    /// # Errors
    /// [`Error::Missing`] for another organization, [`Error::Forbidden`] unless they are its admin.
    pub async fn into_organization(self, state: &State, id: &str) -> Result<Arc<Access>> {
        if id != self.principal.organization_id {
            return Err(Error::Missing(Kind::Organization, id.to_owned()));
        }
        let whole = Scope::Organization(id.to_owned());
        let mut roles = self.roles.iter();
        let role = roles.find(|(scope, _)| *scope == whole);
        Action::Administer.check(role.map(|(_, role)| *role))?;
        let request_id = request_id::current();
        let id = id.to_owned();
        let access = state.store.read(move |conn| {
            let projects = organizations::projects(conn, &id)?;
            let oldest = projects.into_iter().next();
            let oldest = oldest.ok_or_else(|| Error::refused("the organization has no project"))?;
            self.clone().enter(conn, &oldest.id, &request_id)
        });
        Ok(Arc::new(access.await?))
    }
}

impl FromRequest for Caller {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let checked = check(request);
        Box::pin(async move {
            let (state, token) = checked?;
            let now = state.clock.now();
            state
                .store
                .read(move |conn| identify(conn, &token, now))
                .await
        })
    }
}

/// Somebody in the project that the path names.
#[derive(Debug, Clone)]
pub struct InProject(pub Arc<Access>);

impl FromRequest for InProject {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = |name| request.match_info().query(name).to_owned();
        let (organization_id, project_id) = (text("organization"), text("project"));
        if let Some(access) = known(request, Where::Id(&project_id))
            && access.project.organization_id == organization_id
        {
            return Box::pin(std::future::ready(Ok(Self(access))));
        }
        let place = Place::Id(project_id.clone());
        let entering = enter(request, place, move |conn, caller, request_id| {
            let access = caller.enter(conn, &project_id, request_id)?;
            if access.project.organization_id == organization_id {
                return Ok(access);
            }
            Err(Error::Missing(Kind::Project, project_id.clone()))
        });
        Box::pin(async move { Ok(Self(entering.await?)) })
    }
}

/// The caller of a request of our own face, which names the project in these words. Unless that is known,
/// `choose` finds the project, which must depend on the caller and the words alone.
pub fn in_words(
    request: &HttpRequest,
    words: String,
    choose: fn(&mut Conn, &Caller, &str) -> Result<Project>,
) -> Extracted<Arc<Access>> {
    if let Some(access) = known(request, Where::Words(&words)) {
        return Box::pin(std::future::ready(Ok(access)));
    }
    let place = Place::Words(words.clone());
    enter(request, place, move |conn, caller, request_id| {
        let project = choose(conn, &caller, &words)?;
        caller.enter(conn, &project.id, request_id)
    })
}

/// [`Where`], as long as it takes to ask the database.
enum Place {
    Id(String),
    Words(String),
}

impl Place {
    fn borrowed(&self) -> Where<'_> {
        match self {
            Self::Id(id) => Where::Id(id),
            Self::Words(words) => Where::Words(words),
        }
    }
}

/// Lets the caller of a request in there by `enter`, and remembers them.
fn enter(
    request: &HttpRequest,
    place: Place,
    enter: impl Fn(&mut Conn, Caller, &str) -> Result<Access> + Send + 'static,
) -> Extracted<Arc<Access>> {
    let request_id = request_id::current();
    let checked = check(request);
    let header = request.headers().get(AUTHORIZATION).cloned();
    Box::pin(async move {
        let (state, token) = checked?;
        let (now, since) = (state.clock.now(), state.store.changes().now());
        let access = state.store.read(move |conn| {
            let caller = identify(conn, &token, now)?;
            let until = caller.until;
            Ok((enter(conn, caller, &request_id)?, until))
        });
        let (access, until) = access.await?;
        let access = Arc::new(access);
        if let Some(header) = header {
            let (changes, kept) = (state.store.changes(), Arc::clone(&access));
            let who = (header.as_bytes(), place.borrowed());
            state.cache.keep_caller(changes, who, kept, (since, until));
        }
        Ok(access)
    })
}

/// The bearer of the token in that project, in this request, if they were found there before and nothing has
/// changed since.
fn known(request: &HttpRequest, place: Where<'_>) -> Option<Arc<Access>> {
    let state = request.app_data::<Data<State>>()?;
    let header = request.headers().get(AUTHORIZATION)?.as_bytes();
    let (changes, now) = (state.store.changes(), state.clock.now());
    let access = state.cache.caller(changes, (header, place), now)?;
    check_path(request).ok()?;
    let mut access = Access::clone(&access);
    access.actor.request_id = request_id::current();
    Some(Arc::new(access))
}

/// `PostgreSQL` cannot take a NUL in a text, and nothing here has one in its name.
pub fn check_path(request: &HttpRequest) -> Result<()> {
    if request.path().contains("%00") || request.path().contains('\0') {
        return Err(Error::invalid("path", "must not contain a NUL character"));
    }
    Ok(())
}

fn check(request: &HttpRequest) -> Result<(Data<State>, Verified)> {
    let state = request
        .app_data::<Data<State>>()
        .ok_or_else(|| Error::internal("the server has no state"))?
        .clone();
    let header = request
        .headers()
        .get(AUTHORIZATION)
        .ok_or(Error::Unauthenticated(
            "send a token as Authorization: Bearer",
        ))?;
    let token = header
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or(Error::Unauthenticated(
            "the Authorization header must be: Bearer <token>",
        ))?;
    let verified = state.keys.verify(token, state.clock.now().seconds());
    let verified = verified.map_err(|error| {
        tracing::debug!(%error, "token refused");
        Error::Unauthenticated("the token is not valid or has expired")
    })?;
    check_path(request)?;
    Ok((state, verified))
}

/// The principal of a token, if the token has not been ended before its time.
fn identify(conn: &mut Conn, token: &Verified, now: Time) -> Result<Caller> {
    let claims = &token.claims;
    let ended = Error::Unauthenticated("the token is not valid any more");
    let Some(principal) = principals::by_id(conn, &claims.sub)? else {
        return Err(ended);
    };
    if principal.disabled || principal.generation != claims.generation {
        return Err(ended);
    }
    let secrets = principals::secrets(conn, &principal.id)?;
    let mut secrets = secrets.into_iter();
    let secret = secrets.find(|secret| secret.id == claims.sid && secret.live(now));
    let Some(secret) = secret else {
        return Err(ended);
    };
    let until = token.expires_at.saturating_mul(1_000_000);
    let until = secret.expires_at.map_or(until, |end| until.min(end));
    let roles = principals::bindings(conn, &principal.id)?;
    let bucket_projects = buckets_in(conn, &roles)?;
    Ok(Caller {
        principal,
        roles,
        bucket_projects,
        until: Time::from_micros(until),
    })
}

/// The projects of the buckets among what roles are given on.
pub(super) fn buckets_in(conn: &mut Conn, roles: &[(Scope, Role)]) -> Result<Vec<String>> {
    let ids: Vec<&str> = roles
        .iter()
        .filter_map(|(scope, _)| match scope {
            Scope::Bucket(id) => Some(id.as_str()),
            _ => None,
        })
        .collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    buckets::projects_of(conn, &ids)
}
