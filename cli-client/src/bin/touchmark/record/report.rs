//! What is shown of a version that was recorded, and the channels that are to hold it.

use std::path::Path;

use touchmark_client::Client;
use touchmark_client::wire::channel::UpdateChannelBody;
use touchmark_client::wire::version::Version;

use crate::exit::{Code, Failure, Result};
use crate::output::{Report, Table};
use crate::words;

/// Shows a version that was recorded; `what` says what was done.
pub(crate) fn report(version: &Version, what: &str) -> Result<Report> {
    let mut table = Table::new(["build", "platform", "region", "id"]);
    for build in &version.builds {
        for artifact in &build.artifacts {
            table.row([
                build.component_type.clone(),
                build.platform.clone(),
                artifact.region.clone(),
                artifact.external_identifier.clone(),
            ]);
        }
    }
    let name = if words::is_complete(version) {
        &version.name
    } else {
        "is not complete yet"
    };
    let text = format!(
        "{} {name}, fingerprint {}{what}\n\n{}",
        version.bucket_name,
        version.fingerprint,
        table.text("No build of it is done yet.")
    );
    Report::new(version, text)
}

/// Lets channels hold a version; each is tried.
///
/// # Errors
/// The first refusal, with what to do about it.
pub(crate) async fn assign(
    client: &Client,
    bucket: &str,
    fingerprint: &str,
    channels: &[String],
) -> Result<()> {
    let mut result = Ok(());
    let body = UpdateChannelBody::assigning(fingerprint);
    for channel in channels {
        if let Err(error) = client.update_channel(bucket, channel, &body).await {
            result = result.and(Err(refused((bucket, channel), error.into())));
        }
    }
    result
}

/// Why a channel does not hold what it should.
fn refused((bucket, channel): (&str, &str), failure: Failure) -> Failure {
    let message = format!(
        "recorded, but channel {channel} was not assigned: {}",
        failure.message
    );
    Failure { message, ..failure }.next(Code::NotFound, || {
        format!("touchmark channel create {bucket}:{channel}")
    })
}

/// That something is not recorded yet, and where it is kept until then.
pub(crate) fn kept(problem: String, journal: &Path) -> Failure {
    Failure::new(Code::NotRecorded, problem)
        .hint(format!("it is kept in {}; send it with", journal.display()))
        .hint("touchmark push --resume")
}
