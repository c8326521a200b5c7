//! What a registry is filled with: which buckets, versions and channels, and in which order. Names and ids
//! follow from numbers, so that whoever drives load knows them without asking.

use touchmark_registry::{
    domain::build::{BuildChange, BuildStatus, NewArtifact},
    ops::{
        buckets,
        bulk::{Entry, Version},
        channels,
    },
};

/// Versions in one transaction.
const BATCH: usize = 1_000;
/// Buckets that the descendants of one version are spread over.
const HOMES: usize = 10;
/// The bucket that reads are measured on.
pub(crate) const READ_BUCKET: &str = "read";
/// The channel that reads are measured on; every bucket has one.
pub(crate) const READ_CHANNEL: &str = "production";
/// The bucket that holds more versions than the others.
pub(crate) const LARGE_BUCKET: &str = "large";

const REGIONS: [&str; 10] = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "eu-central-1",
    "eu-north-1",
    "ap-south-1",
    "ap-southeast-1",
    "sa-east-1",
];

/// How much of what.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Sizes {
    /// Buckets that the versions are spread over, in turn
    #[arg(long, default_value_t = 100)]
    pub(crate) buckets: usize,
    /// Versions in these buckets, all together
    #[arg(long, default_value_t = 1_000)]
    pub(crate) versions: usize,
    /// Artifacts of each version
    #[arg(long, default_value_t = 10)]
    pub(crate) artifacts: usize,
    /// Versions in the one bucket `large`; 0 leaves it out
    #[arg(long, default_value_t = 0)]
    pub(crate) one_bucket: usize,
    /// Descendants of the version `root` of the bucket `chain-0`, each the parent of the next
    #[arg(long, default_value_t = 0)]
    pub(crate) chain: usize,
    /// Descendants of the version `root` of the bucket `fan-0`, all of them its children
    #[arg(long, default_value_t = 0)]
    pub(crate) fan_out: usize,
}

/// A version of an ordinary bucket.
pub(crate) fn fingerprint(number: usize) -> String {
    format!("seed{number:022}")
}

/// An ordinary bucket.
pub(crate) fn bucket(number: usize) -> String {
    format!("bucket-{number:06}")
}

/// The most artifacts that a build has.
const ARTIFACTS: usize = 1_000;

/// The id of an artifact of a version: as random as those of clouds, so that an index on them is filled in random
/// order.
pub(crate) fn artifact_id(version: usize, artifact: usize) -> String {
    let number = version * ARTIFACTS + artifact;
    format!("ami-{:017x}", scramble(number as u64) >> 4)
}

