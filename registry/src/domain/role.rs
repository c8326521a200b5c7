//! Who may do what.

mod table;

use serde::Serialize;

pub use table::{Needs, OPERATIONS};

use crate::error::{Error, Result};

/// What a principal is in an organization, a project or a bucket. Each contains the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads all but restricted channels and secrets.
    Viewer,
    /// Also records: buckets, versions, builds. Meant for CI.
    Builder,
    /// Also decides: channels, assignment, revocation, deletes. Sees restricted channels.
    Contributor,
    /// Also deletes buckets and runs the registry and its principals.
    Admin,
}

impl Role {
    /// As it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Builder => "builder",
            Self::Contributor => "contributor",
            Self::Admin => "admin",
        }
    }
}

impl TryFrom<String> for Role {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        [Self::Viewer, Self::Builder, Self::Contributor, Self::Admin]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| Error::invalid("role", "must be viewer, builder, contributor or admin"))
    }
}

/// What is done to something that a role can allow or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Read what everybody of the project may read.
    Read,
    /// See restricted channels: their names, what they hold, their history.
    SeeRestricted,
    /// Record what was built: create and update buckets, versions and builds.
    Record,
    /// Decide what is used: channels, assignment, revocation, restore, deletes of versions and builds.
    Decide,
    /// Delete buckets, change the registry, manage principals.
    Administer,
}

impl Action {
    /// The least role that may do it.
    pub const fn needs(self) -> Role {
        match self {
            Self::Read => Role::Viewer,
            Self::Record => Role::Builder,
            Self::SeeRestricted | Self::Decide => Role::Contributor,
            Self::Administer => Role::Admin,
        }
    }

    /// Refuses when `role` does not reach; the message names the role that is missing.
    pub fn check(self, role: Option<Role>) -> Result<()> {
        let needed = self.needs();
        if role.is_some_and(|role| role >= needed) {
            return Ok(());
        }
        let what = match self {
            Self::Read => "read here",
            Self::SeeRestricted => "see a restricted channel",
            Self::Record => "record buckets, versions and builds",
            Self::Decide => "change channels, revoke or delete",
            Self::Administer => "administer this",
        };
        let has = role.map_or("none", Role::as_str);
        let needed = needed.as_str();
        Err(Error::Forbidden(format!(
            "permission denied: to {what} takes the role {needed}, the caller has {has}; an admin can grant it"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_contains_the_ones_below_it() {
        assert!(Action::Read.check(Some(Role::Admin)).is_ok());
        assert!(Action::Record.check(Some(Role::Builder)).is_ok());
        assert!(Action::Decide.check(Some(Role::Builder)).is_err());
        assert!(Action::SeeRestricted.check(Some(Role::Viewer)).is_err());
        assert!(Action::Read.check(None).is_err());
    }
}
