//! Where an object lives: organization, project and (unused here) region.

use serde::{Deserialize, Serialize};

/// The organization and project that an object belongs to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Location {
    /// UUID of the organization.
    pub organization_id: String,
    /// UUID of the project.
    pub project_id: String,
    /// Cloud region; this registry has none.
    pub region: Option<Region>,
}

/// A cloud region.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Region {
    /// Name of the cloud provider.
    pub provider: String,
    /// Name of the region.
    pub region: String,
}

/// A pointer to an object of some service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Link {
    /// Free text.
    pub description: String,
    /// Id of the object.
    pub id: String,
    /// Where the object lives.
    pub location: Option<Location>,
    /// Type of the object.
    #[serde(rename = "type")]
    pub kind: String,
    /// UUID of the object.
    pub uuid: String,
}
