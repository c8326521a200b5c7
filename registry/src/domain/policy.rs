//! IAM policies of buckets: what they may say, and which roles follow from them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use touchmark_wire::policy::MemberType;

use super::{limit, role::Role};
use crate::error::{Error, Result};

/// With what the name of a role begins.
const PREFIX: &str = "roles/";

/// A role and who has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// `roles/` and the role.
    pub role_id: String,
    /// Who has it.
    pub members: Vec<Member>,
}

/// Somebody who has a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Id of the principal.
    pub member_id: String,
    /// What it is said to be.
    pub member_type: MemberType,
}

impl Member {
    /// Whether a principal of this kind (`service` or `user`) can be what the member is said to be.
    pub fn fits(&self, kind: &str) -> bool {
        match self.member_type {
            MemberType::Unset => true,
            MemberType::User => kind == "user",
            MemberType::ServicePrincipal => kind == "service",
            MemberType::Group => false,
        }
    }
}

/// The bindings of a policy, as they were sent; JSON in the database.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Bindings(pub Vec<Binding>);

impl TryFrom<String> for Bindings {
    type Error = serde_json::Error;

    fn try_from(json: String) -> Result<Self, serde_json::Error> {
        serde_json::from_str(&json).map(Self)
    }
}

impl Bindings {
    /// As JSON, which is how they are stored.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string(&self.0).map_err(Error::internal)
    }

    /// Everybody who is named, as often as they are.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.0.iter().flat_map(|binding| &binding.members)
    }

    /// The role of each member; of several the highest.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a role that does not exist, or when there are too many bindings or members.
    pub fn roles(&self) -> Result<BTreeMap<String, Role>> {
        let field = "body.policy.bindings";
        if self.0.len() > limit::POLICY_BINDINGS {
            let problem = format!("must be at most {} bindings", limit::POLICY_BINDINGS);
            return Err(Error::invalid(field, problem));
        }
        if self.members().count() > limit::POLICY_MEMBERS {
            let problem = format!("must have at most {} members", limit::POLICY_MEMBERS);
            return Err(Error::invalid(field, problem));
        }
        let mut roles = BTreeMap::new();
        for (index, binding) in self.0.iter().enumerate() {
            let role = role(&binding.role_id).ok_or_else(|| {
                Error::invalid(
                    format!("{field}[{index}].role_id"),
                    "must be roles/viewer, roles/builder, roles/contributor or roles/admin",
                )
            })?;
            for member in &binding.members {
                let highest = roles.entry(member.member_id.clone()).or_insert(role);
                *highest = role.max(*highest);
            }
        }
        Ok(roles)
    }

    /// Leaves those out who are not known any more, and bindings of which nobody is left.
    #[must_use]
    pub fn only(self, known: impl Fn(&str) -> bool) -> Self {
        let keep = |mut binding: Binding| {
            let before = binding.members.len();
            binding.members.retain(|member| known(&member.member_id));
            (before == 0 || !binding.members.is_empty()).then_some(binding)
        };
        Self(self.0.into_iter().filter_map(keep).collect())
    }
}

fn role(id: &str) -> Option<Role> {
    Role::try_from(id.strip_prefix(PREFIX)?.to_owned()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binding(role_id: &str, members: &[&str]) -> Binding {
        let member = |id: &&str| Member {
            member_id: (*id).to_owned(),
            member_type: MemberType::ServicePrincipal,
        };
        Binding {
            role_id: role_id.to_owned(),
            members: members.iter().map(member).collect(),
        }
    }

    #[test]
    fn the_highest_of_several_roles_counts() {
        let bindings = Bindings(vec![
            binding("roles/contributor", &["a", "b"]),
            binding("roles/viewer", &["a"]),
            binding("roles/admin", &["b"]),
        ]);
        let expected = [("a", Role::Contributor), ("b", Role::Admin)];
        let expected = expected.map(|(id, role)| (id.to_owned(), role));
        assert_eq!(bindings.roles().unwrap(), BTreeMap::from(expected));
    }

    #[test]
    fn only_known_roles_are_given() {
        for role in ["", "roles/", "viewer", "roles/owner", "roles/Viewer"] {
            assert!(
                Bindings(vec![binding(role, &["a"])]).roles().is_err(),
                "{role}"
            );
        }
    }

    #[test]
    fn bindings_and_members_have_limits() {
        let many = |bindings: usize, members: usize| {
            let members = vec!["a"; members];
            Bindings(vec![binding("roles/viewer", &members); bindings])
        };
        assert!(many(100, 10).roles().is_ok());
        assert!(many(101, 0).roles().is_err());
        assert!(many(1, 1_001).roles().is_err());
        assert!(many(100, 11).roles().is_err());
    }

    #[test]
    fn a_member_is_what_it_is_said_to_be() {
        let fits = |member_type, kind| {
            let member_id = String::new();
            let member = Member {
                member_id,
                member_type,
            };
            member.fits(kind)
        };
        assert!(fits(MemberType::Unset, "user") && fits(MemberType::Unset, "service"));
        assert!(fits(MemberType::User, "user") && !fits(MemberType::User, "service"));
        assert!(fits(MemberType::ServicePrincipal, "service"));
        assert!(!fits(MemberType::Group, "user") && !fits(MemberType::Group, "service"));
    }

    #[test]
    fn those_who_are_gone_are_left_out() {
        let bindings = Bindings(vec![
            binding("roles/viewer", &["a", "gone"]),
            binding("roles/admin", &["gone"]),
            binding("roles/builder", &[]),
        ]);
        let expected = vec![
            binding("roles/viewer", &["a"]),
            binding("roles/builder", &[]),
        ];
        assert_eq!(bindings.only(|id| id != "gone"), Bindings(expected));
    }
}
