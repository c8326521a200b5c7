//! Why a channel gives no artifact: for people in one line, for programs as a detail.

use touchmark_wire::{
    own::{
        Available, LastMatch, Match, ResolveAmbiguous, ResolveMiss, ResolveRevoked, VersionName,
    },
    time::Timestamp,
};

use super::LOOK_BACK;
use crate::{
    api::answer::brief,
    domain::{
        limit,
        resolve::{Candidate, Wanted, differences},
        revocation::Revocation,
        time::Time,
    },
    error::Error,
    store::{
        channels::{Assignment, Channel},
        versions::Version,
    },
};

/// Entries of a list in a message at most.
const LISTED: usize = 20;
/// Bytes of what was asked for in a message at most.
const ASKED: usize = 1_024;

/// The channel that is asked, and about which moment.
#[derive(Clone, Copy)]
pub(super) struct Holder<'a> {
    pub(super) bucket: &'a str,
    pub(super) channel: &'a str,
    pub(super) at: Option<Time>,
}

/// The version that it gives.
#[derive(Clone, Copy)]
pub(super) struct Held<'a> {
    pub(super) holder: Holder<'a>,
    pub(super) version: &'a Version,
}

fn text(time: Time) -> String {
    Timestamp::from(time).to_string()
}

/// The first of some entries, and how many more there are.
fn listed<T: AsRef<str>>(entries: &[T]) -> String {
    let first: Vec<&str> = entries.iter().take(LISTED).map(AsRef::as_ref).collect();
    let first = first.join(", ");
    match entries.len().saturating_sub(LISTED) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

/// A miss that is not about a version.
fn nothing(message: String) -> Error {
    Error::Absent(message).with(&ResolveMiss::default())
}

pub(super) fn no_bucket(project: &str, bucket: &str) -> Error {
    let bucket = brief(bucket, ASKED);
    nothing(format!("project {project} has no bucket {bucket}"))
}

/// `others` are the channels that the caller may see.
pub(super) fn no_channel(bucket: &str, channel: &str, others: &[Channel]) -> Error {
    let names: Vec<&str> = others.iter().map(|other| other.name.as_str()).collect();
    let others = if names.is_empty() {
        "there is none that the caller may see".to_owned()
    } else {
        format!("there are {}", listed(&names))
    };
    let channel = brief(channel, ASKED);
    nothing(format!(
        "bucket {bucket} has no channel {channel}; {others}"
    ))
}

impl Holder<'_> {
    /// The channel, what it does or did, and when that was.
    fn says(&self, now: &str, then: &str) -> String {
        let Self {
            bucket,
            channel,
            at,
        } = self;
        let channel = format!("channel {channel} of bucket {bucket}");
        match at {
            None => format!("{channel} {now}"),
            Some(at) => format!("{channel} {then} at {}", text(*at)),
        }
    }

    pub(super) fn holds_nothing(&self) -> Error {
        nothing(self.says("holds no version", "held no version"))
    }

    /// It held a version then that is gone.
    pub(super) fn deleted(&self, then: &Assignment) -> Error {
        let (name, fingerprint) = (&then.version_name, &then.version_fingerprint);
        let version = format!("version {name} ({fingerprint})");
        let held = self.says(&format!("holds {version}"), &format!("held {version}"));
        nothing(format!("{held}, which has been deleted"))
    }
}