/// One step of `SplitMix64`: a one-to-one map of the numbers that looks like chance.
fn scramble(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// What is told of a build that is done. Versions that differ in `number` share no artifact.
fn done(number: usize, artifacts: usize) -> BuildChange {
    let region = |at: usize| REGIONS.get(at % REGIONS.len()).copied().unwrap_or_default();
    let artifacts = (0..artifacts).map(|at| NewArtifact {
        external_identifier: artifact_id(number, at),
        region: region(at).to_owned(),
    });
    let run = scramble(number as u64);
    BuildChange {
        status: Some(BuildStatus::Done),
        packer_run_uuid: format!("{:08x}-0000-4000-8000-{:012x}", run >> 32, run & 0xffff_ffff),
        platform: "aws".to_owned(),
        metadata: Some(r#"{"packer":{"version":"1.16.0","plugins":[{"name":"amazon","version":"1.8.0"}]},"vcs":{},"cicd":{}}"#.to_owned()),
        artifacts: Some(artifacts.collect()),
        ..BuildChange::default()
    }
}

fn version(bucket: &str, fingerprint: String, done: BuildChange) -> Entry {
    Entry::Version(Version {
        bucket: bucket.to_owned(),
        fingerprint,
        component_type: "amazon-ebs.base".to_owned(),
        done,
    })
}

fn create(name: &str) -> Entry {
    Entry::Bucket(buckets::Create {
        name: name.to_owned(),
        description: "Filled in for measurements".to_owned(),
        labels: [("team".to_owned(), "platform".to_owned())].into(),
    })
}

fn hand_out(bucket: &str, fingerprint: String) -> Entry {
    let create = channels::Create {
        name: READ_CHANNEL.to_owned(),
        restricted: false,
        fingerprint,
    };
    Entry::Channel(bucket.to_owned(), create)
}

impl Sizes {
    /// All versions that there will be.
    pub(crate) fn all_versions(&self) -> usize {
        let families: usize = self.families().map(|family| family.descendants + 1).sum();
        1 + self.versions + self.one_bucket + families
    }

    /// All buckets that there will be.
    pub(crate) fn all_buckets(&self) -> usize {
        let large = usize::from(self.one_bucket > 0);
        1 + self.buckets + large + self.families().count() * HOMES
    }

    /// The fingerprint of the version in the bucket that is read.
    pub(crate) fn read_version(&self) -> String {
        fingerprint(self.versions + self.one_bucket)
    }

    /// What one of `lanes` lanes records, in transactions. A bucket belongs to one lane. The buckets get
    /// their versions in turn, as they do when many teams build, so rows of one bucket lie apart.
    pub(super) fn lane(&self, lane: usize, lanes: usize) -> impl Iterator<Item = Vec<Entry>> {
        let mine = move |bucket: &usize| bucket % lanes == lane;
        let buckets = (0..self.buckets)
            .filter(mine)
            .map(|number| create(&bucket(number)));
        let versions = (0..self.versions)
            .filter(move |number| mine(&(number % self.buckets.max(1))))
            .map(|number| {
                let bucket = bucket(number % self.buckets.max(1));
                version(&bucket, fingerprint(number), done(number, self.artifacts))
            });
        let first = self.versions.saturating_sub(self.buckets);
        let channels = (first..self.versions)
            .filter(move |number| mine(&(number % self.buckets.max(1))))
            .map(|number| hand_out(&bucket(number % self.buckets.max(1)), fingerprint(number)));
        let special = (lane == 0)
            .then(|| self.read_bucket())
            .into_iter()
            .flatten();
        let large = (lane == lanes - 1).then(|| self.large_bucket());
        let all = buckets.chain(versions).chain(channels).chain(special);
        batches(all.chain(large.into_iter().flatten()))
    }

    /// The bucket whose channel is read: one small version, so that an answer is as small as most are.
    fn read_bucket(&self) -> impl Iterator<Item = Entry> + use<> {
        let number = self.versions + self.one_bucket;
        let fingerprint = fingerprint(number);
        [
            create(READ_BUCKET),
            version(READ_BUCKET, fingerprint.clone(), done(number, 2)),
            hand_out(READ_BUCKET, fingerprint),
        ]
        .into_iter()
    }

    fn large_bucket(&self) -> impl Iterator<Item = Entry> {
        let numbers = self.versions..self.versions + self.one_bucket;
        let newest = numbers.clone().last();
        let versions = numbers.map(|number| {
            version(
                LARGE_BUCKET,
                fingerprint(number),
                done(number, self.artifacts),
            )
        });
        let bucket = newest.map(|_| create(LARGE_BUCKET));
        let channel = newest.map(|number| hand_out(LARGE_BUCKET, fingerprint(number)));
        bucket.into_iter().chain(versions).chain(channel)
    }

    /// The versions that have descendants.
    pub(super) fn families(&self) -> impl Iterator<Item = Family> + use<> {
        let first = self.versions + self.one_bucket + 1;
        let chain = Family {
            name: "chain",
            descendants: self.chain,
            first,
            parent_of: |number| number - 1,
        };
        let fan = Family {
            name: FAN,
            descendants: self.fan_out,
            first: first + self.chain + 1,
            parent_of: |_| 0,
        };
        [chain, fan]
            .into_iter()
            .filter(|family| family.descendants > 0)
    }
}

fn batches(mut entries: impl Iterator<Item = Entry>) -> impl Iterator<Item = Vec<Entry>> {
    std::iter::from_fn(move || {
        let batch: Vec<_> = entries.by_ref().take(BATCH).collect();
        (!batch.is_empty()).then_some(batch)
    })
}

/// A version and all that descends from it, spread over some buckets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Family {
    name: &'static str,
    descendants: usize,
    /// The number of the first version, which decides what its artifacts are called.
    first: usize,
    /// Whose child a descendant is; the root is number 0.
    parent_of: fn(usize) -> usize,
}

/// The family whose members are all children of one version.
pub(crate) const FAN: &str = "fan";

/// The bucket of a member of a family.
pub(crate) fn home(family: &str, number: usize) -> String {
    format!("{family}-{}", number % HOMES)
}

/// The fingerprint of a member of a family; the root is number 0.
pub(crate) fn descendant(number: usize) -> String {
    match number {
        0 => "root".to_owned(),
        number => format!("descendant-{number}"),
    }
}

/// One version of a family.
#[derive(Debug, Clone, Copy)]
pub(super) struct Child {
    number: usize,
    /// The number of its parent, which comes before it; `None` for the root.
    pub(super) parent: Option<usize>,
}

impl Family {
    /// The buckets that it is spread over.
    pub(super) fn buckets(&self) -> Vec<Entry> {
        (0..HOMES)
            .map(|number| create(&home(self.name, number)))
            .collect()
    }

    /// The root and all descendants.
    pub(super) fn children(&self) -> impl Iterator<Item = Child> + use<> {
        let parent_of = self.parent_of;
        (0..=self.descendants).map(move |number| Child {
            number,
            parent: (number > 0).then(|| parent_of(number)),
        })
    }

    /// What records a child of the version with this id.
    pub(super) fn entry(&self, child: &Child, parent_version_id: String) -> Entry {
        let done = BuildChange {
            parent_version_id,
            ..done(self.first + child.number, 1)
        };
        version(
            &home(self.name, child.number),
            descendant(child.number),
            done,
        )
    }
}
