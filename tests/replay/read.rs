//! What clients read of the answers, operation by operation: there a changed value is a difference.

/// A message inside an answer, and the fields of it that are read; what lies below is read as well.
type Message = (&'static str, &'static [&'static str]);

const ARTIFACT: &[&str] = &["external_identifier", "region"];
const BUILD: &[&str] = &[
    "component_type",
    "labels",
    "metadata",
    "packer_run_uuid",
    "platform",
    "source_external_identifier",
    "status",
];
const BUCKET: &[&str] = &["description", "labels", "location", "name", "resource_name"];
const CHANNEL: &[&str] = &["author_id", "bucket_name", "managed", "name", "restricted"];
const VERSION: &[&str] = &[
    "author_id",
    "bucket_name",
    "fingerprint",
    "name",
    "status",
    "template_type",
];
const LEGACY_BUILD: &[&str] = &[
    "cloud_provider",
    "component_type",
    "labels",
    "packer_run_uuid",
];
const LEGACY_VERSION: &[&str] = &[
    "author_id",
    "bucket_slug",
    "complete",
    "incremental_version",
];

/// One build.
const ONE_BUILD: &[Message] = &[("build", BUILD), ("build.artifacts", ARTIFACT)];
/// One channel with its version.
const ONE_CHANNEL: &[Message] = &[
    ("channel", CHANNEL),
    ("channel.version", VERSION),
    ("channel.version.builds", BUILD),
    ("channel.version.builds.artifacts", ARTIFACT),
];
/// One version with its builds.
const ONE_VERSION: &[Message] = &[
    ("version", VERSION),
    ("version.builds", BUILD),
    ("version.builds.artifacts", ARTIFACT),
];
/// One version as the old protocol has it.
const ONE_ITERATION: &[Message] = &[
    ("iteration", LEGACY_VERSION),
    ("iteration.builds", LEGACY_BUILD),
    ("iteration.builds.images", &["image_id", "region"]),
];

/// Operations and what is read of their answers. `P` is a project in the current protocol, `L` in the old
/// one, `*` any one segment.
const READ: &[(&str, &[Message])] = &[
    (
        "POST /oauth2/token",
        &[("", &["token_type", "expires_in", "error"])],
    ),
    (
        "GET P/registry",
        &[("registry.config", &["activated", "feature_tier"])],
    ),
    ("PUT P/registry", &[]),
    ("PATCH P/registry", &[]),
    (
        "GET P/buckets",
        &[("buckets", &["name"]), ("pagination", &["next_page_token"])],
    ),
    ("PUT P/buckets", &[("bucket", BUCKET)]),
    ("GET P/buckets/*", &[("bucket", BUCKET)]),
    ("PATCH P/buckets/*", &[]),
    ("DELETE P/buckets/*", &[]),
    ("POST P/buckets/*/versions", ONE_VERSION),
    ("GET P/buckets/*/versions/*", ONE_VERSION),
    ("PATCH P/buckets/*/versions/*", ONE_VERSION),
    (
        "GET P/buckets/*/versions/*/builds",
        &[("builds", BUILD), ("builds.artifacts", ARTIFACT)],
    ),
    ("POST P/buckets/*/versions/*/builds", ONE_BUILD),
    ("PATCH P/buckets/*/versions/*/builds/*", ONE_BUILD),
    (
        "PUT P/buckets/*/versions/*/builds/*/sboms",
        &[("sbom", &["name", "format"])],
    ),
    (
        "GET P/enforced_blocks/bucket/*",
        &[
            ("enforced_block_detail", &["name"]),
            (
                "enforced_block_detail.version",
                &["version", "block_content", "template_type"],
            ),
        ],
    ),
    (
        "GET P/buckets/*/channels",
        &[("channels", CHANNEL), ("channels.version", VERSION)],
    ),
    ("POST P/buckets/*/channels", ONE_CHANNEL),
    ("GET P/buckets/*/channels/*", ONE_CHANNEL),
    ("PATCH P/buckets/*/channels/*", ONE_CHANNEL),
    ("DELETE P/buckets/*/channels/*", &[]),
    ("GET P/runtasks/validation", &[("", &["api_url"])]),
    ("PATCH P/runtasks/hmac", &[]),
    (
        "GET /operation/2020-05-05/organizations/*/projects/*/operations/*/wait",
        &[("operation", &["state", "error"])],
    ),
    ("GET L/images/*/iteration", ONE_ITERATION),
    (
        "GET L/images/*/channels/*",
        &[
            ("channel.iteration", LEGACY_VERSION),
            ("channel.iteration.builds", LEGACY_BUILD),
            ("channel.iteration.builds.images", &["image_id", "region"]),
        ],
    ),
    (
        "GET /resource-manager/2019-12-10/organizations",
        &[("organizations", &["id"])],
    ),
    (
        "GET /resource-manager/2019-12-10/projects",
        &[("projects", &["id", "parent"])],
    ),
    (
        "GET /resource-manager/2019-12-10/projects/*",
        &[("project", &["id", "parent"])],
    ),
    (
        "GET /2019-12-10/resource-manager/resources/iam-policy",
        &[("policy", &["bindings"])],
    ),
    (
        "PUT /2019-12-10/resource-manager/resources/iam-policy",
        &[("policy", &["bindings"])],
    ),
    (
        "GET /iam/2019-12-10/organizations/*/principals",
        &[("principals", &["id", "type"])],
    ),
    (
        "POST /2019-12-10/iam/*/service-principals",
        &[("service_principal", &["name", "resource_name"])],
    ),
    (
        "GET /2019-12-10/*",
        &[("service_principal", &["name", "resource_name"])],
    ),
    ("DELETE /2019-12-10/*", &[]),
];

/// What is read of the answer to a call, if its operation is known.
pub(crate) fn messages(method: &str, path: &str) -> Option<&'static [Message]> {
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    let short = |prefix: &str, letter: &str| {
        let rest = path.strip_prefix(prefix)?.strip_prefix("/organizations/")?;
        // organization, "projects", project, the rest
        rest.splitn(4, '/')
            .nth(3)
            .map(|rest| format!("{letter}/{rest}"))
    };
    let path = short("/packer/2023-01-01", "P")
        .or_else(|| short("/packer/2021-04-30", "L"))
        .unwrap_or_else(|| path.to_owned());
    let call = format!("{method} {path}");
    let fits = |pattern: &str| {
        let (mut wanted, mut had) = (pattern.split('/'), call.split('/'));
        loop {
            match (wanted.next(), had.next()) {
                (None, None) => return true,
                (Some("*"), Some(_)) => {}
                (Some(wanted), Some(had)) if wanted == had => {}
                _ => return false,
            }
        }
    };
    READ.iter().find(|row| fits(row.0)).map(|row| row.1)
}

/// Whether the value at a path, such as `channel.version.builds[0].labels.os`, is read.
pub(crate) fn is_read(messages: &[Message], path: &str) -> bool {
    let mut plain = String::new();
    let mut inside = false;
    for character in path.chars() {
        inside = (inside || character == '[') && character != ']';
        if !inside && character != ']' {
            plain.push(character);
        }
    }
    messages.iter().any(|(message, fields)| {
        let rest = match *message {
            "" => Some(plain.as_str()),
            message => plain
                .strip_prefix(message)
                .and_then(|r| r.strip_prefix('.')),
        };
        rest.is_some_and(|rest| {
            let field = rest.split_once('.').map_or(rest, |(field, _)| field);
            fields.contains(&field)
        })
    })
}

#[test]
fn fields_are_found_below_messages_in_lists() {
    let messages = messages(
        "GET",
        "/packer/2023-01-01/organizations/o/projects/p/buckets/b/channels/c?x=y",
    )
    .expect("a known operation");
    for path in [
        "channel.name",
        "channel.version.builds[12].labels.os",
        "channel.version.status",
    ] {
        assert!(is_read(messages, path), "{path}");
    }
    for path in ["channel", "channel.version.builds[0].version_id", "message"] {
        assert!(!is_read(messages, path), "{path}");
    }
    assert!(
        self::messages(
            "GET",
            "/packer/2023-01-01/organizations/o/projects/p/nothing"
        )
        .is_none()
    );
}
