//! The registry of a project: activation and tier.

use serde::{Deserialize, Serialize};

use crate::location::Location;
use crate::operation::Operation;
use crate::run_task::RegistryTFCRunTaskConfig;
use crate::time::Timestamp;

string_enum! {
    /// The feature tier of a registry.
    pub enum Tier {
        /// Not set.
        #[default]
        Unset = "UNSET",
        /// Standard.
        Standard = "STANDARD",
        /// Everything.
        Plus = "PLUS",
    }
}

string_enum! {
    /// Why a registry was switched off.
    pub enum DeprovisionReason {
        /// The account is overdue.
        #[default]
        DelinquentBillingAccount = "DELINQUENT_BILLING_ACCOUNT",
        /// A user asked for it.
        UserRequest = "USER_REQUEST",
        /// An administrator asked for it.
        HashiAdminRequest = "HASHI_ADMIN_REQUEST",
        /// The account is closed.
        DeprovisionedBillingAccount = "DEPROVISIONED_BILLING_ACCOUNT",
    }
}

/// The registry of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Registry {
    /// Its configuration.
    pub config: Option<RegistryConfig>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// ULID of the registry.
    pub id: String,
    /// Organization and project.
    pub location: Option<Location>,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
}

/// The configuration of a registry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegistryConfig {
    /// Whether it accepts work.
    pub activated: bool,
    /// Why it was switched off, if it was.
    pub billing_deprovision: Option<RegistryBillingDeprovision>,
    /// Its tier.
    pub feature_tier: Tier,
    /// Settings of its run task.
    pub tfc_run_task_config: Option<RegistryTFCRunTaskConfig>,
}

/// Why and when a registry was switched off.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegistryBillingDeprovision {
    /// When it was switched off.
    pub at: Option<Timestamp>,
    /// Free text.
    pub message: String,
    /// Why.
    pub reason: DeprovisionReason,
}

body! {
    /// Body of the request that creates a registry.
    pub struct CreateRegistryBody {
        /// Its tier.
        pub feature_tier: Option<Tier>,
    }
}

/// Answer to the creation of a registry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CreateRegistryResponse {
    /// The finished operation.
    pub operation: Option<Operation>,
    /// The registry.
    pub registry: Option<Registry>,
}

/// Answer to a read of a registry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GetRegistryResponse {
    /// The registry.
    pub registry: Option<Registry>,
}

body! {
    /// Body of the request that changes a registry; the mask says what counts.
    pub struct UpdateRegistryBody {
        /// New activation, if in the mask.
        pub activated: bool,
        /// New tier, if in the mask.
        pub feature_tier: Option<Tier>,
        /// Comma-separated fields, `activated` and `featureTier`.
        pub update_mask: Option<String>,
    }
}

/// Answer to the update of a registry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateRegistryResponse {
    /// The finished operation.
    pub operation: Option<Operation>,
    /// The registry after the update.
    pub registry: Option<Registry>,
}

/// Answer to the removal of a registry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeleteRegistryResponse {
    /// The finished operation.
    pub operation: Option<Operation>,
    /// The registry as it was.
    pub registry: Option<Registry>,
}
