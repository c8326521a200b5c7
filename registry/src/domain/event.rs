//! Who may see which events.

/// The kinds of resources whose events everybody sees who reads the project. All others, such as
/// principals and policies, are for admins.
pub const OPEN_KINDS: [&str; 8] = [
    "bucket",
    "build",
    "channel",
    "project",
    "registry",
    "revocation",
    "sbom",
    "version",
];
