//! Which version is meant: `v3` is a name, everything else a fingerprint.

use touchmark_client::{
    Client, Error,
    wire::{error::Code as Refusal, version::Version},
};

use crate::address::Address;
use crate::exit::{Code, Failure, Next as _, Result};
use crate::listing;
use crate::words;

/// The version at an address, with its builds and their metadata.
pub(crate) async fn find(client: &Client, address: &Address) -> Result<Version> {
    let fingerprint = fingerprint(client, &address.bucket, &address.name).await?;
    match client.get_version(&address.bucket, &fingerprint).await {
        Ok(answer) => Ok(answer.version.unwrap_or_default()),
        Err(error) if is_absent(&error) => Err(absent(&address.bucket, &address.name)),
        Err(error) => Err(error).missing(&address.bucket),
    }
}

/// The fingerprint of a version that is named by its name or its fingerprint. Only for names the registry is asked.
pub(crate) async fn fingerprint(client: &Client, bucket: &str, text: &str) -> Result<String> {
    if !is_name(text) {
        return Ok(text.to_owned());
    }
    let versions = listing::versions(client, bucket).await.missing(bucket)?;
    let named = |version: &&Version| version.name == text && words::is_complete(version);
    let found = versions.iter().find(named);
    let found = found.or_else(|| versions.iter().find(|version| version.fingerprint == text));
    let found = found.ok_or_else(|| absent(bucket, text))?;
    Ok(found.fingerprint.clone())
}

/// Whether it is written like the names that the registry gives.
fn is_name(text: &str) -> bool {
    let number = text.strip_prefix('v').unwrap_or_default();
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// The registry tells clients that way that they may create the version.
fn is_absent(error: &Error) -> bool {
    error
        .refusal()
        .is_some_and(|status| status.code == Refusal::Aborted)
}

fn absent(bucket: &str, text: &str) -> Failure {
    let problem = format!("version {text} does not exist in bucket {bucket}");
    Failure::new(Code::NotFound, problem).hint(format!("touchmark version list {bucket}"))
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn names_are_a_v_and_a_number() {
        assert!(is_name("v0") && is_name("v12"));
        for text in ["", "v", "3", "v3a", "V3", "01J8ZQ"] {
            assert!(!is_name(text), "{text}");
        }
    }
}
