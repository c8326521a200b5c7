//! Who does something, and what they may do in a project.

use crate::{
    domain::role::{Action, Role},
    error::Result,
    store::{
        Conn,
        channels::Channel,
        organizations::{self, Project},
        principals::Scope,
    },
};

/// Who does something, as the event log names them.
#[derive(Debug, Clone)]
pub struct Actor {
    /// `service`, `user` or `system`.
    pub kind: String,
    /// The principal's id; empty for the registry itself.
    pub id: String,
    /// The principal's name.
    pub name: String,
    /// The request in which it happens; empty when there is none.
    pub request_id: String,
}

impl Actor {
    /// The registry itself, in its jobs and at its first start.
    pub fn system() -> Self {
        Self {
            kind: "system".into(),
            id: String::new(),
            name: crate::domain::channel::SERVICE_AUTHOR.into(),
            request_id: String::new(),
        }
    }
}

/// Somebody in a project of their organization, with the roles that they have there.
#[derive(Debug, Clone)]
pub struct Access {
    /// Who.
    pub actor: Actor,
    /// Where.
    pub project: Project,
    /// All roles of the principal.
    pub roles: Vec<(Scope, Role)>,
}

impl Access {
    /// The registry itself in a project: it may do everything.
    pub fn system(project: Project) -> Self {
        let roles = vec![(
            Scope::Organization(project.organization_id.clone()),
            Role::Admin,
        )];
        Self {
            actor: Actor::system(),
            project,
            roles,
        }
    }

    /// [`Access::system`] by the project's id; `None` when the project is gone.
    pub(super) fn of_system(conn: &mut Conn, project_id: &str) -> Result<Option<Self>> {
        Ok(organizations::project(conn, project_id)?.map(Self::system))
    }

    /// The highest role over organization, project and, if one is meant, bucket.
    pub fn role(&self, bucket_id: Option<&str>) -> Option<Role> {
        self.highest(|scope| match scope {
            Scope::Organization(id) => *id == self.project.organization_id,
            Scope::Project(id) => *id == self.project.id,
            Scope::Bucket(id) => bucket_id == Some(id),
        })
    }

    /// The highest role over the organization and a project of it.
    pub fn role_in(&self, project_id: &str) -> Option<Role> {
        self.highest(|scope| match scope {
            Scope::Organization(id) => *id == self.project.organization_id,
            Scope::Project(id) => id == project_id,
            Scope::Bucket(_) => false,
        })
    }

    /// The role on the whole organization.
    pub fn organization_role(&self) -> Option<Role> {
        let id = &self.project.organization_id;
        self.highest(|scope| matches!(scope, Scope::Organization(of) if of == id))
    }

    /// The highest of the roles on what counts.
    fn highest(&self, counts: impl Fn(&Scope) -> bool) -> Option<Role> {
        let roles = self.roles.iter().filter(|(scope, _)| counts(scope));
        roles.map(|(_, role)| *role).max()
    }

    /// Refuses what the role does not reach.
    ///
    /// # Errors
    /// [`crate::error::Error::Forbidden`], naming the role that is missing.
    pub fn check(&self, action: Action, bucket_id: Option<&str>) -> Result<()> {
        action.check(self.role(bucket_id))
    }

    /// Whether any role is on a bucket, so that buckets are not all alike.
    pub fn has_bucket_roles(&self) -> bool {
        let mut scopes = self.roles.iter().map(|(scope, _)| scope);
        scopes.any(|scope| matches!(scope, Scope::Bucket(_)))
    }

    /// Whether a channel is shown.
    pub fn sees(&self, channel: &Channel) -> bool {
        !channel.restricted || self.sees_restricted(&channel.bucket_id)
    }

    /// Whether restricted channels of a bucket are shown.
    pub fn sees_restricted(&self, bucket_id: &str) -> bool {
        self.check(Action::SeeRestricted, Some(bucket_id)).is_ok()
    }
}
