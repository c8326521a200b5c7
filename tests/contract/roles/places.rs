//! Callers of every role and from every place.

use std::{collections::HashMap, sync::Arc};

use touchmark_registry::{
    domain::role::Role,
    ops::{Access, organizations, principals, projects},
    store::{organizations::Project, principals::Scope},
};
use touchmark_tests::{Client, TestServer};

/// All roles.
pub(super) const ROLES: [Role; 4] = [Role::Viewer, Role::Builder, Role::Contributor, Role::Admin];

/// Callers that serve in any world.
pub(super) struct Places {
    of_organization: HashMap<&'static str, Client>,
    of_project: HashMap<&'static str, Client>,
    /// An admin of another project of the same organization.
    pub(super) neighbour: Client,
    /// The admin of another organization.
    pub(super) foreigner: Client,
}

impl Places {
    pub(super) async fn make(server: &TestServer) -> Self {
        let (mut of_organization, mut of_project) = (HashMap::new(), HashMap::new());
        let organization = || Scope::Organization(server.project.organization_id.clone());
        let project = || Scope::Project(server.project.id.clone());
        for role in ROLES {
            let name = format!("organization-{}", role.as_str());
            let client = server.principal(&name, organization(), role).await;
            of_organization.insert(role.as_str(), client);
            let name = format!("project-{}", role.as_str());
            let client = server.principal(&name, project(), role).await;
            of_project.insert(role.as_str(), client);
        }
        let now = server.clock.now();
        let store = &server.state.store;
        let access = Arc::new(Access::system(server.project.clone()));
        let create = projects::Create {
            name: "next-door".into(),
            description: String::new(),
        };
        let next = projects::create(store, access, create, now).await;
        let next = next.expect("a project");
        let scope = Scope::Project(next.id.clone());
        let neighbour = admin(server, &next, scope).await;
        let other = organizations::create(store, "elsewhere".into(), now).await;
        let (_, far) = other.expect("an organization");
        let scope = Scope::Organization(far.organization_id.clone());
        let foreigner = admin(server, &far, scope).await;
        Self {
            of_organization,
            of_project,
            neighbour,
            foreigner,
        }
    }

    /// Somebody with this role on the organization.
    pub(super) fn organization(&self, role: Role) -> Client {
        self.of_organization[role.as_str()].clone()
    }

    /// Somebody with this role on the project.
    pub(super) fn project(&self, role: Role) -> Client {
        self.of_project[role.as_str()].clone()
    }
}

/// An admin from elsewhere; the paths of calls name the first project all the same.
async fn admin(server: &TestServer, project: &Project, scope: Scope) -> Client {
    let create = principals::Create {
        name: format!("{}-admin", project.name),
        project_id: Some(project.id.clone()),
        scope,
        role: Role::Admin,
    };
    let access = Access::system(project.clone());
    let now = server.clock.now();
    let created = principals::create(&server.state.store, access, create, now).await;
    let created = created.expect("a principal");
    let secret = created.secret.reveal().to_owned();
    server.build(|builder| builder.credentials(created.principal.client_id, secret))
}
