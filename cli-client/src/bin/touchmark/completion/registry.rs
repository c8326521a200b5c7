//! Where names come from: what was answered a moment ago, or the registry, if it answers at once.

use std::collections::BTreeSet;
use std::time::Duration;

use touchmark_client::{
    Page,
    wire::{build::Build, version::Version},
};

use super::Name;
use super::kept::Kept;
use super::line::Line;
use crate::listing;
use crate::session::Session;
use crate::settings::Settings;
use crate::terminal::Terminal;
use crate::words;

/// How long somebody who types waits, for all questions together.
const BUDGET: Duration = Duration::from_millis(300);
/// How many versions of a bucket are given, the newest first.
const VERSIONS: u32 = 200;

/// What a registry is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Question {
    /// The projects that the caller reaches.
    Projects,
    /// The buckets of the project.
    Buckets,
    /// The channels of a bucket.
    Channels(String),
    /// The versions of a bucket, each with its fingerprint, or that alone.
    Versions(String),
    /// The platforms that there are images of.
    Platforms,
    /// The platforms that this channel of this bucket has images of.
    PlatformsOf((String, String)),
    /// The regions that it has images in.
    RegionsOf((String, String)),
    /// What its builds build.
    ComponentsOf((String, String)),
}

/// A registry that is asked while somebody types.
pub(super) struct Registry {
    session: Session,
    kept: Kept,
}

/// Lets `work` ask the registry that the line means.
pub(super) fn ask<T>(line: &Line, work: impl AsyncFnOnce(&Registry) -> Option<T>) -> Option<T> {
    let flags = line.flags();
    let settings = Settings::load(&flags).ok()?;
    let registry = Registry {
        kept: Kept::of(&settings),
        session: Session::new(settings, Terminal::new(&flags)),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.ok()?;
    let answer = runtime.block_on(async {
        let answer = tokio::time::timeout(BUDGET, work(&registry)).await;
        answer.ok().flatten()
    });
    // Whoever looks for an address does not hear that nobody waits any more.
    runtime.shutdown_background();
    answer
}

impl Registry {
    /// What answers a question; `None` when the registry does not.
    pub(super) async fn names(&self, question: Question) -> Option<Vec<Name>> {
        if let Some(names) = self.kept.read(&question) {
            return Some(names);
        }
        let names = self.asked(&question).await?;
        self.kept.write(&question, &names);
        Some(names)
    }

    async fn asked(&self, question: &Question) -> Option<Vec<Name>> {
        if *question == Question::Projects {
            let me = self.session.client().ok()?.own().whoami().await.ok()?;
            let projects = me.projects.into_iter();
            return Some(
                projects
                    .map(|project| Name::new(project.name, ""))
                    .collect(),
            );
        }
        let client = self.session.scoped().await.ok()?;
        let names = match question {
            Question::Projects => Vec::new(),
            Question::Buckets => {
                let buckets = listing::buckets(&client).await.ok()?.into_iter();
                let names = buckets.map(|bucket| Name::new(bucket.name, bucket.description));
                names.collect()
            }
            Question::Channels(bucket) => {
                let channels = listing::channels(&client, bucket).await.ok()?.into_iter();
                let about = |version: Option<&Version>| version.map(words::version);
                let names = channels.map(|channel| {
                    let about = about(channel.version.as_ref());
                    Name::new(channel.name, about.unwrap_or_default())
                });
                names.collect()
            }
            Question::Versions(bucket) => {
                let page = Page {
                    size: Some(VERSIONS),
                    ..Page::default()
                };
                let answer = client.list_versions(bucket, &page).await.ok()?;
                answer.versions.into_iter().map(version).collect()
            }
            Question::Platforms => {
                let buckets = listing::buckets(&client).await.ok()?.into_iter();
                distinct(buckets.flat_map(|bucket| bucket.platforms))
            }
            Question::PlatformsOf(channel)
            | Question::RegionsOf(channel)
            | Question::ComponentsOf(channel) => {
                let answer = client.get_channel(&channel.0, &channel.1).await.ok()?;
                let version = answer.channel?.version.unwrap_or_default();
                let builds = version.builds.into_iter();
                distinct(builds.flat_map(|build| of(question, build)))
            }
        };
        Some(names)
    }
}

fn version(version: Version) -> Name {
    if words::is_complete(&version) {
        Name::new(version.name, version.fingerprint)
    } else {
        Name::new(version.fingerprint, "")
    }
}

/// What a build answers to such a question.
fn of(question: &Question, build: Build) -> Vec<String> {
    match question {
        Question::PlatformsOf(_) => vec![build.platform],
        Question::RegionsOf(_) => {
            let artifacts = build.artifacts.into_iter();
            artifacts.map(|artifact| artifact.region).collect()
        }
        _ => vec![build.component_type],
    }
}

fn distinct(names: impl Iterator<Item = String>) -> Vec<Name> {
    let names: BTreeSet<String> = names.collect();
    names.into_iter().map(|name| Name::new(name, "")).collect()
}
