//! The people and services of the company as principals, and each as somebody who does something.

use std::{collections::HashMap, net::Ipv4Addr, sync::Arc};

use super::{
    chance::Chance,
    company::{Kind, MEMBERS},
};
use crate::{
    auth::secret::Secret,
    domain::role::Role,
    error::{Error, Result},
    ops::{
        Access, Actor,
        people::{self, Choice, Origin},
        principals::{self, Create, Standing},
        sign_in,
    },
    state::State,
    store::{
        organizations::Project,
        principals::{Principal, Scope},
    },
};

/// Who looks at the demo.
pub(super) const VISITOR: &str = "demo";

/// Everybody, by name.
pub(super) struct People {
    project: Project,
    all: HashMap<&'static str, (Actor, Role)>,
    /// Services that sign in, with their credentials.
    services: Vec<(String, Secret)>,
    requests: Chance,
}

impl People {
    /// Creates them all.
    pub(super) async fn create(state: &State, project: Project) -> Result<Self> {
        let mut people = Self {
            project,
            all: HashMap::new(),
            services: Vec::new(),
            requests: Chance::of("requests"),
        };
        for member in MEMBERS {
            let create = people.in_project(member.name, member.role);
            let principal = match member.kind {
                Kind::Person => people.person(state, create).await?,
                Kind::Service => people.service(state, create).await?,
                Kind::Retired => people.retired(state, create).await?,
            };
            people
                .all
                .insert(member.name, (actor(&principal), member.role));
        }
        Ok(people)
    }

    fn in_project(&self, name: &str, role: Role) -> Create {
        Create {
            name: name.to_owned(),
            project_id: Some(self.project.id.clone()),
            scope: Scope::Project(self.project.id.clone()),
            role,
        }
    }

    fn system(&self) -> Access {
        Access::system(self.project.clone())
    }

    async fn person(&self, state: &State, create: Create) -> Result<Principal> {
        let (person, _) = self.invite(state, create).await?;
        Ok(person)
    }

    /// Creates a person, and gives the link that sets their password.
    async fn invite(&self, state: &State, create: Create) -> Result<(Principal, Secret)> {
        let (now, access) = (state.clock.now(), Arc::new(self.system()));
        people::create(&state.store, access, create, now).await
    }

    async fn service(&mut self, state: &State, create: Create) -> Result<Principal> {
        let now = state.clock.now();
        let created = principals::create(&state.store, self.system(), create, now).await?;
        let credentials = (created.principal.client_id.clone(), created.secret);
        self.services.push(credentials);
        Ok(created.principal)
    }

    async fn retired(&self, state: &State, create: Create) -> Result<Principal> {
        let now = state.clock.now();
        let created = principals::create(&state.store, self.system(), create, now).await?;
        let standing = (created.principal.name.clone(), Standing::Disabled);
        let access = Arc::new(self.system());
        principals::set_standing(&state.store, access, standing, now).await?;
        Ok(created.principal)
    }

    /// Somebody in a request of their own.
    pub(super) fn access(&mut self, name: &str, state: &State) -> Result<Arc<Access>> {
        let (actor, role) = self
            .all
            .get(name)
            .ok_or_else(|| Error::internal(format!("{name} does not work there")))?;
        let request_id = self.requests.ulid(state.clock.now());
        Ok(Arc::new(Access {
            actor: Actor {
                request_id,
                ..actor.clone()
            },
            project: self.project.clone(),
            roles: vec![(Scope::Project(self.project.id.clone()), *role)],
        }))
    }

    /// Lets every service sign in, so that it is seen when it did.
    pub(super) async fn sign_in(&self, state: &State) -> Result<()> {
        for (client_id, secret) in &self.services {
            let from = Ipv4Addr::LOCALHOST.into();
            sign_in::exchange(state, from, client_id.clone(), secret.reveal()).await?;
        }
        Ok(())
    }

    /// Makes the person who looks at the demo, with the role admin on everything, and gives their password.
    pub(super) async fn visitor(&self, state: &State) -> Result<Secret> {
        let create = Create {
            name: VISITOR.to_owned(),
            project_id: None,
            scope: Scope::Organization(self.project.organization_id.clone()),
            role: Role::Admin,
        };
        let (_, link) = self.invite(state, create).await?;
        let password = Secret::for_demo().map_err(Error::internal)?;
        let choice = Choice {
            name: String::new(),
            password: password.clone(),
        };
        let origin = Origin::new(None, String::new());
        let begun = people::accept(state, link.reveal(), choice, origin).await?;
        people::sign_out(state, &begun.token).await?;
        Ok(password)
    }
}

fn actor(principal: &Principal) -> Actor {
    Actor {
        kind: principal.kind.clone(),
        id: principal.id.clone(),
        name: principal.name.clone(),
        request_id: String::new(),
    }
}
