//! The paths of the protocol, with every segment percent-encoded.

use std::fmt::Write;

/// Path of the token endpoint.
pub const TOKEN: &str = "/oauth2/token";
/// Path of the list of organizations.
pub const ORGANIZATIONS: &str = "/resource-manager/2019-12-10/organizations";
/// Path of the list of projects.
pub const PROJECTS: &str = "/resource-manager/2019-12-10/projects";
/// Path of the question who the caller is.
pub const CALLER_IDENTITY: &str = "/iam/2019-12-10/caller-identity";
/// Path of the question where packages are.
pub const PACKAGES: &str = "/api/v1/packages";

/// Path of the document of an SBOM, which takes a signature and no token.
pub fn sbom_document(id: &str) -> String {
    join("/download/sboms", &[id])
}

/// Path of our own face, which the other paths of it start with.
const OWN: &str = "/api/v1";
/// Path of the description of our own face.
pub const OPENAPI: &str = "/api/v1/openapi.json";
/// Path of the question who the caller is and what it may do.
pub const WHOAMI: &str = "/api/v1/whoami";
/// Path of the event log.
pub const EVENTS: &str = "/api/v1/events";
/// Path of the revocation of many versions.
pub const REVOCATIONS: &str = "/api/v1/revocations";
/// Path of the question what such a revocation touches.
pub const REVOCATIONS_PREVIEW: &str = "/api/v1/revocations/preview";
/// Path of the outdated board.
pub const BOARD: &str = "/api/v1/board";
/// Path of what counts as outdated in a project.
pub const FRESHNESS: &str = "/api/v1/freshness";
/// Path of the principals.
pub const OWN_PRINCIPALS: &str = "/api/v1/principals";
/// Path of the projects of the caller's organization.
pub const OWN_PROJECTS: &str = "/api/v1/projects";
/// Path of the organizations that the caller may see.
pub const OWN_ORGANIZATIONS: &str = "/api/v1/organizations";

/// Path of a principal.
pub fn own_principal(name: &str) -> String {
    join(OWN, &["principals", name])
}

/// Path of a principal's secrets.
pub fn own_secrets(name: &str) -> String {
    join(OWN, &["principals", name, "secrets"])
}

/// Path of a secret.
pub fn own_secret(name: &str, id: &str) -> String {
    join(OWN, &["principals", name, "secrets", id])
}

/// Path of a principal's roles.
pub fn own_roles(name: &str) -> String {
    join(OWN, &["principals", name, "roles"])
}

/// Path of a project, by name or id.
pub fn own_project(project: &str) -> String {
    join(OWN, &["projects", project])
}

/// Path of the question which artifact a channel gives.
pub fn own_resolve(bucket: &str, channel: &str) -> String {
    join(OWN, &["resolve", bucket, channel])
}

/// Path of what counts as outdated in a bucket.
pub fn own_bucket_freshness(bucket: &str) -> String {
    join(OWN, &["buckets", bucket, "freshness"])
}

/// Path of whether a channel may lag behind.
pub fn own_channel_freshness(bucket: &str, channel: &str) -> String {
    join(OWN, &["buckets", bucket, "channels", channel, "freshness"])
}

/// Path of the SBOMs of a build, done or not.
pub fn own_sboms(bucket: &str, fingerprint: &str, build: &str) -> String {
    let bucket = join(OWN, &["buckets", bucket]);
    let build = ["versions", fingerprint, "builds", build, "sboms"];
    join(&bucket, &build)
}

/// A path with parameters behind it.
pub fn with_query<'a>(path: &str, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut whole = path.to_owned();
    for (number, (key, value)) in pairs.into_iter().enumerate() {
        whole.push(if number == 0 { '?' } else { '&' });
        encode(key, &mut whole);
        whole.push('=');
        encode(value, &mut whole);
    }
    whole
}

/// Path of the IAM policy of a resource.
pub const IAM_POLICY: &str = "/2019-12-10/resource-manager/resources/iam-policy";

/// Path of the look-up of an organization's principals.
pub fn principals(organization_id: &str) -> String {
    let organizations = "/iam/2019-12-10/organizations";
    join(organizations, &[organization_id, "principals"])
}

/// Path of the service principals of `project/<uuid>` or `organization/<uuid>`.
pub fn service_principals(parent: &str) -> String {
    join("/2019-12-10/iam", &[parent, "service-principals"])
}

