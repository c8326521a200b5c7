//! The world as clients see it, and as the model says that they should.

use std::collections::{BTreeMap, BTreeSet};

use touchmark_client::Page;
use touchmark_registry::domain::time::Time;
use touchmark_tests::wire::version::{RevocationType, Version};

use crate::{
    model::{self, LATEST, Model},
    operation::{BUCKETS, CHANNELS, COMPONENTS, FINGERPRINTS},
    player::{Player, status},
};

/// A bucket as clients see it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SeenBucket {
    latest: Option<String>,
    version_count: i64,
    platforms: Vec<String>,
    versions: BTreeMap<String, SeenVersion>,
    /// What each channel holds, and what it held, the newest first.
    channels: BTreeMap<String, (Option<String>, Vec<Option<String>>)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct SeenVersion {
    name: String,
    status: String,
    builds: BTreeMap<String, String>,
    /// When it is revoked, in minutes, and whether it inherited that.
    revocation: Option<(i64, bool)>,
}

impl Player {
    /// These buckets as they are now, as far as they exist.
    pub(crate) async fn look(&self, names: &BTreeSet<String>) -> BTreeMap<String, SeenBucket> {
        let page = Page::default();
        let list = self.client.list_buckets(&page).await.expect("buckets");
        let mut seen = BTreeMap::new();
        for bucket in list
            .buckets
            .into_iter()
            .filter(|bucket| names.contains(&bucket.name))
        {
            let mut channels = BTreeMap::new();
            let list = self
                .client
                .list_channels(&bucket.name)
                .await
                .expect("channels");
            for channel in list.channels {
                let history = self
                    .client
                    .list_channel_assignment_history(&bucket.name, &channel.name, &page)
                    .await
                    .expect("a history");
                let history = history.history.into_iter();
                let history = history
                    .map(|row| row.version.map(|v| v.fingerprint))
                    .collect();
                let held = channel.version.map(|version| version.fingerprint);
                channels.insert(channel.name, (held, history));
            }
            let list = self
                .client
                .list_versions(&bucket.name, &page)
                .await
                .expect("versions");
            let versions = list.versions.into_iter();
            let versions = versions
                .map(|v| (v.fingerprint.clone(), self.seen(v)))
                .collect();
            let whole = SeenBucket {
                latest: bucket.latest_version.map(|version| version.fingerprint),
                version_count: bucket.version_count,
                platforms: bucket.platforms,
                versions,
                channels,
            };
            seen.insert(bucket.name, whole);
        }
        seen
    }

    fn seen(&self, version: Version) -> SeenVersion {
        let minutes = |at: Time| (at.micros() - self.begun.micros()).div_euclid(60_000_000);
        let inherited = version.revocation_type == RevocationType::Inherited;
        let builds = version.builds.into_iter();
        SeenVersion {
            name: version.name,
            status: version.status.as_str().into(),
            builds: builds
                .map(|build| (build.component_type, build.status.as_str().into()))
                .collect(),
            revocation: version.revoke_at.map(|at| (minutes(at.into()), inherited)),
        }
    }
}

/// The model as clients would see it.
pub(crate) fn expected(model: &Model) -> BTreeMap<String, SeenBucket> {
    let fingerprint = |key: Option<u32>| {
        key.and_then(|key| model.place(key))
            .map(|place| FINGERPRINTS[place.fingerprint].to_owned())
    };
    let bucket = |bucket: &model::Bucket| SeenBucket {
        latest: fingerprint(bucket.channels[&LATEST].held),
        version_count: i64::try_from(bucket.versions.len()).expect("a small number"),
        platforms: bucket
            .has_platform
            .then(|| "aws".to_owned())
            .into_iter()
            .collect(),
        versions: bucket
            .versions
            .iter()
            .map(|(name, version)| {
                let builds = version.builds.iter().map(|(name, build)| {
                    (
                        COMPONENTS[*name].to_owned(),
                        status(build.state).as_str().to_owned(),
                    )
                });
                let seen = SeenVersion {
                    name: format!("v{}", version.number.unwrap_or(0)),
                    status: version.status(model.now).into(),
                    builds: builds.collect(),
                    revocation: version
                        .effective()
                        .map(|row| (row.at, row.source != version.key)),
                };
                (FINGERPRINTS[*name].to_owned(), seen)
            })
            .collect(),
        channels: bucket
            .channels
            .iter()
            .map(|(name, channel)| {
                let history = channel.history.iter().rev();
                let history =
                    history.map(|row| row.to.map(|(_, name)| FINGERPRINTS[name].to_owned()));
                (
                    CHANNELS[*name].to_owned(),
                    (fingerprint(channel.held), history.collect()),
                )
            })
            .collect(),
    };
    model
        .buckets
        .iter()
        .map(|(name, of)| (BUCKETS[*name].to_owned(), bucket(of)))
        .collect()
}
