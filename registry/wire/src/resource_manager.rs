//! Organizations and projects.

use serde::{Deserialize, Serialize};

use crate::pagination::PaginationResponse;
use crate::time::Timestamp;

string_enum! {
    /// The state of an organization.
    pub enum OrganizationState {
        /// Not known.
        #[default]
        Unknown = "UNKNOWN",
        /// In use.
        Active = "ACTIVE",
        /// About to be removed.
        PendingDelete = "PENDING_DELETE",
    }
}

string_enum! {
    /// The state of a project.
    pub enum ProjectState {
        /// Not known.
        #[default]
        Unknown = "UNKNOWN",
        /// In use.
        Active = "ACTIVE",
        /// Being removed.
        Deleting = "DELETING",
        /// Removed.
        Deleted = "DELETED",
    }
}

string_enum! {
    /// The type of a resource.
    pub enum ResourceType {
        /// Not known.
        #[default]
        Unknown = "UNKNOWN",
        /// An organization.
        Organization = "ORGANIZATION",
        /// A project.
        Project = "PROJECT",
    }
}

/// An organization.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Organization {
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// UUID of the organization.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Who owns it.
    pub owner: Option<OrganizationOwner>,
    /// Its state.
    pub state: OrganizationState,
    /// Always false here.
    pub tfc_synced: bool,
}

/// The owner of an organization.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrganizationOwner {
    /// Id of the user.
    pub user: String,
}

/// Answer to a read of an organization.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrganizationGetResponse {
    /// The organization.
    pub organization: Option<Organization>,
}

/// Answer to a list of organizations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrganizationListResponse {
    /// The organizations that the caller may see.
    pub organizations: Vec<Organization>,
    /// Tokens of the neighbouring pages.
    pub pagination: Option<PaginationResponse>,
}

/// A project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Project {
    /// When it was created; clients pick the oldest.
    pub created_at: Option<Timestamp>,
    /// Free text.
    pub description: String,
    /// UUID of the project.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its organization; clients crash when it is null.
    pub parent: Option<ResourceID>,
    /// Its state.
    pub state: ProjectState,
}

/// The id and type of a resource.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResourceID {
    /// UUID of the resource.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: ResourceType,
}

/// Answer to a read of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProjectGetResponse {
    /// The project.
    pub project: Option<Project>,
}

/// Answer to a list of projects.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProjectListResponse {
    /// Tokens of the neighbouring pages.
    pub pagination: Option<PaginationResponse>,
    /// The projects that the caller may see.
    pub projects: Vec<Project>,
}