/// Path of what has this resource name, such as `iam/project/<uuid>/service-principal/<name>`.
pub fn resource(resource_name: &str) -> String {
    join("/2019-12-10", &[resource_name])
}

/// Path of an organization.
pub fn organization(id: &str) -> String {
    join(ORGANIZATIONS, &[id])
}

/// Path of a project.
pub fn project(id: &str) -> String {
    join(PROJECTS, &[id])
}

/// The organization and project that the other paths start with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope<'a> {
    /// UUID of the organization.
    pub organization_id: &'a str,
    /// UUID of the project.
    pub project_id: &'a str,
}

impl<'a> Scope<'a> {
    /// Names an organization and a project.
    pub const fn new(organization_id: &'a str, project_id: &'a str) -> Self {
        Self {
            organization_id,
            project_id,
        }
    }

    /// A path below the organization and project of a service.
    fn path(self, service: &str, segments: &[&str]) -> String {
        let mut path = join(service, &["organizations", self.organization_id]);
        path.push_str(&join("/projects", &[self.project_id]));
        join(&path, segments)
    }

    fn packer(self, segments: &[&str]) -> String {
        self.path("/packer/2023-01-01", segments)
    }

    /// Path of the registry.
    pub fn registry(self) -> String {
        self.packer(&["registry"])
    }

    /// Path of the list of buckets.
    pub fn buckets(self) -> String {
        self.packer(&["buckets"])
    }

    /// Path of a bucket.
    pub fn bucket(self, bucket: &str) -> String {
        self.packer(&["buckets", bucket])
    }

    /// Path of the list of a bucket's relations.
    pub fn bucket_ancestry(self, bucket: &str) -> String {
        self.packer(&["buckets", bucket, "ancestry"])
    }

    /// Path of the list of versions.
    pub fn versions(self, bucket: &str) -> String {
        self.packer(&["buckets", bucket, "versions"])
    }

    /// Path of a version.
    pub fn version(self, bucket: &str, fingerprint: &str) -> String {
        self.packer(&["buckets", bucket, "versions", fingerprint])
    }

    /// Path of the list of builds.
    pub fn builds(self, bucket: &str, fingerprint: &str) -> String {
        self.packer(&["buckets", bucket, "versions", fingerprint, "builds"])
    }

    /// Path of a build.
    pub fn build(self, bucket: &str, fingerprint: &str, id: &str) -> String {
        self.packer(&["buckets", bucket, "versions", fingerprint, "builds", id])
    }

    /// Path of the list of a build's SBOMs.
    pub fn sboms(self, bucket: &str, fingerprint: &str, build: &str) -> String {
        join(&self.build(bucket, fingerprint, build), &["sboms"])
    }

    /// Path of an SBOM.
    pub fn sbom(self, bucket: &str, fingerprint: &str, build: &str, name: &str) -> String {
        join(&self.sboms(bucket, fingerprint, build), &[name])
    }

    /// Path of the list of a build's packages.
    pub fn build_packages(self, bucket: &str, fingerprint: &str, build: &str) -> String {
        join(&self.build(bucket, fingerprint, build), &["packages"])
    }

    /// Path of the list of a bucket's packages.
    pub fn bucket_packages(self, bucket: &str) -> String {
        self.packer(&["buckets", bucket, "packages"])
    }

    /// Path of the list of channels.
    pub fn channels(self, bucket: &str) -> String {
        self.packer(&["buckets", bucket, "channels"])
    }

    /// Path of a channel.
    pub fn channel(self, bucket: &str, channel: &str) -> String {
        self.packer(&["buckets", bucket, "channels", channel])
    }

    /// Path of the copy of an assignment between channels.
    pub fn channel_assign(self, bucket: &str) -> String {
        self.packer(&["buckets", bucket, "channels", "assign"])
    }

    /// Path of a channel's history.
    pub fn channel_history(self, bucket: &str, channel: &str) -> String {
        self.packer(&["buckets", bucket, "channels", channel, "history"])
    }

    /// Path of the search for an artifact.
    pub fn search_external_artifact(self) -> String {
        self.packer(&["_search", "external_artifact"])
    }

    /// Path of the list of enforced blocks.
    pub fn enforced_blocks(self) -> String {
        self.packer(&["enforced_blocks"])
    }