impl Held<'_> {
    fn name(&self) -> VersionName {
        VersionName {
            name: self.version.name(),
            fingerprint: self.version.fingerprint.clone(),
        }
    }

    /// The channel and the version.
    fn says(&self) -> String {
        let VersionName { name, fingerprint } = self.name();
        let version = format!("version {name} ({fingerprint})");
        self.holder
            .says(&format!("holds {version}"), &format!("held {version}"))
    }

    pub(super) fn revoked(&self, revocation: &Revocation) -> Error {
        let Revocation {
            author_id: author,
            message,
            ..
        } = revocation;
        let since = text(revocation.revoke_at);
        let who = if revocation.own() {
            format!("which {author} revoked as of {since}")
        } else {
            let (bucket, version) = (
                &revocation.source_bucket_name,
                &revocation.source_version_name,
            );
            format!(
                "which is revoked as of {since} because {author} revoked {version} of bucket {bucket}"
            )
        };
        let why = if message.is_empty() {
            "no reason was given".to_owned()
        } else {
            format!("the reason: {message}")
        };
        let text_of_all = format!(
            "{}, {who}; {why}; allow_revoked=true gives it all the same",
            self.says()
        );
        Error::refused(text_of_all).with(&ResolveRevoked {
            version: self.name(),
            revoke_at: Some(revocation.revoke_at.into()),
            author: author.clone(),
            message: message.clone(),
        })
    }

    pub(super) fn ambiguous(&self, wanted: &Wanted, matches: &[Candidate]) -> Error {
        let filters = differences(matches);
        let asked: Vec<String> = filters.iter().map(|name| format!("{name}=…")).collect();
        let advice = if asked.is_empty() {
            "they differ in nothing that can be asked for".to_owned()
        } else {
            format!("tell them apart by {}", asked.join(", "))
        };
        let entries: Vec<String> = matches.iter().map(entry).collect();
        let message = format!(
            "{}, which has {} artifacts{}: {}; {advice}",
            self.says(),
            matches.len(),
            asking(wanted),
            listed(&entries)
        );
        let shown = |found: &Candidate| Match {
            external_identifier: found.external_identifier.clone(),
            platform: found.platform.clone(),
            region: found.region.clone(),
            component_type: found.component_type.clone(),
        };
        Error::refused(message).with(&ResolveAmbiguous {
            version: self.name(),
            matches: matches.iter().take(limit::PAGE_MAX).map(shown).collect(),
            filters: filters.into_iter().map(str::to_owned).collect(),
        })
    }

    /// `all` is what there is of the version.
    pub(super) fn miss(
        &self,
        wanted: &Wanted,
        all: &[Candidate],
        last: Option<(Version, Candidate)>,
    ) -> Error {
        let available = available(all);
        let kinds: Vec<String> = available.iter().map(kind).collect();
        let has = if kinds.is_empty() {
            "it has none at all".to_owned()
        } else {
            format!("it has {}", listed(&kinds))
        };
        let last = last.map(|(version, artifact)| LastMatch {
            version_name: version.name(),
            fingerprint: version.fingerprint,
            external_identifier: artifact.external_identifier,
        });
        let before = match &last {
            None => format!("no valid version among the {LOOK_BACK} before it had one"),
            Some(LastMatch {
                version_name,
                fingerprint,
                external_identifier,
            }) => format!(
                "the last to have one was {version_name} ({fingerprint}): {external_identifier}"
            ),
        };
        let message = format!(
            "{}, which has no artifact{}; {has}; {before}",
            self.says(),
            asking(wanted)
        );
        Error::Absent(message).with(&ResolveMiss {
            version: Some(self.name()),
            available: available.into_iter().take(limit::PAGE_MAX).collect(),
            last,
        })
    }
}

/// What was asked for, after the word for what was looked for.
fn asking(wanted: &Wanted) -> String {
    match wanted.words() {
        words if words.is_empty() => words,
        words => format!(" with {}", brief(&words, ASKED)),
    }
}

/// What some artifacts can be asked for by, each once, in their order.
fn available(all: &[Candidate]) -> Vec<Available> {
    let mut seen = std::collections::BTreeSet::new();
    let new = all.iter().filter(|found| seen.insert(found.kind()));
    let shown = |found: &Candidate| Available {
        platform: found.platform.clone(),
        region: found.region.clone(),
        component_type: found.component_type.clone(),
    };
    new.map(shown).collect()
}

fn kind(of: &Available) -> String {
    let Available {
        platform,
        region,
        component_type,
    } = of;
    let place = [platform.as_str(), region.as_str()];
    let place: Vec<&str> = place.into_iter().filter(|part| !part.is_empty()).collect();
    format!("{} ({component_type})", place.join(" "))
}

fn entry(found: &Candidate) -> String {
    let parts = [
        &found.component_type,
        &found.platform,
        &found.region,
        &found.external_identifier,
    ];
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    parts.map(String::as_str).collect::<Vec<_>>().join(" ")
}
