//! Who works there, and which services do.

use super::Team;
use crate::domain::role::Role;

/// A person or a service.
#[derive(Debug)]
pub(in crate::demo) struct Member {
    pub(in crate::demo) name: &'static str,
    pub(in crate::demo) role: Role,
    pub(in crate::demo) kind: Kind,
}

/// What a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::demo) enum Kind {
    Person,
    Service,
    /// A service that was shut out.
    Retired,
}

/// The service that moves what has passed its tests.
pub(in crate::demo) const RELEASE: &str = "release-bot";
/// The service that looks for known vulnerabilities.
pub(in crate::demo) const SCANNER: &str = "vulnerability-scanner";
/// The person who answers for security.
pub(in crate::demo) const SECURITY: &str = "sofia.marin";

const fn person(name: &'static str, role: Role) -> Member {
    let kind = Kind::Person;
    Member { name, role, kind }
}

const fn service(name: &'static str, role: Role) -> Member {
    let kind = Kind::Service;
    Member { name, role, kind }
}

/// Everybody.
pub(in crate::demo) const MEMBERS: &[Member] = &[
    person("ana.ribeiro", Role::Admin),
    person("jonas.keller", Role::Contributor),
    person("mei.tanaka", Role::Contributor),
    person("tom.brandt", Role::Contributor),
    person("lena.novak", Role::Contributor),
    person("samuel.okafor", Role::Contributor),
    person(SECURITY, Role::Contributor),
    person("noah.eriksen", Role::Viewer),
    service("ci-base-images", Role::Builder),
    service("ci-platform", Role::Builder),
    service("ci-applications", Role::Builder),
    service("ci-data", Role::Builder),
    service("ci-operations", Role::Builder),
    service(RELEASE, Role::Contributor),
    service(SCANNER, Role::Contributor),
    service("terraform-production", Role::Viewer),
    Member {
        name: "old-build-server",
        role: Role::Builder,
        kind: Kind::Retired,
    },
];

const fn team(name: &'static str, owner: &'static str, ci: &'static str) -> Team {
    Team { name, owner, ci }
}

pub(super) const BASE_IMAGES: Team = team("base-images", "ana.ribeiro", "ci-base-images");
pub(super) const PLATFORM: Team = team("platform", "jonas.keller", "ci-platform");
pub(super) const PAYMENTS: Team = team("payments", "mei.tanaka", "ci-applications");
pub(super) const STOREFRONT: Team = team("storefront", "tom.brandt", "ci-applications");
pub(super) const DATA: Team = team("data", "lena.novak", "ci-data");
pub(super) const OPERATIONS: Team = team("operations", "samuel.okafor", "ci-operations");
