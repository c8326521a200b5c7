//! What is shown of a version that was recorded, and the channels that are to hold it.

use touchmark_client::Client;
use touchmark_client::wire::channel::UpdateChannelBody;
use touchmark_client::wire::version::Version;

use crate::exit::{Code, Failure, Result};
use crate::output::{Report, Table};

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
    let name = match version.name.as_str() {
        "v0" => "is not complete yet",
        name => name,
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
    for channel in channels {
        let body = UpdateChannelBody {
            version_fingerprint: fingerprint.to_owned(),
            update_mask: Some("versionFingerprint".to_owned()),
            ..UpdateChannelBody::default()
        };
        if let Err(error) = client.update_channel(bucket, channel, &body).await {
            result = result.and(Err(refused((bucket, channel), error.into())));
        }
    }
    result
}

/// Why a channel does not hold what it should.
pub(crate) fn refused((bucket, channel): (&str, &str), failure: Failure) -> Failure {
    let missing = failure.code == Code::NotFound as u8;
    let message = format!(
        "recorded, but channel {channel} was not assigned: {}",
        failure.message
    );
    let failure = Failure { message, ..failure };
    if missing {
        failure.hint(format!("touchmark channel create {bucket}:{channel}"))
    } else {
        failure
    }
}
