//! How much of each thing the registry takes.

/// Labels of one bucket or build.
pub const LABELS: usize = 64;
/// Bytes of a label's key.
pub const LABEL_KEY: usize = 128;
/// Bytes of a label's value.
pub const LABEL_VALUE: usize = 1_024;
/// Bytes of a bucket's description.
pub const DESCRIPTION: usize = 255;
/// Bytes of a revocation's message.
pub const MESSAGE: usize = 4_096;
/// Bytes of a build's metadata as JSON.
pub const METADATA: usize = 256 * 1_024;
/// Bytes of free text such as a platform, a region, a component type or an external identifier.
pub const TEXT: usize = 1_024;
/// Artifacts of one build.
pub const ARTIFACTS: usize = 1_000;
/// Builds of one version.
pub const BUILDS: i64 = 500;
/// Channels of one bucket.
pub const CHANNELS: i64 = 500;
/// Versions that one call revokes.
pub const REVOKED: usize = 1_000;
/// Revocations that one call of several versions records, of these versions and of what descends from them.
pub const REVOCATIONS: usize = 5_000;
/// Rows that are looked at to select the versions of one call.
pub const SELECTED: usize = 100_000;
/// Bindings of one policy.
pub const POLICY_BINDINGS: usize = 100;
/// Members of all bindings of one policy together.
pub const POLICY_MEMBERS: usize = 1_000;
/// Principals that one call looks up.
pub const PRINCIPAL_IDS: usize = 1_000;
/// Rows of a page when the caller names no size.
pub const PAGE: usize = 100;
/// Rows of a page at most.
pub const PAGE_MAX: usize = 1_000;
/// Bytes of a JSON body, but for routes that say otherwise.
pub const BODY: usize = 2 * 1_024 * 1_024;
/// Bytes of the JSON body that carries an SBOM.
pub const SBOM_BODY: usize = 50 * 1_024 * 1_024;
/// Bytes of an SBOM's document.
pub const SBOM_DOCUMENT: usize = 256 * 1_024 * 1_024;
/// How deeply an SBOM's document may be nested.
pub const SBOM_DEPTH: usize = 100;
/// SBOMs of one build.
pub const SBOMS: i64 = 100;
/// Packages that one SBOM names.
pub const PACKAGES: usize = 100_000;
/// Bytes of the address by which a package is known, its purl.
pub const PURL: usize = 4_096;
/// Enforced blocks of one project.
pub const ENFORCED_BLOCKS: i64 = 100;
/// Versions of one enforced block.
pub const ENFORCED_BLOCK_VERSIONS: i64 = 100;
/// Bytes of the label of an enforced block's version.
pub const ENFORCED_BLOCK_LABEL: usize = 128;
/// Bytes of an enforced block's content.
pub const ENFORCED_BLOCK_CONTENT: usize = 256 * 1_024;
/// Buckets linked to one version of an enforced block.
pub const ENFORCED_BLOCK_BUCKETS: usize = 1_000;
