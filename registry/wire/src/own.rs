//! `/api/v1`: what the protocol of HCP Packer has no room for. The commands of the server print the same.

mod board;
mod resolve;

use serde::{Deserialize, Serialize};

pub use board::{
    BoardBucket, BoardCounts, BoardList, BoardPage, BoardPageKind, BoardParent, BoardPlace,
    BoardReason, BoardState, BucketFreshness, ChannelFreshness, ProjectFreshness, ReasonKind,
    SetBucketFreshnessBody, SetChannelFreshnessBody, SetProjectFreshnessBody,
};
pub use resolve::{
    Available, LastMatch, Match, ResolveAmbiguous, ResolveMiss, ResolveRevoked, Resolved,
    ResolvedVersion, VersionName,
};

use crate::{sbom::Sbom, time::Timestamp};

string_enum! {
    /// What a principal is somewhere. Each contains the ones before it.
    pub enum RoleName {
        /// Reads.
        #[default]
        Viewer = "viewer",
        /// Also records; meant for CI.
        Builder = "builder",
        /// Also decides what is used.
        Contributor = "contributor",
        /// Also manages principals and deletes buckets.
        Admin = "admin",
    }
}

string_enum! {
    /// What a role is given on.
    pub enum ScopeKind {
        /// A whole organization.
        Organization = "organization",
        /// One project.
        #[default]
        Project = "project",
        /// One bucket; such a role is given in the bucket's policy.
        Bucket = "bucket",
    }
}

string_enum! {
    /// Whose principal it is.
    pub enum PrincipalKind {
        /// A machine.
        #[default]
        Service = "service",
        /// A person.
        User = "user",
    }
}

/// The id and the name of something.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A role that was given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GivenRole {
    /// On what kind of thing.
    pub scope: ScopeKind,
    /// The id of that.
    pub id: String,
    /// The name of that; empty when it is gone.
    pub name: String,
    /// The role.
    pub role: RoleName,
}

/// A secret as far as it is kept: never the secret itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Secret {
    /// Its id.
    pub id: String,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it ends, if it does.
    pub expires_at: Option<Timestamp>,
    /// When it was used last, if it ever was.
    pub last_used_at: Option<Timestamp>,
    /// Whether it can be used now.
    pub live: bool,
}

/// Who may sign in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Principal {
    /// Its id.
    pub id: String,
    /// Unique in the organization.
    pub name: String,
    /// Whose it is.
    pub kind: PrincipalKind,
    /// What it signs in with, beside a secret.
    pub client_id: String,
    /// The project that it is bound to, if it is bound to one.
    pub project_id: Option<String>,
    /// Whether it is shut out.
    pub disabled: bool,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// When it signed in last, if it ever did.
    pub last_used_at: Option<Timestamp>,
    /// Its roles.
    pub roles: Vec<GivenRole>,
    /// Its secrets, the oldest first.
    pub secrets: Vec<Secret>,
}

/// Answer to a read or a change of a principal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PrincipalAnswer {
    /// The principal.
    pub principal: Principal,
}

/// Answer to what makes a secret. Nobody will see it again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NewSecret {
    /// Whose it is; the new secret is the last of its secrets.
    pub principal: Principal,
    /// What it signs in with.
    pub client_id: String,
    /// The secret.
    pub client_secret: String,
}

/// Answer to a list of principals.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PrincipalList {
    /// The principals, by name.
    pub principals: Vec<Principal>,
    /// Token of the next page, or empty.
    pub next_page_token: String,
}

/// What a principal is to be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CreatePrincipalBody {
    /// Unique in the organization.
    pub name: String,
    /// What its role is given on, project or organization; one with a role on a project is bound to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<ScopeKind>,
    /// The project, by name or id, when its scope is a project; the caller's only one if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Its role; builder if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleName>,
    /// After how long its first secret ends, such as `90d`; never if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<String>,
}

/// What is to change of a principal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChangePrincipalBody {
    /// Whether it is shut out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
}

/// How a secret is to be made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RotateBody {
    /// Whether the old secret ends at once; it lasts another day if not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<bool>,
    /// After how long the new secret ends, such as `90d`; never if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<String>,
}