    /// Path of an enforced block.
    pub fn enforced_block(self, block: &str) -> String {
        self.packer(&["enforced_blocks", block])
    }

    /// Path of the list of an enforced block's versions.
    pub fn enforced_block_versions(self, block: &str) -> String {
        self.packer(&["enforced_blocks", block, "versions"])
    }

    /// Path of a version of an enforced block.
    pub fn enforced_block_version(self, block: &str, version: &str) -> String {
        self.packer(&["enforced_blocks", block, "versions", version])
    }

    /// Path of the list of the buckets that are linked to a version of an enforced block.
    pub fn enforced_block_buckets(self, block: &str, version: &str) -> String {
        self.packer(&["enforced_blocks", block, "versions", version, "buckets"])
    }

    /// Path of what a bucket's builds must run.
    pub fn enforced_blocks_by_bucket(self, bucket: &str) -> String {
        self.packer(&["enforced_blocks", "bucket", bucket])
    }

    /// Path of the run task's address; the only type is `validation`.
    pub fn run_task(self, task_type: &str) -> String {
        self.packer(&["runtasks", task_type])
    }

    /// Path of the run task's settings.
    pub fn run_task_config(self) -> String {
        self.packer(&["runtasks", "config"])
    }

    /// Path of the request for a new run task key.
    pub fn run_task_hmac(self) -> String {
        self.packer(&["runtasks", "hmac"])
    }

    /// Path of an operation.
    pub fn operation(self, id: &str) -> String {
        self.path("/operation/2020-05-05", &["operations", id])
    }

    /// Path of waiting for an operation.
    pub fn operation_wait(self, id: &str) -> String {
        self.path("/operation/2020-05-05", &["operations", id, "wait"])
    }

    /// Path of a channel in the 2021-04-30 protocol.
    pub fn legacy_channel(self, bucket: &str, channel: &str) -> String {
        let segments = ["images", bucket, "channels", channel];
        self.path("/packer/2021-04-30", &segments)
    }

    /// Path of the read of an iteration in the 2021-04-30 protocol.
    pub fn legacy_iteration(self, bucket: &str) -> String {
        self.path("/packer/2021-04-30", &["images", bucket, "iteration"])
    }

    /// Path of the label search in the 2022-12-02 protocol.
    pub fn legacy_search_by_labels(self, bucket: &str, channel: &str) -> String {
        let channel = ["images", bucket, "channels", channel];
        let path = self.path("/packer/2022-12-02", &channel);
        join(&path, &["_search", "by_labels"])
    }
}

/// Appends segments to a path that is already encoded.
fn join(base: &str, segments: &[&str]) -> String {
    let mut path = base.to_owned();
    for segment in segments {
        path.push('/');
        encode(segment, &mut path);
    }
    path
}

/// Appends a segment, with everything but unreserved characters encoded.
fn encode(segment: &str, path: &mut String) {
    for byte in segment.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            path.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(path, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Scope, own_resolve, resource, service_principals, with_query};

    #[test]
    fn segments_are_encoded() {
        let scope = Scope::new("o", "p");
        assert_eq!(
            scope.channel("a/b c", "ü%"),
            "/packer/2023-01-01/organizations/o/projects/p/buckets/a%2Fb%20c/channels/%C3%BC%25"
        );
        assert_eq!(
            scope.operation_wait("1"),
            "/operation/2020-05-05/organizations/o/projects/p/operations/1/wait"
        );
        assert_eq!(
            scope.legacy_search_by_labels("b", "c"),
            "/packer/2022-12-02/organizations/o/projects/p/images/b/channels/c/_search/by_labels"
        );
        assert_eq!(
            service_principals("project/p"),
            "/2019-12-10/iam/project%2Fp/service-principals"
        );
        assert_eq!(
            resource("iam/project/p/service-principal/ci"),
            "/2019-12-10/iam%2Fproject%2Fp%2Fservice-principal%2Fci"
        );
        let asked = [("region", "us-east-1"), ("label.a&b", "=")];
        assert_eq!(
            with_query(&own_resolve("b", "c"), asked),
            "/api/v1/resolve/b/c?region=us-east-1&label.a%26b=%3D"
        );
        assert_eq!(with_query("/a", []), "/a");
    }
}
