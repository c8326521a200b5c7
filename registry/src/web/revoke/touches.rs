//! What revoking touches, as the page shows it.

use std::collections::{BTreeMap, BTreeSet};

use super::how::utc;
use crate::{
    domain::time::Time,
    ops::revocations::{Fallback, Forecast, NamedVersion, Target, Touched},
    web::{
        choice::called,
        href,
        show::{Id, State, When},
    },
};

/// Rows of each kind that are shown; of the others the number.
const SHOWN: usize = 50;

/// What is touched.
pub(super) struct Touches {
    /// What the form agrees to.
    pub(super) digest: String,
    /// When it happens, unless at once.
    pub(super) later: Option<Later>,
    /// The versions that are revoked.
    pub(super) targets: Vec<Row>,
    /// Those of them that are not shown.
    pub(super) more_targets: usize,
    /// Who inherits.
    pub(super) descendants: Vec<Row>,
    /// Those of them that are not shown.
    pub(super) more_descendants: usize,
    /// Channels that move.
    pub(super) channels: Vec<Move>,
    /// Those of them that are not shown.
    pub(super) more_channels: usize,
    /// Channels that stay and give a revoked version.
    pub(super) staying: Vec<String>,
    /// Artifacts that are not to be used any more.
    pub(super) artifacts: Vec<Artifact>,
    /// How many there are.
    pub(super) artifacts_total: i64,
    /// Regions in which they are.
    pub(super) regions: usize,
    /// Those that are revoked already.
    pub(super) skipped: Vec<Row>,
    /// What has to be typed.
    pub(super) expected: String,
    /// Whose name that is.
    pub(super) place: &'static str,
}

/// A moment to come.
pub(super) struct Later {
    /// How far it is.
    pub(super) when: When,
    /// In full.
    pub(super) text: String,
}

/// A version.
pub(super) struct Row {
    /// Its bucket and name.
    pub(super) name: String,
    /// Its page.
    pub(super) href: String,
    /// Where it stands.
    pub(super) state: Option<State>,
    /// The channels that give it.
    pub(super) channels: String,
}

/// A channel that moves.
pub(super) struct Move {
    /// Its bucket.
    pub(super) bucket: String,
    /// Its name.
    pub(super) name: String,
    /// Its page.
    pub(super) href: String,
    /// What it gives.
    pub(super) from: String,
    /// What it will give.
    pub(super) to: Option<String>,
}

/// An artifact.
pub(super) struct Artifact {
    /// The version that holds it.
    pub(super) version: String,
    /// The provider.
    pub(super) platform: String,
    /// The region.
    pub(super) region: String,
    /// Its id.
    pub(super) id: Id,
}

fn name(version: &NamedVersion) -> &str {
    called(&version.version_name, &version.fingerprint)
}

fn full(version: &NamedVersion) -> String {
    format!("{} {}", version.bucket_name, name(version))
}

/// The first of some things, as they are shown, and how many more there are.
fn first<T, U>(all: &[T], show: impl Fn(&T) -> U) -> (Vec<U>, usize) {
    let shown = all.iter().take(SHOWN).map(show).collect();
    (shown, all.len().saturating_sub(SHOWN))
}

impl Touches {
    /// What is known of it. `keeps` says that channels stay.
    pub(super) fn new(forecast: Forecast, project: &str, (keeps, now): (bool, Time)) -> Self {
        let row = |version: &NamedVersion, state, channels: &[String]| Row {
            name: full(version),
            href: href::version(project, &version.bucket_name, &version.fingerprint),
            state,
            channels: channels.join(", "),
        };
        let given = given(&forecast.channels);
        let (targets, more_targets) = first(&forecast.targets, |target| {
            let state = Some(State::of(target.status));
            row(&target.version, state, &target.channels)
        });
        let (descendants, more_descendants) = first(&forecast.descendants, |heir| {
            let channels = given
                .get(&key(&heir.version))
                .map_or(&[][..], Vec::as_slice);
            row(&heir.version, Some(State::of(heir.status)), channels)
        });
        let (channels, more_channels) = first(&forecast.channels, |one| moves(one, project));
        let (artifacts, _) = first(&forecast.artifacts, artifact);
        let (skipped, _) = first(&forecast.skipped, |version| row(version, None, &[]));
        let (expected, place) = expected(&forecast.targets, project);
        let later = (forecast.revoke_at > now).then(|| Later {
            when: When::new(forecast.revoke_at, now),
            text: utc(forecast.revoke_at),
        });
        let held = forecast.artifacts.iter().map(|one| &one.held);
        let regions: BTreeSet<_> = held.map(|held| (&held.platform, &held.region)).collect();
        Self {
            later,
            targets,
            more_targets,
            descendants,
            more_descendants,
            channels,
            more_channels,
            staying: if keeps {
                staying(&forecast)
            } else {
                Vec::new()
            },
            regions: regions.len(),
            artifacts,
            artifacts_total: forecast.artifacts_total,
            skipped,
            expected,
            place,
            digest: forecast.digest,
        }
    }

