//! Run tasks: checks that Terraform runs ask the registry for.

use serde::{Deserialize, Serialize};

use crate::location::Region;

string_enum! {
    /// What a run task does about an image that no bucket knows.
    pub enum RunTaskBehaviour {
        /// Not set; reads as a warning.
        #[default]
        Unset = "UNSET",
        /// Fails the run.
        Fail = "FAIL",
        /// Warns.
        Warn = "WARN",
    }
}

/// Settings of a registry's run task, as the registry shows them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegistryTFCRunTaskConfig {
    /// Id inside the address of the run task.
    pub api_id: String,
    /// Key of the signature; masked or empty here.
    pub hmac_key: String,
    /// What happens to images that no bucket knows.
    pub on_untracked_image: RunTaskBehaviour,
}

/// Answer to a read of the run task's address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GetRegistryTFCRunTaskAPIResponse {
    /// Absolute address to give to Terraform.
    pub api_url: String,
    /// Key of the signature.
    pub hmac_key: String,
}

body! {
    /// Body of the request for a new key.
    pub struct RegenerateTFCRunTaskHmacKeyBody {
        /// Region; this registry has none.
        pub location: Option<RegenerateTFCRunTaskHmacKeyLocation>,
    }
}

body! {
    /// The region inside the request for a new key.
    pub struct RegenerateTFCRunTaskHmacKeyLocation {
        /// Cloud region.
        pub region: Option<Region>,
    }
}

/// Answer to the request for a new key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegenerateTFCRunTaskHmacKeyResponse {
    /// The new key.
    pub hmac_key: String,
}

/// Answer to a read of the run task's settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GetRunTaskConfigResponse {
    /// What happens to images that no bucket knows.
    pub on_untracked_image: RunTaskBehaviour,
}

body! {
    /// Body of the request that changes the run task's settings.
    pub struct UpdateRunTaskConfigBody {
        /// What shall happen to images that no bucket knows.
        pub on_untracked_image: Option<RunTaskBehaviour>,
    }
}

/// Answer to the update of the run task's settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateRunTaskConfigResponse {
    /// What happens to images that no bucket knows.
    pub on_untracked_image: RunTaskBehaviour,
}
