//! What a revocation is going to touch.

use std::collections::{BTreeMap, BTreeSet};

use touchmark_client::{
    Client,
    wire::{
        ancestry::BucketAncestryType,
        channel::Channel,
        version::{Version, VersionStatus},
    },
};

use crate::exit::Result;
use crate::listing;
use crate::words;

/// What a revocation of some versions is going to touch.
pub(super) struct Touched {
    /// Channels that hold one of them, as `alpine:production`, and what they fall back to.
    channels: Vec<(String, Option<String>)>,
    /// Versions that were built from one of them, as `web:v2`; those built from these are touched as well.
    descendants: BTreeSet<String>,
    /// Regions of artifacts, by platform.
    regions: BTreeMap<String, BTreeSet<String>>,
}

impl Touched {
    /// Asks the registry.
    pub(super) async fn ask(client: &Client, targets: &[Version]) -> Result<Self> {
        let mut touched = Self {
            channels: Vec::new(),
            descendants: BTreeSet::new(),
            regions: BTreeMap::new(),
        };
        let buckets: BTreeSet<&str> = targets.iter().map(|v| v.bucket_name.as_str()).collect();
        for bucket in buckets {
            touched.add_channels(client, bucket, targets).await?;
            touched.add_descendants(client, bucket, targets).await?;
        }
        for build in targets.iter().flat_map(|version| &version.builds) {
            let regions = touched.regions.entry(build.platform.clone()).or_default();
            regions.extend(
                build
                    .artifacts
                    .iter()
                    .map(|artifact| artifact.region.clone()),
            );
        }
        Ok(touched)
    }

    async fn add_channels(
        &mut self,
        client: &Client,
        bucket: &str,
        targets: &[Version],
    ) -> Result<()> {
        for channel in listing::channels(client, bucket).await? {
            let held = channel.version.as_ref();
            if held.is_some_and(|held| targets.iter().any(|target| target.id == held.id)) {
                let next = fall_back(client, &channel, targets).await?;
                self.channels
                    .push((format!("{bucket}:{}", channel.name), next));
            }
        }
        Ok(())
    }

    async fn add_descendants(
        &mut self,
        client: &Client,
        bucket: &str,
        targets: &[Version],
    ) -> Result<()> {
        if !targets.iter().any(|target| target.has_descendants) {
            return Ok(());
        }
        let children = BucketAncestryType::Children;
        for relation in listing::relations(client, (bucket, None), children).await? {
            let (Some(parent), Some(child)) = (relation.parent, relation.child) else {
                continue;
            };
            if targets.iter().any(|target| target.id == parent.version_id) {
                let name = format!("{}:{}", child.bucket_name, child.version_name);
                self.descendants.insert(name);
            }
        }
        Ok(())
    }

    /// A line for each kind of thing.
    pub(super) fn lines(&self, keeps_channels: bool, spares_descendants: bool) -> Vec<String> {
        let mut lines = Vec::new();
        for (channel, next) in &self.channels {
            // The registry moves `latest` in any case.
            let stays = keeps_channels && !channel.ends_with(":latest");
            lines.push(match next {
                _ if stays => format!("channel {channel} keeps it"),
                Some(next) => format!("channel {channel} falls back to {next}"),
                None => format!("channel {channel} holds nothing then"),
            });
        }
        for child in &self.descendants {
            lines.push(if spares_descendants {
                format!("{child} was built from it and stays valid")
            } else {
                format!(
                    "{child} was built from it and is revoked too, with what was built from that"
                )
            });
        }
        for (platform, regions) in &self.regions {
            let regions: Vec<&str> = regions.iter().map(String::as_str).collect();
            if !regions.is_empty() {
                lines.push(format!("artifacts on {platform}: {}", regions.join(", ")));
            }
        }
        lines
    }
}

/// What a channel holds when these versions are revoked: for `latest` the newest valid version, for others the
/// newest of their history.
async fn fall_back(
    client: &Client,
    channel: &Channel,
    targets: &[Version],
) -> Result<Option<String>> {
    let valid = |version: &&Version| {
        version.status == VersionStatus::Active
            && !targets.iter().any(|target| target.id == version.id)
    };
    let bucket = &channel.bucket_name;
    if channel.managed {
        let versions = listing::versions(client, bucket).await?;
        let newest = versions.iter().filter(valid).max_by_key(|v| number(v));
        return Ok(newest.map(words::version));
    }
    let history = listing::history(client, bucket, &channel.name).await?;
    let mut versions = history.iter().filter_map(|row| row.version.as_ref());
    Ok(versions.find(valid).map(words::version))
}

fn number(version: &Version) -> u64 {
    let number = version.name.strip_prefix('v');
    number.and_then(|text| text.parse().ok()).unwrap_or(0)
}
