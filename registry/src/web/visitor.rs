//! Who asks for a page, and where.

use std::sync::Arc;

use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};

use crate::{
    api::address,
    auth::{
        caller::{self, Extracted},
        session::{SESSION, Token, VISITOR},
    },
    cache::{Where, board::Source},
    error::{Error, Kind, Result},
    ops::{
        Access,
        people::{self, Origin, Visit},
    },
    state::State,
    store::organizations::Project,
    telemetry::request_id,
};

fn state_of(request: &HttpRequest) -> Result<Data<State>> {
    let state = request.app_data::<Data<State>>();
    state
        .cloned()
        .ok_or_else(|| Error::internal("the server has no state"))
}

/// What is known of a request that begins a session.
pub(super) fn origin(request: &HttpRequest, state: &State) -> Origin {
    let agent = request.headers().get("user-agent");
    let agent = agent.and_then(|value| value.to_str().ok());
    Origin::new(
        address::client(request, state),
        agent.unwrap_or_default().to_owned(),
    )
}

/// Somebody who is signed in.
pub(super) struct Signed {
    /// Who, and by which session.
    pub(super) visit: Visit,
    /// What is in their cookie.
    pub(super) token: Token,
    /// What they ask.
    pub(super) request: HttpRequest,
    /// The projects that they reach, by name.
    pub(super) projects: Vec<Project>,
}

impl FromRequest for Signed {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let state = state_of(&request)?;
            caller::check_path(&request)?;
            let nobody = || Error::Unauthenticated("nobody is signed in");
            let token = Token::of(&request, SESSION).ok_or_else(nobody)?;
            let visit = people::seen(&state, &token).await?.ok_or_else(nobody)?;
            let caller = visit.caller.clone();
            let projects = state.store.read(move |conn| caller.projects(conn));
            Ok(Self {
                projects: projects.await?,
                visit,
                token,
                request,
            })
        })
    }
}

/// Somebody who is signed in, in the project that the path names.
pub(super) struct Here {
    /// Who.
    pub(super) signed: Signed,
    /// What they may do there.
    pub(super) access: Arc<Access>,
    /// When that was looked up, as [`crate::store::Changes::now`].
    since: u64,
}

impl Here {
    /// From where they may be shown what is kept in memory: they may come from another node, and know what they
    /// did there. By the digest of their cookie this node knows them as it knows the bearers of tokens.
    pub(super) fn source(&self, state: &State) -> Source {
        let digest = self.signed.token.digest();
        let who = (digest.as_slice(), Where::Id(&self.access.project.id));
        let (changes, now) = (state.store.changes(), state.clock.now());
        if state.cache.trusts(changes, who, now) {
            return Source::Memory;
        }
        if state.cache.caller(changes, who, now).is_none() {
            let (access, until) = (Arc::clone(&self.access), self.signed.visit.caller.until);
            let known = (self.since, until);
            state.cache.keep_caller(changes, who, access, known);
        }
        Source::Database
    }
}

impl FromRequest for Here {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let name = request.match_info().query("project").to_owned();
        let since = state_of(request).map(|state| state.store.changes().now());
        let signed = Signed::from_request(request, payload);
        Box::pin(async move {
            let since = since?;
            let signed = signed.await?;
            let mut projects = signed.projects.iter();
            let found = projects.find(|project| project.name == name);
            let project = found
                .cloned()
                .ok_or_else(|| Error::Missing(Kind::Project, name.clone()))?;
            let caller = signed.visit.caller.clone();
            let access = caller.acting_in(project, &request_id::current());
            Ok(Self {
                signed,
                access: Arc::new(access),
                since,
            })
        })
    }
}

/// What the forms carry that are given to somebody who is not signed in; whether the cookie is a new one.
pub(super) struct Stranger {
    /// The cookie.
    pub(super) token: Token,
    /// Whether the browser does not have it yet.
    pub(super) is_new: bool,
}

impl Stranger {
    /// Of a request.
    pub(super) fn of(request: &HttpRequest) -> Result<Self> {
        Ok(match Token::of(request, VISITOR) {
            Some(token) => Self {
                token,
                is_new: false,
            },
            None => Self {
                token: Token::generate()?,
                is_new: true,
            },
        })
    }
}
