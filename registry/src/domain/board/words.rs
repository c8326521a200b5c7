//! Reasons in words: a sentence, the command that mends it, the page where it is mended.

use std::{fmt, time::Duration};

use super::{Kind, Missing, Page, Place, Reason, Release};

/// Places that are named; the rest is counted.
const NAMED: usize = 3;

impl Reason {
    /// A plain sentence, without the time: `prod hands out v12, which is revoked: «CVE-2026-1234»`.
    pub fn text(&self) -> String {
        let channel = self.channel.as_deref().unwrap_or("the newest version");
        let version = name(self.version.as_ref());
        let text = match self.kind {
            Kind::ChannelRevoked => {
                format!(
                    "{channel} hands out {version}, which is revoked{}",
                    self.source()
                )
            }
            Kind::RevocationScheduled => format!(
                "{channel} hands out {version}, which will be revoked{}",
                self.source()
            ),
            Kind::ChannelEmptied => {
                format!("{channel} hands out nothing since {version} was revoked")
            }
            Kind::NothingValid => "every complete version is revoked".to_owned(),
            Kind::ParentRevoked => {
                let held = self
                    .channel
                    .as_ref()
                    .map(|name| format!("{name} hands out "));
                let held = held.unwrap_or_default();
                format!(
                    "{held}{version}, built on {}, which is revoked",
                    self.built_on()
                )
            }
            Kind::PlaceMissing => self.missing_text(&version),
            Kind::ChannelLags => {
                let newest = name(self.other.as_ref());
                let count = self.count.unwrap_or_default();
                let versions = if count == 1 { "version" } else { "versions" };
                format!("{channel} gives {version}, {count} {versions} behind {newest}")
            }
            Kind::ParentMoved => self.moved_text(),
            Kind::TooOld => {
                let limit = self.limit.map(span).unwrap_or_default();
                match &self.channel {
                    Some(channel) => format!("{channel} gives {version}, older than {limit}"),
                    None => format!("the newest version, {version}, is older than {limit}"),
                }
            }
            Kind::BuildFailed => format!("the last build failed ({version})"),
            Kind::BuildHangs => format!("the last build makes no progress ({version})"),
            Kind::NothingComplete => "nothing complete yet".to_owned(),
        };
        if self.message.is_empty() {
            text
        } else {
            format!("{text}: «{}»", self.message)
        }
    }

    /// From where a revocation was inherited.
    fn source(&self) -> String {
        let source = self.parent.as_ref();
        let source =
            source.map(|parent| format!(" with {} {}", parent.bucket, parent.version.name));
        source.unwrap_or_default()
    }

    fn built_on(&self) -> String {
        let parent = self.parent.as_ref();
        let parent = parent.map(|parent| format!("{} {}", parent.bucket, parent.version.name));
        parent.unwrap_or_default()
    }

    fn missing_text(&self, version: &str) -> String {
        let (missing, previous) = (Missing(&self.missing), name(self.other.as_ref()));
        let are = if self.missing.len() == 1 { "is" } else { "are" };
        let gives = self
            .channel
            .as_ref()
            .map(|name| format!("; {name} gives {version}"));
        let gives = gives.unwrap_or_default();
        format!("{missing} {are} missing in {version} ({previous} had it){gives}")
    }

    fn moved_text(&self) -> String {
        let on = format!("built on {}", self.built_on());
        let Some(parent) = &self.parent else {
            return on;
        };
        match (&parent.channel, &parent.now) {
            (Some(channel), Some(now)) => format!("{on}; its {channel} is {}", now.name),
            (Some(channel), None) => format!("{on}; its {channel} gives nothing"),
            (None, _) => format!("{on}, which has moved on"),
        }
    }

    /// The command of `touchmark` that mends it, or that shows what there is to mend.
    pub fn command(&self, bucket: &str) -> String {
        let version = self.version.as_ref().map_or("", Release::handle);
        let show = || format!("touchmark version show {bucket}:{version}");
        match (self.kind, &self.channel, &self.other) {
            (Kind::ChannelRevoked, Some(channel), _) => {
                format!("touchmark channel rollback {bucket}:{channel}")
            }
            (
                Kind::RevocationScheduled | Kind::ChannelEmptied | Kind::ChannelLags | Kind::TooOld,
                Some(channel),
                Some(other),
            ) if channel != crate::domain::channel::LATEST => {
                format!(
                    "touchmark channel assign {bucket}:{channel} {}",
                    other.handle()
                )
            }
            (Kind::PlaceMissing, _, Some(previous)) => {
                let previous = previous.handle();
                format!("touchmark version diff {bucket}:{previous} {bucket}:{version}")
            }
            (Kind::ChannelEmptied, Some(channel), _) => {
                format!("touchmark channel history {bucket}:{channel}")
            }
            (Kind::NothingValid, ..) => format!("touchmark version list {bucket}"),
            (Kind::NothingComplete, ..) => format!("touchmark build --bucket {bucket} ."),
            _ => show(),
        }
    }

    /// The page where it is mended.
    pub fn page(&self, bucket: &str) -> Page {
        let bucket = bucket.to_owned();
        match (self.kind, &self.channel, &self.version, &self.other) {
            (Kind::PlaceMissing, _, Some(version), Some(previous)) => Page::Compare {
                bucket,
                from: previous.fingerprint.clone(),
                to: version.fingerprint.clone(),
            },
            (Kind::NothingValid | Kind::NothingComplete, ..) => Page::Bucket { bucket },
            (kind, Some(channel), ..) if kind != Kind::ParentRevoked => Page::Channel {
                bucket,
                channel: channel.clone(),
            },
            (_, _, Some(version), _) => Page::Version {
                bucket,
                fingerprint: version.fingerprint.clone(),
            },
            _ => Page::Bucket { bucket },
        }
    }
}

impl Release {
    /// How commands name it: all incomplete versions have the same name.
    fn handle(&self) -> &str {
        if self.name == "v0" {
            &self.fingerprint
        } else {
            &self.name
        }
    }
}

fn name(release: Option<&Release>) -> String {
    release
        .map(|release| release.handle().to_owned())
        .unwrap_or_default()
}

/// A span in the largest unit that it is a whole number of.
fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute")];
    let unit = units
        .into_iter()
        .find(|(size, _)| seconds >= *size && seconds.is_multiple_of(*size));
    let (size, unit) = unit.unwrap_or((1, "second"));
    let count = seconds / size;
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

impl fmt::Display for Missing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, place) in self.0.iter().take(NAMED).enumerate() {
            if at > 0 {
                f.write_str(", ")?;
            }
            place.fmt(f)?;
        }
        match self.0.len().saturating_sub(NAMED) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.platform.as_str(), self.region.as_str()) {
            (platform, "") => f.write_str(platform),
            ("", region) => f.write_str(region),
            (platform, region) => write!(f, "{platform} {region}"),
        }
    }
}
