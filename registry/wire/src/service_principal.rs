//! Accounts for programs, made and deleted by name.

use serde::{Deserialize, Serialize};

use crate::iam::ServicePrincipal;
use crate::time::Timestamp;

string_enum! {
    /// The state of a key.
    pub enum KeyState {
        /// Not known.
        #[default]
        Unset = "UNSET",
        /// Being made.
        Creating = "CREATING",
        /// In use.
        Active = "ACTIVE",
        /// Being deleted.
        Deleting = "DELETING",
    }
}

/// What a service principal signs in with, without the secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServicePrincipalKey {
    /// The client id.
    pub client_id: String,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// The principal's resource name, then `key` and the id of the key.
    pub resource_name: String,
    /// Its state.
    pub state: KeyState,
}

body! {
    /// Body of the request that creates a service principal.
    pub struct CreateServicePrincipalBody {
        /// Its name.
        pub name: String,
    }
}

/// Answer to the creation of a service principal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CreateServicePrincipalResponse {
    /// The service principal.
    pub service_principal: Option<ServicePrincipal>,
}

/// Answer to a read of a service principal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GetServicePrincipalResponse {
    /// What it signs in with.
    pub keys: Vec<ServicePrincipalKey>,
    /// The service principal.
    pub service_principal: Option<ServicePrincipal>,
}

/// Answer to the deletion of a service principal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteServicePrincipalResponse {}
