//! How values of the wire are written for people.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use touchmark_client::wire::{
    build::BuildStatus,
    time::Timestamp,
    version::{Version, VersionStatus},
};

/// The name of a version until all its builds are done.
const INCOMPLETE: &str = "v0";

/// A moment, to the second; empty when there is none.
pub(crate) fn time(time: Option<Timestamp>) -> String {
    let time = time.map(DateTime::<Utc>::from);
    time.map(|time| time.to_rfc3339_opts(SecondsFormat::Secs, true))
        .unwrap_or_default()
}

/// The state of a version, such as `revocation scheduled`.
pub(crate) fn version_status(status: VersionStatus) -> String {
    plain(status.as_str(), "VERSION_")
}

/// The state of a build, such as `done`; one that has not been started is `pending`.
pub(crate) fn build_status(status: BuildStatus) -> String {
    match status {
        BuildStatus::Unset => "pending".to_owned(),
        status => plain(status.as_str(), "BUILD_"),
    }
}

fn plain(name: &str, prefix: &str) -> String {
    let name = name.strip_prefix(prefix).unwrap_or(name);
    name.to_lowercase().replace('_', " ")
}

/// Labels on one line.
pub(crate) fn labels(labels: &BTreeMap<String, String>) -> String {
    let labels: Vec<String> = labels.iter().map(|(k, v)| format!("{k}={v}")).collect();
    labels.join(", ")
}

/// What a channel holds, or a dash.
pub(crate) fn held(version: Option<&Version>) -> String {
    version.map_or_else(dash, |version| version.name.clone())
}

/// The state of what a channel holds, or a dash.
pub(crate) fn held_status(version: Option<&Version>) -> String {
    version.map_or_else(dash, |version| version_status(version.status))
}

/// What stands for nothing in a table.
pub(crate) fn dash() -> String {
    "-".to_owned()
}

/// The text, or a dash when it is empty.
pub(crate) fn or_dash(text: &str) -> String {
    if text.is_empty() {
        dash()
    } else {
        text.to_owned()
    }
}

/// A version in a sentence: `v3 (01J…)`, or its fingerprint alone while it has no number.
pub(crate) fn version(version: &Version) -> String {
    named(&version.name, &version.fingerprint)
}

/// The same of a version of which only its names are known.
pub(crate) fn named(name: &str, fingerprint: &str) -> String {
    if name == INCOMPLETE {
        fingerprint.to_owned()
    } else {
        format!("{name} ({fingerprint})")
    }
}

/// What a version is called: its name, or its fingerprint while it has no number.
pub(crate) fn called<'a>(name: &'a str, fingerprint: &'a str) -> &'a str {
    if name == INCOMPLETE {
        fingerprint
    } else {
        name
    }
}

/// Whether all builds of a version are done; only then it has a number.
pub(crate) fn is_complete(version: &Version) -> bool {
    version.name != INCOMPLETE
}

#[cfg(test)]
mod tests {
    use super::{build_status, time, version_status};
    use touchmark_client::wire::{
        build::BuildStatus, time::Timestamp, version::VersionStatus as Status,
    };

    #[test]
    fn states_are_words() {
        assert_eq!(
            version_status(Status::RevocationScheduled),
            "revocation scheduled"
        );
        assert_eq!(build_status(BuildStatus::Unset), "pending");
        assert_eq!(build_status(BuildStatus::Done), "done");
    }

    #[test]
    fn times_are_to_the_second() {
        let moment = Timestamp::from_micros(1_700_000_000_120_000);
        assert_eq!(time(Some(moment)), "2023-11-14T22:13:20Z");
        assert_eq!(time(None), "");
    }
}
