//! What a revocation is going to touch, for people.

use std::collections::{BTreeMap, BTreeSet};

use touchmark_client::wire::revocation::{
    ChannelFallback, NamedVersion, RevocationAnswer, RevokedVersion,
};

use crate::words;

/// Lines of one kind at most, after which they are counted.
const SHOWN: usize = 50;

/// What has to be typed for a version: its address.
pub(super) fn address(version: &RevokedVersion) -> String {
    let name = words::called(&version.version_name, &version.fingerprint);
    format!("{}:{name}", version.bucket_name)
}

/// A version in a sentence: `alpine:v3 (01J…)`.
pub(super) fn target(version: &RevokedVersion) -> String {
    let named = words::named(&version.version_name, &version.fingerprint);
    format!("{}:{named}", version.bucket_name)
}

fn version(version: &NamedVersion) -> String {
    let name = words::called(&version.version_name, &version.fingerprint);
    format!("{}:{name}", version.bucket_name)
}

/// A line per version, then what hangs on them; `keeps` says whether channels and descendants are left alone.
pub(super) fn lines(seen: &RevocationAnswer, keeps: (bool, bool)) -> Vec<String> {
    let mut lines = Vec::new();
    let targets = seen
        .targets
        .iter()
        .map(|it| format!("{} is going to be revoked:", target(it)));
    limited(&mut lines, targets, "more versions");
    let (keeps_channels, spares) = keeps;
    let channels = seen.channels.iter().map(|it| format!("  {}", channel(it)));
    limited(&mut lines, channels, "more channels");
    if keeps_channels {
        lines.push("  other channels keep what they hold".to_owned());
    }
    let descendants = seen.descendants.iter().map(|it| {
        let name = words::called(&it.version_name, &it.fingerprint);
        let from = version(&it.inherits_from);
        format!(
            "  {}:{name} is revoked too: it was built from {from}",
            it.bucket_name
        )
    });
    limited(&mut lines, descendants, "more descendants");
    if spares {
        lines.push("  what was built from it stays valid".to_owned());
    }
    lines.extend(regions(seen));
    let skipped = seen
        .skipped
        .iter()
        .map(|it| format!("  {} is revoked already", version(it)));
    limited(&mut lines, skipped, "more that are revoked already");
    lines
}

fn limited(lines: &mut Vec<String>, all: impl ExactSizeIterator<Item = String>, what: &str) {
    let more = all.len().saturating_sub(SHOWN);
    lines.extend(all.take(SHOWN));
    if more > 0 {
        lines.push(format!("  and {more} {what}"));
    }
}

fn channel(it: &ChannelFallback) -> String {
    let name = format!("channel {}:{}", it.bucket_name, it.channel_name);
    match &it.to {
        Some(next) => format!(
            "{name} falls back to {}",
            words::called(&next.version_name, &next.fingerprint)
        ),
        None => format!("{name} holds nothing then"),
    }
}

fn regions(seen: &RevocationAnswer) -> Vec<String> {
    let mut platforms: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for artifact in &seen.artifacts {
        let regions = platforms.entry(artifact.platform.as_str()).or_default();
        if !artifact.region.is_empty() {
            regions.insert(&artifact.region);
        }
    }
    let lines = platforms.into_iter().map(|(platform, regions)| {
        let regions: Vec<&str> = regions.into_iter().collect();
        format!("  artifacts on {platform}: {}", regions.join(", "))
    });
    lines.collect()
}