/// A role to give.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GrantBody {
    /// On what kind of thing, project or organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<ScopeKind>,
    /// The project, by name or id, when the scope is a project; the principal's own if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleName>,
}

/// An organization.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Organization {
    /// UUID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it was created.
    pub created_at: Option<Timestamp>,
}

/// Answer to a list of organizations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrganizationList {
    /// The organizations, by name.
    pub organizations: Vec<Organization>,
}

/// A project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Project {
    /// UUID.
    pub id: String,
    /// Unique in its organization.
    pub name: String,
    /// Its organization.
    pub organization_id: String,
    /// Free text.
    pub description: String,
    /// When it was created.
    pub created_at: Option<Timestamp>,
}

/// Answer to a create of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProjectAnswer {
    /// The project.
    pub project: Project,
}

/// Answer to a list of projects.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProjectList {
    /// The projects, by name.
    pub projects: Vec<Project>,
    /// Token of the next page, or empty.
    pub next_page_token: String,
}

/// What a project is to be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CreateProjectBody {
    /// Unique in the organization.
    pub name: String,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Answer to a delete.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Deleted {}

/// Who the caller is, where it is, and what it may do there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WhoAmI {
    /// The caller.
    pub principal: Caller,
    /// Its organization.
    pub organization: Named,
    /// Its roles.
    pub roles: Vec<GivenRole>,
    /// The projects that it reaches, by name.
    pub projects: Vec<Reach>,
}

/// The caller.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Caller {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub kind: PrincipalKind,
    /// What it signed in with.
    pub client_id: String,
    /// The project that it is bound to, if it is bound to one.
    pub project_id: Option<String>,
}

/// What the caller may do in a project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reach {
    /// UUID of the project.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The role in the whole project; none when it reaches single buckets only.
    pub role: Option<RoleName>,
    /// What that role may do: `read`, `record`, `see_restricted`, `decide`, `administer`.
    pub may: Vec<String>,
}

/// Something that happened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Event {
    /// Its place in the log.
    pub sequence: i64,
    /// Its id.
    pub id: String,
    /// When.
    pub at: Option<Timestamp>,
    /// What happened, such as `channel.assigned`.
    pub action: String,
    /// Who did it.
    pub actor: Actor,
    /// The request in which it happened, or empty.
    pub request_id: String,
    /// The project, or empty when it is about the organization.
    pub project_id: String,
    /// The bucket, or empty.
    pub bucket_id: String,
    /// The bucket's revision, or 0.
    pub revision: i64,
    /// What it happened to.
    pub resource: EventResource,
    /// Canonical JSON (RFC 8785) of what the resource is now, as the text that was digested.
    pub payload: String,
    /// SHA-256 of the payload, in hex.
    pub digest: String,
}

/// Who did something.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Actor {
    /// `service`, `user`, or `system` for the registry itself.
    pub kind: String,
    /// The principal's id, or empty.
    pub id: String,
    /// The principal's name.
    pub name: String,
}

/// What something happened to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EventResource {
    /// Its kind, such as `channel`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Its name at that time.
    pub name: String,
}

/// Answer to a list of events.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EventList {
    /// The events.
    pub events: Vec<Event>,
    /// Token of the next page, or empty.
    pub next_page_token: String,
}

/// A package, and where it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PackageUse {
    /// Its name.
    pub name: String,
    /// Its version, or empty.
    pub version: String,
    /// Its address across ecosystems, or empty.
    pub purl: String,
    /// Name of the bucket.
    pub bucket_name: String,
    /// Fingerprint of the version of the bucket.
    pub version_fingerprint: String,
    /// Name of that version; `v0` until it is complete.
    pub version_name: String,
    /// ULID of the build of the version.
    pub build_id: String,
    /// What that builds.
    pub component_type: String,
    /// The SBOM of the build.
    pub sbom: Sbom,
}

/// Where packages are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PackageList {
    /// The uses on this page.
    pub packages: Vec<PackageUse>,
    /// Where to go on; empty at the end.
    pub next_page_token: String,
}
