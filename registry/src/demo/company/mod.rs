//! A made-up company as tables: its teams and people, what they build, how often, and who promotes it. What
//! went wrong there is in `incidents`.

mod applications;
mod bases;
mod operations;
mod people;
mod platforms;

pub(super) use people::{Kind, MEMBERS, RELEASE, SCANNER, SECURITY};

/// Days of the past that the tables tell of.
pub(super) const DAYS: u32 = 183;
/// The channel that others build on, and that machines are made from.
pub(super) const PRODUCTION: &str = "production";
/// The channel where a version is tried out first.
pub(super) const STAGING: &str = "staging";

/// Who builds, and who decides.
#[derive(Debug)]
pub(super) struct Team {
    /// As it stands in the label `team`.
    pub(super) name: &'static str,
    /// The person who promotes.
    pub(super) owner: &'static str,
    /// The service that builds.
    pub(super) ci: &'static str,
}

/// What is built for a platform.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target {
    /// An AMI in each of these regions.
    Aws(&'static [&'static str]),
    /// A version of a gallery image in each of these regions.
    Azure(&'static [&'static str]),
    /// An image, made in this zone.
    Gce(&'static str),
    /// A template in each of these data centers.
    Vsphere(&'static [&'static str]),
    /// A disk.
    Qemu,
    /// An image of containers.
    Docker,
}

/// What the packages of an image are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packages {
    Ubuntu,
    Debian,
    Rocky,
    Alpine,
    Java,
    Node,
    Python,
}

/// When an image is built, in days before now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schedule {
    pub(super) first: u32,
    pub(super) every: u32,
    pub(super) last: u32,
}

/// Who moves a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mover {
    /// The service that releases what has passed its tests.
    Release,
    /// The owner of the team.
    Owner,
}

/// A channel, and how it follows what is built.
#[derive(Debug, Clone, Copy)]
pub(super) struct Channel {
    pub(super) name: &'static str,
    pub(super) mover: Mover,
    /// Hours after a version was complete.
    pub(super) after: u32,
    /// How many of the newest versions it was not moved to.
    pub(super) behind: usize,
    pub(super) restricted: bool,
}

/// How a run ended that did not simply end well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Nothing was built for this platform, or in this region.
    Without(&'static str),
    /// The last build failed.
    Failed,
    /// The last build failed, and ended well when it was run again.
    Retried,
    /// The last build was cancelled.
    Cancelled,
    /// It began a few minutes ago, and all builds but the first are still under way.
    Running,
}

/// A bucket.
#[derive(Debug, Clone, Copy)]
pub(super) struct Image {
    pub(super) name: &'static str,
    pub(super) team: &'static Team,
    pub(super) description: &'static str,
    /// The system, as it stands in the label `os` and in the names of builds.
    pub(super) os: &'static str,
    pub(super) targets: &'static [Target],
    /// The bucket whose production it is built from.
    pub(super) parent: Option<&'static str>,
    /// `None` for one in which nothing was ever built.
    pub(super) schedule: Option<Schedule>,
    pub(super) channels: &'static [Channel],
    pub(super) packages: &'static [Packages],
    /// How runs ended, by how many runs came after them.
    pub(super) outcomes: &'static [(usize, Outcome)],
}

impl Image {
    const fn new(name: &'static str, team: &'static Team, description: &'static str) -> Self {
        Self {
            name,
            team,
            description,
            os: "linux",
            targets: &[],
            parent: None,
            schedule: None,
            channels: PROMOTED,
            packages: &[],
            outcomes: &[],
        }
    }

    const fn os(mut self, os: &'static str, targets: &'static [Target]) -> Self {
        self.os = os;
        self.targets = targets;
        self
    }

    const fn from(mut self, parent: &'static str) -> Self {
        self.parent = Some(parent);
        self
    }

    /// Built `first` days ago, then every `every` days until `last` days ago.
    const fn built(mut self, first: u32, every: u32, last: u32) -> Self {
        self.schedule = Some(Schedule { first, every, last });
        self
    }

    const fn channels(mut self, channels: &'static [Channel]) -> Self {
        self.channels = channels;
        self
    }

    const fn packages(mut self, packages: &'static [Packages]) -> Self {
        self.packages = packages;
        self
    }

    const fn outcomes(mut self, outcomes: &'static [(usize, Outcome)]) -> Self {
        self.outcomes = outcomes;
        self
    }
}

const fn channel(name: &'static str, mover: Mover, after: u32) -> Channel {
    Channel {
        name,
        mover,
        after,
        behind: 0,
        restricted: false,
    }
}

/// Production, when nobody has promoted the newest versions.
const fn lagging(behind: usize) -> Channel {
    Channel {
        behind,
        ..channel(PRODUCTION, Mover::Owner, 24)
    }
}

/// Tried out at once, promoted by a person the next day.
const PROMOTED: &[Channel] = &[
    channel(STAGING, Mover::Release, 1),
    channel(PRODUCTION, Mover::Owner, 24),
];
/// Promoted by the pipeline when the tests have passed.
const AUTOMATIC: &[Channel] = &[
    channel(STAGING, Mover::Release, 1),
    channel(PRODUCTION, Mover::Release, 6),
];

const EUROPE: &[&str] = &["eu-central-1", "eu-west-1"];
const WORLD: &[&str] = &["eu-central-1", "eu-west-1", "us-east-1", "us-west-2"];
const AZURE_REGIONS: &[&str] = &["westeurope", "northeurope"];
const DATA_CENTERS: &[&str] = &["fra1", "ams2"];
const ZONE: &str = "europe-west1-b";

const AWS: &[Target] = &[Target::Aws(WORLD)];
const AWS_EUROPE: &[Target] = &[Target::Aws(EUROPE)];
const CLOUDS: &[Target] = &[
    Target::Aws(WORLD),
    Target::Azure(AZURE_REGIONS),
    Target::Gce(ZONE),
];
const AWS_AZURE: &[Target] = &[Target::Aws(WORLD), Target::Azure(AZURE_REGIONS)];

/// All buckets; parents come before their children.
pub(super) fn images() -> impl Iterator<Item = &'static Image> {
    let groups = [
        bases::IMAGES,
        platforms::IMAGES,
        applications::IMAGES,
        operations::IMAGES,
    ];
    groups.into_iter().flatten()
}
