//! Completion in shells: scripts that ask this program, and its answers, with the names that the registry knows.
//!
//! While somebody types, nothing is asked of them, and nothing is shown but names: whatever goes wrong, there are none.

mod kept;
mod line;
mod registry;
mod shells;

use std::ffi::OsStr;
use std::io::{self, Write as _};

use clap::CommandFactory as _;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, ValueCompleter, complete};
use serde::{Deserialize, Serialize};

use crate::arguments::Arguments;
use crate::output::shown;
use crate::settings::{Files, Folders};
use line::{Line, Typed};
use registry::{Question, Registry};

pub(crate) use shells::script;

/// What an argument names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    /// A profile of `client.toml`.
    Profile,
    /// A project that the caller reaches.
    Project,
    /// A bucket.
    Bucket,
    /// A channel of the bucket that stands before it on the line.
    Channel,
    /// A version of that bucket, by name or fingerprint.
    Version,
    /// `BUCKET:CHANNEL`.
    ChannelAddress,
    /// `BUCKET:VERSION`.
    VersionAddress,
    /// A platform that there are images of; of the channel that stands before it on the line, if one does.
    Platform,
    /// A region of that channel.
    Region,
    /// What builds of that channel build.
    Component,
}

/// A name and what is said about it, which may be nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Name {
    text: String,
    about: String,
}

impl Name {
    fn new(text: impl Into<String>, about: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            about: about.into(),
        }
    }
}

/// Answers a script that asks what can be typed; whether it was one that called.
pub(crate) fn answer() -> bool {
    let (Some(shell), Some(typed)) = (shells::asking(), Typed::read()) else {
        return false;
    };
    let folder = std::env::current_dir().ok();
    let Typed { words, index } = typed;
    let is_begun = words.get(index).is_some_and(|word| !word.is_empty());
    let names = complete(&mut Arguments::command(), words, index, folder.as_deref());
    let mut names = names.unwrap_or_default();
    // Where names are looked for, flags would only stand in the way.
    names.retain(|name| is_begun || !name.get_value().to_string_lossy().starts_with('-'));
    // Whoever has gone away does not miss it.
    let _ = io::stdout().write_all(shells::text(shell, &names).as_bytes());
    true
}

/// Completes an argument that names such a thing.
pub(crate) fn names(named: Named) -> ArgValueCompleter {
    ArgValueCompleter::new(named)
}

impl ValueCompleter for Named {
    fn complete(&self, current: &OsStr) -> Vec<CompletionCandidate> {
        let Some(current) = current.to_str() else {
            return Vec::new();
        };
        let mut names = if *self == Self::Profile {
            profiles()
        } else {
            let line = Line::of(Typed::read().unwrap_or_default());
            registry::ask(&line, async |registry| {
                candidates(*self, &line, current, registry).await
            })
        }
        .unwrap_or_default();
        names.retain(|name| is_plain(&name.text) && name.text.starts_with(current));
        names.into_iter().map(candidate).collect()
    }
}

fn candidate(name: Name) -> CompletionCandidate {
    let about = shown(&name.about);
    let about = (!about.is_empty()).then(|| about.into());
    CompletionCandidate::new(name.text).help(about)
}

/// Whether a shell takes a name as it stands: some put what they are given on the line without quotes.
fn is_plain(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-._:/@+".contains(c))
}

fn profiles() -> Option<Vec<Name>> {
    let files = Files::read(&Folders::find()).ok()?;
    let names = files.names().into_iter();
    Some(names.map(|name| Name::new(name, "")).collect())
}

/// What can be typed where such a thing is named.
async fn candidates(
    named: Named,
    line: &Line,
    current: &str,
    registry: &Registry,
) -> Option<Vec<Name>> {
    let question = match named {
        Named::Profile => return None,
        Named::Project => Question::Projects,
        Named::Bucket => Question::Buckets,
        Named::Channel => Question::Channels(line.bucket()?),
        Named::Version => {
            let versions = registry.names(Question::Versions(line.bucket()?)).await?;
            return Some(versions_like(versions, current));
        }
        Named::ChannelAddress | Named::VersionAddress => {
            return addresses(named, current, registry).await;
        }
        Named::Platform => line
            .channel()
            .map_or(Question::Platforms, Question::PlatformsOf),
        Named::Region => Question::RegionsOf(line.channel()?),
        Named::Component => Question::ComponentsOf(line.channel()?),
    };
    registry.names(question).await
}

/// What can stand in `BUCKET:NAME`: buckets until there is only one left that is meant, then what is in it.
async fn addresses(named: Named, current: &str, registry: &Registry) -> Option<Vec<Name>> {
    if let Some((bucket, name)) = current.split_once(':') {
        return inside(named, (bucket, name), registry).await;
    }
    let mut buckets = registry.names(Question::Buckets).await?;
    buckets.retain(|bucket| bucket.text.starts_with(current));
    if let [only] = buckets.as_slice()
        && let Some(names) = inside(named, (&only.text, ""), registry).await
        && !names.is_empty()
    {
        return Some(names);
    }
    for bucket in &mut buckets {
        bucket.text.push(':');
    }
    Some(buckets)
}

async fn inside(
    named: Named,
    (bucket, begun): (&str, &str),
    registry: &Registry,
) -> Option<Vec<Name>> {
    let mut found = if named == Named::VersionAddress {
        let versions = registry.names(Question::Versions(bucket.to_owned()));
        versions_like(versions.await?, begun)
    } else {
        registry
            .names(Question::Channels(bucket.to_owned()))
            .await?
    };
    for name in &mut found {
        name.text = format!("{bucket}:{}", name.text);
    }
    Some(found)
}

/// Versions by name, and by fingerprint as soon as one has been begun.
fn versions_like(versions: Vec<Name>, current: &str) -> Vec<Name> {
    let mut names = Vec::new();
    for version in versions {
        let Name { text, about } = &version;
        if !current.is_empty() && about.starts_with(current) {
            names.push(Name::new(about, text));
        }
        names.push(version);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::{Name, is_plain, versions_like};

    #[test]
    fn nothing_is_given_that_a_shell_would_run() {
        for plain in ["alpine:v3", "us-east-1", "amazon-ebs.base", "projects/a"] {
            assert!(is_plain(plain), "{plain}");
        }
        for other in ["", "-rf", "a b", "$(id)", "a;b", "a\nb", "~", "=ls", "a`b`"] {
            assert!(!is_plain(other), "{other:?}");
        }
    }

    #[test]
    fn fingerprints_are_given_to_who_begins_one() {
        let versions = vec![Name::new("v1", "01ABC")];
        let texts = |current| {
            let names = versions_like(versions.clone(), current);
            let names: Vec<String> = names.into_iter().map(|name| name.text).collect();
            names
        };
        assert_eq!(texts(""), ["v1"]);
        assert_eq!(texts("01"), ["01ABC", "v1"]);
        assert_eq!(texts("v"), ["v1"]);
    }
}
