//! What can be done to the small world of the properties, and how such things are drawn.

use proptest::prelude::*;

/// Names of buckets; operations carry the place of a name.
pub(crate) const BUCKETS: [&str; 3] = ["alpine", "debian", "fedora"];
/// Fingerprints of versions.
pub(crate) const FINGERPRINTS: [&str; 3] = ["f0", "f1", "f2"];
/// Component types of builds.
pub(crate) const COMPONENTS: [&str; 2] = ["null.a", "null.b"];
/// Names of channels; the last is the one that the registry manages.
pub(crate) const CHANNELS: [&str; 3] = ["beta", "stable", "latest"];
/// Runs of Packer.
pub(crate) const RUNS: [&str; 2] = [
    "2f0c5c3a-5d96-477d-92e5-681c85120246",
    "7b1e7c57-9a39-4c9c-8a7e-6a9a3d1a8f10",
];

/// A version: its bucket and its fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) bucket: usize,
    pub(crate) fingerprint: usize,
}

/// What a build was made from, if that exists when it is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parent {
    pub(crate) version: Target,
    pub(crate) channel: Option<usize>,
}

/// What a build is told to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BuildState {
    Unset,
    Running,
    Done,
    Failed,
    Cancelled,
}

/// From when on a version is revoked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum When {
    AnHourAgo,
    Now,
    InTenMinutes,
}

/// What becomes of channels that hold what is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holders {
    Block,
    RollBack,
}

/// Something that is done to the world.
#[derive(Debug, Clone)]
pub(crate) enum Operation {
    CreateBucket(usize),
    DeleteBucket(usize),
    CreateVersion(Target),
    DeleteVersion(Target, Holders),
    Complete(Target),
    CreateBuild(Target, usize, BuildState),
    UpdateBuild(Target, usize, BuildState, usize, Option<Parent>),
    DeleteBuild(Target, usize),
    CreateChannel(usize, usize, Option<usize>),
    Assign(usize, usize, Option<usize>),
    Copy(usize, usize, usize),
    DeleteChannel(usize, usize),
    /// The flags: whether descendants are spared, and whether channels stay.
    Revoke(Target, When, (bool, bool)),
    Restore(Target),
    /// So many minutes pass.
    Advance(u32),
    RunJobs,
}

/// One draw: an operation, the same sent twice, or what Packer does in one go.
fn draw() -> impl Strategy<Value = Vec<Operation>> {
    prop_oneof![
        6 => publish(),
        12 => single().prop_map(|operation| vec![operation]),
        1 => single().prop_map(|operation| vec![operation.clone(), operation]),
    ]
}

/// Sequences of operations.
pub(crate) fn sequences() -> impl Strategy<Value = Vec<Vec<Operation>>> {
    prop::collection::vec(draw(), 4..28)
}

fn target() -> impl Strategy<Value = Target> {
    // Two buckets are used often, so that things meet.
    let bucket = prop_oneof![4 => 0..2_usize, 1 => Just(2_usize)];
    (bucket, 0..FINGERPRINTS.len()).prop_map(|(bucket, fingerprint)| Target {
        bucket,
        fingerprint,
    })
}

fn parent() -> impl Strategy<Value = Option<Parent>> {
    let some = (target(), prop::option::of(0..CHANNELS.len()))
        .prop_map(|(version, channel)| Parent { version, channel });
    prop::option::of(some)
}

/// A version with a build that becomes done.
fn publish() -> impl Strategy<Value = Vec<Operation>> {
    (target(), 0..COMPONENTS.len(), parent()).prop_map(|(target, component, parent)| {
        use BuildState::{Done, Unset};
        vec![
            Operation::CreateBucket(target.bucket),
            Operation::CreateVersion(target),
            Operation::CreateBuild(target, component, Unset),
            Operation::UpdateBuild(target, component, Done, 0, parent),
        ]
    })
}

fn single() -> impl Strategy<Value = Operation> {
    prop_oneof![
        20 => of_channels(),
        18 => of_revocations(),
        12 => of_builds(),
        6 => of_versions(),
        2 => (0..BUCKETS.len()).prop_map(Operation::CreateBucket),
        1 => (0..BUCKETS.len()).prop_map(Operation::DeleteBucket),
        5 => prop_oneof![Just(7_u32), Just(31)].prop_map(Operation::Advance),
        5 => Just(Operation::RunJobs),
    ]
}

fn of_channels() -> impl Strategy<Value = Operation> {
    let bucket = || 0..BUCKETS.len();
    let channel = || 0..CHANNELS.len();
    let fingerprint = || prop::option::weighted(0.8, 0..FINGERPRINTS.len());
    prop_oneof![
        4 => (bucket(), channel(), fingerprint())
            .prop_map(|(bucket, channel, to)| Operation::CreateChannel(bucket, channel, to)),
        8 => (bucket(), channel(), fingerprint())
            .prop_map(|(bucket, channel, to)| Operation::Assign(bucket, channel, to)),
        2 => (bucket(), channel(), channel())
            .prop_map(|(bucket, source, target)| Operation::Copy(bucket, source, target)),
        1 => (bucket(), channel())
            .prop_map(|(bucket, channel)| Operation::DeleteChannel(bucket, channel)),
    ]
}

fn of_revocations() -> impl Strategy<Value = Operation> {
    let when = prop_oneof![
        1 => Just(When::AnHourAgo),
        3 => Just(When::Now),
        3 => Just(When::InTenMinutes),
    ];
    prop_oneof![
        5 => (target(), when, (prop::bool::weighted(0.2), prop::bool::weighted(0.2)))
            .prop_map(|(target, when, flags)| Operation::Revoke(target, when, flags)),
        3 => target().prop_map(Operation::Restore),
    ]
}

fn of_builds() -> impl Strategy<Value = Operation> {
    use BuildState::{Cancelled, Done, Failed, Running, Unset};
    let component = || 0..COMPONENTS.len();
    let begin = prop_oneof![Just(Unset), Just(Running)];
    let state = prop_oneof![
        2 => Just(Running),
        3 => Just(Done),
        1 => Just(Failed),
        1 => Just(Cancelled),
    ];
    prop_oneof![
        3 => (target(), component(), begin)
            .prop_map(|(target, component, state)| Operation::CreateBuild(target, component, state)),
        6 => (target(), component(), state, 0..RUNS.len(), parent())
            .prop_map(|(t, component, state, run, parent)| {
                Operation::UpdateBuild(t, component, state, run, parent)
            }),
        1 => (target(), component())
            .prop_map(|(target, component)| Operation::DeleteBuild(target, component)),
    ]
}

fn of_versions() -> impl Strategy<Value = Operation> {
    let holders = prop_oneof![Just(Holders::Block), Just(Holders::RollBack)];
    prop_oneof![
        2 => target().prop_map(Operation::CreateVersion),
        3 => (target(), holders)
            .prop_map(|(target, holders)| Operation::DeleteVersion(target, holders)),
        1 => target().prop_map(Operation::Complete),
    ]
}
