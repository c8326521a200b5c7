//! Principals: who the caller is, and who others are.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

string_enum! {
    /// The type of a principal.
    pub enum PrincipalType {
        /// Not known.
        #[default]
        Unspecified = "PRINCIPAL_TYPE_UNSPECIFIED",
        /// A person.
        User = "PRINCIPAL_TYPE_USER",
        /// A service principal.
        Service = "PRINCIPAL_TYPE_SERVICE",
        /// A group.
        Group = "PRINCIPAL_TYPE_GROUP",
        /// An operator of the service.
        InternalOperator = "PRINCIPAL_TYPE_INTERNAL_OPERATOR",
    }
}

string_enum! {
    /// How a user proves who they are.
    pub enum IdentityType {
        /// Not known.
        #[default]
        Unset = "UNSET",
        /// GitHub.
        SocialGithub = "SOCIAL_GITHUB",
        /// Address and password.
        EmailPassword = "EMAIL_PASSWORD",
        /// SAML.
        Samlp = "SAMLP",
        /// The operator's own sign-on.
        HashicorpSso = "HASHICORP_SSO",
    }
}

/// Whoever may call the registry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Principal {
    /// Set when it is a group.
    pub group: Option<Group>,
    /// Groups it belongs to.
    pub group_ids: Vec<String>,
    /// Its id.
    pub id: String,
    /// Set when it is a service principal.
    pub service: Option<ServicePrincipal>,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: PrincipalType,
    /// Set when it is a person.
    pub user: Option<UserPrincipal>,
}

/// A group of principals.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Group {
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// Free text.
    pub description: String,
    /// Name shown to people.
    pub display_name: String,
    /// Number of members.
    pub member_count: i32,
    /// Id of the group.
    pub resource_id: String,
    /// Resource name of the group.
    pub resource_name: String,
    /// Whether a directory maintains it.
    pub scim_synchronized: bool,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
}

/// An account for programs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServicePrincipal {
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// Its id.
    pub id: String,
    /// What maintains it, or empty.
    pub managed_by: String,
    /// Its name.
    pub name: String,
    /// UUID of its organization.
    pub organization_id: String,
    /// UUID of its project; empty when it belongs to the organization.
    pub project_id: String,
    /// `iam/project/<project>/service-principal/<name>`.
    pub resource_name: String,
}

/// A person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UserPrincipal {
    /// Address.
    pub email: String,
    /// Name.
    pub full_name: String,
    /// Id of the user.
    pub id: String,
    /// How they proved who they are.
    pub identity_type: IdentityType,
    /// All ways that they may use.
    pub identity_types: Vec<IdentityType>,
    /// Whether a directory maintains the account.
    pub scim_synchronized: bool,
    /// Subject of the identity provider.
    pub subject: String,
    /// Always null here.
    pub tfc_synchronized_at: Option<Timestamp>,
}

/// Answer to the question who the caller is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GetCallerIdentityResponse {
    /// The caller.
    pub principal: Option<Principal>,
}

string_enum! {
    /// How much of principals is wanted.
    pub enum PrincipalView {
        /// Not said.
        #[default]
        Unspecified = "PRINCIPAL_VIEW_UNSPECIFIED",
        /// Who they are.
        Basic = "PRINCIPAL_VIEW_BASIC",
        /// Also their groups.
        Full = "PRINCIPAL_VIEW_FULL",
    }
}

/// Answer to the look-up of principals.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BatchGetPrincipalsResponse {
    /// Those that exist.
    pub principals: Vec<Principal>,
}
