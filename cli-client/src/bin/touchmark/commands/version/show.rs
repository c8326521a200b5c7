//! `touchmark version list` and `show`.

use std::fmt::Write as _;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use serde::Serialize;
use touchmark_client::{
    Client,
    wire::{
        ancestry::{BucketAncestry, BucketAncestryType},
        build::Build,
        version::{RevocationType, Version, VersionStatus},
    },
};

use crate::address::Address;
use crate::commands::bucket::parent;
use crate::completion::{Named, names};
use crate::exit::{Next as _, Result};
use crate::listing;
use crate::output::{Details, Report, Table};
use crate::words;

use super::find;

/// The states that a version can be in, as they are written on the command line.
const STATES: [&str; 7] = [
    "active",
    "revoked",
    "revocation-scheduled",
    "running",
    "failed",
    "cancelled",
    "incomplete",
];

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Name of the bucket
    #[arg(add = names(Named::Bucket))]
    bucket: String,
    /// Only those in these states, separated by commas
    #[arg(
        long,
        value_name = "STATUS",
        value_delimiter = ',',
        value_parser = PossibleValuesParser::new(STATES).map(|state| status(&state))
    )]
    status: Vec<VersionStatus>,
}

fn status(state: &str) -> VersionStatus {
    let name = format!("VERSION_{}", state.to_uppercase().replace('-', "_"));
    name.parse().unwrap_or_default()
}

/// Lists the versions of a bucket.
pub(super) async fn list(client: &Client, arguments: List) -> Result<Report> {
    let List {
        bucket,
        status: wanted,
    } = arguments;
    let versions = listing::versions(client, &bucket).await;
    let mut versions = versions.missing(&bucket)?;
    let all = versions.len();
    versions.retain(|version| wanted.is_empty() || wanted.contains(&version.status));
    let mut table = Table::new(["name", "fingerprint", "status", "created", "builds", "by"]);
    for version in &versions {
        table.row([
            version.name.clone(),
            version.fingerprint.clone(),
            words::version_status(version.status),
            words::time(version.created_at),
            version.builds.len().to_string(),
            version.author_id.clone(),
        ]);
    }
    let none = if all == 0 {
        format!("There are no versions yet. Make one: touchmark build --bucket {bucket} TEMPLATE")
    } else {
        format!("None of its {all} versions is like that: touchmark version list {bucket}")
    };
    Report::new(&versions, table.text(&none))
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    version: Version,
    /// Names of the channels that hold it.
    channels: Vec<String>,
    ancestry: Vec<BucketAncestry>,
}

/// Shows a version.
pub(super) async fn show(client: &Client, address: &Address) -> Result<Report> {
    let version = find(client, address).await?;
    let place = (address.bucket.as_str(), Some(version.fingerprint.as_str()));
    let ancestry = listing::relations(client, place, BucketAncestryType::Parents).await?;
    let channels = listing::channels(client, &address.bucket).await?;
    let channels = listing::holders(&channels, &version.id);
    let mut details = Details::default();
    details
        .line("Version", super::named(&version))
        .line("Status", words::version_status(version.status))
        .line("Revocation", revocation(&version))
        .line("Channels", channels.join(", "))
        .line("Created", words::time(version.created_at))
        .line("By", &version.author_id);
    for relation in &ancestry {
        details.line("Built from", parent(relation));
    }
    if version.has_descendants {
        details.line("Descendants", "yes");
    }
    let mut text = details.text();
    for build in &version.builds {
        text.push('\n');
        text.push_str(&described(build).text());
    }
    text.push('\n');
    text.push_str(&artifacts(&version.builds));
    let shown = Shown {
        version,
        channels,
        ancestry,
    };
    Report::new(&shown, text)
}

fn described(build: &Build) -> Details {
    let mut details = Details::default();
    details
        .line("Build", &build.component_type)
        .line("Status", words::build_status(build.status))
        .line("Platform", &build.platform)
        .line("Source", &build.source_external_identifier)
        .line("Labels", words::labels(&build.labels))
        .line("Changed", words::time(build.updated_at));
    let told = |pointer: &str| {
        let vcs = build.metadata.as_ref().map(|metadata| &metadata.vcs);
        let value = vcs.and_then(|vcs| vcs.pointer(pointer)?.as_str());
        value.unwrap_or_default().to_owned()
    };
    details
        .line("Commit", told("/details/commit"))
        .line("Branch", told("/details/ref"));
    details
}

/// The artifacts of builds, as a table.
pub(crate) fn artifacts(builds: &[Build]) -> String {
    let mut table = Table::new(["platform", "region", "component", "artifact"]);
    for build in builds {
        for artifact in &build.artifacts {
            table.row([
                words::or_dash(&build.platform),
                words::or_dash(&artifact.region),
                build.component_type.clone(),
                artifact.external_identifier.clone(),
            ]);
        }
    }
    table.text("It has no artifacts.")
}

/// How a version was revoked, on one line; empty when it was not.
pub(crate) fn revocation(version: &Version) -> String {
    if version.revocation_type == RevocationType::Unset {
        return String::new();
    }
    let at = words::time(version.revoke_at);
    let mut text = format!("{at} by {}", version.revocation_author);
    if let Some(ancestor) = &version.revocation_inherited_from {
        let (bucket, name) = (&ancestor.bucket_name, &ancestor.version_name);
        let _ = write!(text, ", inherited from {bucket}:{name}");
    }
    if !version.revocation_message.is_empty() {
        let _ = write!(text, ": {}", version.revocation_message);
    }
    text
}