    /// How many descendants there are.
    pub(super) fn heirs(&self) -> usize {
        self.descendants.len() + self.more_descendants
    }

    /// How many versions are to be revoked.
    pub(super) fn roots(&self) -> usize {
        self.targets.len() + self.more_targets
    }

    /// Whether there are more artifacts than are shown.
    pub(super) fn more_artifacts(&self) -> bool {
        usize::try_from(self.artifacts_total).is_ok_and(|total| total > self.artifacts.len())
    }

    /// How many channels move.
    pub(super) fn moving(&self) -> usize {
        self.channels.len() + self.more_channels
    }
}

/// What tells a version from all others of a project.
fn key(version: &NamedVersion) -> (String, String) {
    (version.bucket_name.clone(), version.fingerprint.clone())
}

/// The channels of people that give a version and move, by version.
fn given(channels: &[Fallback]) -> BTreeMap<(String, String), Vec<String>> {
    let mut given: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for channel in channels.iter().filter(|channel| !channel.managed) {
        let names = given.entry(key(&channel.from)).or_default();
        names.push(channel.channel_name.clone());
    }
    given
}

/// What has to be typed: the name of the bucket, or of the project when there are several buckets.
fn expected(targets: &[Target], project: &str) -> (String, &'static str) {
    let buckets: BTreeSet<&str> = targets
        .iter()
        .map(|target| target.version.bucket_name.as_str())
        .collect();
    match buckets.first() {
        Some(only) if buckets.len() == 1 => ((*only).to_owned(), "bucket"),
        _ => (project.to_owned(), "project"),
    }
}

/// The channels that go on to give what is revoked.
fn staying(forecast: &Forecast) -> Vec<String> {
    let moving: BTreeSet<(&str, &str)> = forecast
        .channels
        .iter()
        .map(|one| (one.bucket_name.as_str(), one.channel_name.as_str()))
        .collect();
    let of = |target: &Target| {
        let bucket = target.version.bucket_name.clone();
        let names = target.channels.clone().into_iter();
        names.map(move |name| (bucket.clone(), name))
    };
    let held = forecast.targets.iter().flat_map(of);
    let held = held.filter(|(bucket, name)| !moving.contains(&(bucket.as_str(), name.as_str())));
    held.map(|(bucket, name)| format!("{name} of {bucket}"))
        .take(SHOWN)
        .collect()
}

fn moves(channel: &Fallback, project: &str) -> Move {
    Move {
        href: href::channel(project, &channel.bucket_name, &channel.channel_name),
        bucket: channel.bucket_name.clone(),
        name: channel.channel_name.clone(),
        from: name(&channel.from).to_owned(),
        to: channel.to.as_ref().map(|to| name(to).to_owned()),
    }
}

fn artifact(touched: &Touched) -> Artifact {
    Artifact {
        version: full(&touched.version),
        platform: touched.held.platform.clone(),
        region: touched.held.region.clone(),
        id: Id::new(touched.held.external_identifier.clone()),
    }
}

/// What was done, and how to undo it.
pub(super) fn told(done: &Forecast, now: Time) -> String {
    let what = match done.targets.as_slice() {
        [only] => full(&only.version),
        many => format!("{} versions", many.len()),
    };
    let heirs = match done.descendants.len() {
        0 => String::new(),
        1 => " and a descendant".to_owned(),
        count => format!(" and {count} descendants"),
    };
    let several = done.targets.len() + done.descendants.len() > 1;
    let undo = if done.targets.len() == 1 {
        "restore it"
    } else {
        "restore each of them"
    };
    if done.revoke_at > now {
        let at = utc(done.revoke_at);
        return format!("{what}{heirs} will be revoked at {at}. To undo it, {undo}.");
    }
    let are = if several { "are" } else { "is" };
    let went = |channel: &Fallback| {
        let to = channel.to.as_ref().map_or("nothing", name);
        format!(
            "{} of {} gives {to} now",
            channel.channel_name, channel.bucket_name
        )
    };
    let of_people = || done.channels.iter().filter(|channel| !channel.managed);
    let mut moved: Vec<String> = of_people().take(3).map(went).collect();
    let more = of_people().count() - moved.len();
    if more > 0 {
        moved.push(format!("{more} more moved"));
    }
    let moved = if moved.is_empty() {
        String::new()
    } else {
        format!(" {}.", moved.join("; "))
    };
    format!(
        "{what}{heirs} {are} revoked.{moved} To undo it, {undo}; channels stay where they are then."
    )
}
