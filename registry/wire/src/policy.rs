//! IAM policies: who has which role on a resource.

use serde::{Deserialize, Serialize};

use crate::sparse::null_default;

string_enum! {
    /// What a member of a binding is.
    pub enum MemberType {
        /// Not said.
        #[default]
        Unset = "UNSET",
        /// A person.
        User = "USER",
        /// A group.
        Group = "GROUP",
        /// A service principal.
        ServicePrincipal = "SERVICE_PRINCIPAL",
    }
}

/// Who has which role. It is sent and answered in the same form; `null` reads as empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// A role and who has it, each.
    #[serde(deserialize_with = "null_default")]
    pub bindings: Vec<PolicyBinding>,
    /// Changes with every write; empty in a request that does not care what was there before.
    #[serde(deserialize_with = "null_default")]
    pub etag: String,
}

/// A role and who has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PolicyBinding {
    /// Who.
    #[serde(deserialize_with = "null_default")]
    pub members: Vec<PolicyBindingMember>,
    /// `roles/viewer`, `roles/builder`, `roles/contributor` or `roles/admin`.
    #[serde(deserialize_with = "null_default")]
    pub role_id: String,
}

/// Somebody who has a role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PolicyBindingMember {
    /// Id of the principal.
    #[serde(deserialize_with = "null_default")]
    pub member_id: String,
    /// What it is.
    #[serde(deserialize_with = "null_default")]
    pub member_type: MemberType,
}

/// Answer to a read of a policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResourceGetIamPolicyResponse {
    /// The policy; clients crash when it is null.
    pub policy: Option<Policy>,
}

body! {
    /// Body of the request that writes a policy.
    pub struct ResourceSetIamPolicyRequest {
        /// The policy.
        pub policy: Option<Policy>,
        /// Id of the resource; it is named by its name here.
        pub resource_id: String,
        /// `packer/project/<project>/bucket/<bucket>`.
        pub resource_name: String,
    }
}

/// Answer to the write of a policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResourceSetIamPolicyResponse {
    /// The policy as it is now.
    pub policy: Option<Policy>,
}
