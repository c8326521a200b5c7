//! A client that does one thing after the other to a bucket of its own and counts what was acknowledged, so
//! that afterwards it can be told what must be there: that much, or one step more.

use touchmark_client::Page;
use touchmark_tests::{
    Client, Error, RUN, done,
    wire::{
        bucket::CreateBucketBody,
        build::{BuildStatus, CreateBuildBody},
        channel::{CreateChannelBody, UpdateChannelBody},
        version::{CreateVersionBody, UpdateVersionBody},
    },
};

/// What is done again and again, after the bucket was created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Version,
    FirstBuild,
    SecondBuild,
    FirstDone,
    SecondDone,
    Channel,
    Revoke,
}

const ROUND: [Step; 7] = [
    Step::Version,
    Step::FirstBuild,
    Step::SecondBuild,
    Step::FirstDone,
    Step::SecondDone,
    Step::Channel,
    Step::Revoke,
];
const CHANNEL: &str = "release";
const BUILDS: [&str; 2] = ["null.a", "null.b"];

/// The story of one bucket, as far as it was acknowledged.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    pub(crate) bucket: String,
    /// Steps that were acknowledged, the creation of the bucket included.
    pub(crate) acknowledged: usize,
    builds: Vec<String>,
}

/// All that there is to see of a bucket, one line for each thing.
pub(crate) type Seen = Vec<String>;

/// Step number `index`, and the version that it is about.
fn step(index: usize) -> (Step, usize) {
    let index = index - 1;
    (ROUND[index % ROUND.len()], index / ROUND.len())
}

fn fingerprint(version: usize) -> String {
    format!("f{version}")
}

/// Every third version is revoked again.
fn is_revoked_in_the_end(version: usize) -> bool {
    version % 3 == 2
}

impl Writer {
    pub(crate) fn new(bucket: String) -> Self {
        Self {
            bucket,
            acknowledged: 0,
            builds: Vec::new(),
        }
    }

    /// Goes on until something fails; says what.
    pub(crate) async fn write(&mut self, client: &Client) -> Error {
        loop {
            if let Err(error) = self.next(client).await {
                return error;
            }
        }
    }

    /// Does the next step, and counts it when it was acknowledged.
    pub(crate) async fn next(&mut self, client: &Client) -> Result<(), Error> {
        if self.acknowledged == 0 {
            let body = CreateBucketBody {
                name: self.bucket.clone(),
                ..CreateBucketBody::default()
            };
            client.create_bucket(&body).await?;
        } else {
            self.perform(client, step(self.acknowledged)).await?;
        }
        self.acknowledged += 1;
        Ok(())
    }

    async fn perform(
        &mut self,
        client: &Client,
        (step, version): (Step, usize),
    ) -> Result<(), Error> {
        let (bucket, fingerprint) = (self.bucket.as_str(), fingerprint(version));
        match step {
            Step::Version => {
                let body = CreateVersionBody {
                    fingerprint,
                    template_type: None,
                };
                client.create_version(bucket, &body).await?;
            }
            Step::FirstBuild | Step::SecondBuild => {
                let second = usize::from(step == Step::SecondBuild);
                let body = CreateBuildBody {
                    component_type: BUILDS[second].into(),
                    packer_run_uuid: RUN.into(),
                    status: Some(BuildStatus::Running),
                    ..CreateBuildBody::default()
                };
                let new = client.create_build(bucket, &fingerprint, &body).await?;
                self.builds.truncate(second);
                self.builds.push(new.build.unwrap_or_default().id);
            }
            Step::FirstDone | Step::SecondDone => {
                let id = &self.builds[usize::from(step == Step::SecondDone)];
                let body = done(&fingerprint);
                client.update_build(bucket, &fingerprint, id, &body).await?;
            }
            Step::Channel if version == 0 => {
                let body = CreateChannelBody {
                    name: CHANNEL.into(),
                    version_fingerprint: fingerprint,
                    restricted: false,
                };
                client.create_channel(bucket, &body).await?;
            }
            Step::Channel => {
                let body = UpdateChannelBody {
                    update_mask: Some("versionFingerprint".into()),
                    version_fingerprint: fingerprint,
                    restricted: false,
                };
                client.update_channel(bucket, CHANNEL, &body).await?;
            }
            Step::Revoke if is_revoked_in_the_end(version) => {
                let body = UpdateVersionBody {
                    revoke_in: "0s".into(),
                    ..UpdateVersionBody::default()
                };
                client.update_version(bucket, &fingerprint, &body).await?;
            }
            Step::Revoke => {
                client.get_bucket(bucket).await?;
            }
        }
        Ok(())
    }

    /// Whether the bucket is what the acknowledged steps made of it, or with the one that was under way.
    pub(crate) async fn check(&self, client: &Client) -> Result<(), String> {
        let seen = look(client, &self.bucket).await;
        let possible = [expected(self.acknowledged), expected(self.acknowledged + 1)];
        if possible.contains(&seen) {
            return Ok(());
        }
        Err(format!(
            "{} after {} steps: {seen:#?}\nis neither {:#?}\nnor {:#?}",
            self.bucket, self.acknowledged, possible[0], possible[1],
        ))
    }

    /// Finds out whether the step that was under way was done, and counts it if so.
    pub(crate) async fn catch_up(&mut self, client: &Client) {
        let seen = look(client, &self.bucket).await;
        if seen != expected(self.acknowledged) {
            assert_eq!(seen, expected(self.acknowledged + 1), "{}", self.bucket);
            self.acknowledged += 1;
        }
        let version = self.acknowledged.saturating_sub(1) / ROUND.len();
        let page = Page::default();
        let builds = client
            .list_builds(&self.bucket, &fingerprint(version), &page)
            .await;
        let mut builds = builds.map(|list| list.builds).unwrap_or_default();
        builds.sort_by(|a, b| a.component_type.cmp(&b.component_type));
        self.builds = builds.into_iter().map(|build| build.id).collect();
    }
}

/// What there is to see after so many steps.
fn expected(steps: usize) -> Seen {
    let mut seen = Seen::new();
    if steps == 0 {
        return seen;
    }
    let (mut held, mut latest): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
    let mut now: (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
    for version in 0.. {
        let done = (steps - 1).saturating_sub(version * ROUND.len());
        let has = |step| {
            ROUND
                .iter()
                .position(|s| *s == step)
                .is_some_and(|at| at < done)
        };
        if !has(Step::Version) {
            break;
        }
        let revoked = has(Step::Revoke) && is_revoked_in_the_end(version);
        let complete = has(Step::SecondDone);
        let status = match (revoked, complete) {
            (true, _) => "VERSION_REVOKED",
            (false, true) => "VERSION_ACTIVE",
            (false, false) => "VERSION_RUNNING",
        };
        // A version whose first build is done and whose second is not there yet cannot be.
        let number = if complete { version + 1 } else { 0 };
        seen.push(format!(
            "version {} v{number} {status}",
            fingerprint(version)
        ));
        let builds = [
            (Step::FirstBuild, Step::FirstDone),
            (Step::SecondBuild, Step::SecondDone),
        ];
        for (name, (created, ended)) in BUILDS.iter().zip(builds) {
            if has(created) {
                let state = if has(ended) {
                    "BUILD_DONE 1"
                } else {
                    "BUILD_RUNNING 0"
                };
                seen.push(format!("build {} {name} {state}", fingerprint(version)));
            }
        }
        if complete {
            latest.push(version);
            now.1.push(version);
        }
        if has(Step::Channel) {
            held.push(version);
            now.0.push(version);
        }
        if revoked {
            now.0.pop();
            now.1.pop();
            held.extend(now.0.last());
            latest.extend(now.1.last());
        }
    }
    for (name, history) in [
        ("latest", Some(latest)),
        (CHANNEL, Some(held).filter(|h| !h.is_empty())),
    ] {
        if let Some(history) = history {
            let names: Vec<String> = history.iter().rev().map(|v| fingerprint(*v)).collect();
            seen.push(format!("channel {name} {}", names.join(" ")));
        }
    }
    seen.sort();
    seen
}

async fn look(client: &Client, bucket: &str) -> Seen {
    let page = Page {
        size: Some(1_000),
        ..Page::default()
    };
    let versions = match client.list_versions(bucket, &page).await {
        Err(Error::Refused {
            http_status: 404, ..
        }) => return Seen::new(),
        answer => answer.expect("versions").versions,
    };
    let mut seen = Seen::new();
    for version in versions {
        let (fingerprint, name) = (&version.fingerprint, &version.name);
        seen.push(format!(
            "version {fingerprint} {name} {}",
            version.status.as_str()
        ));
        for build in version.builds {
            let (name, status) = (build.component_type, build.status.as_str());
            seen.push(format!(
                "build {fingerprint} {name} {status} {}",
                build.artifacts.len()
            ));
        }
    }
    for channel in client
        .list_channels(bucket)
        .await
        .expect("channels")
        .channels
    {
        let history = client
            .list_channel_assignment_history(bucket, &channel.name, &page)
            .await;
        let history = history.expect("a history").history.into_iter();
        let names: Vec<String> = history
            .map(|row| {
                row.version
                    .map(|version| version.fingerprint)
                    .unwrap_or_default()
            })
            .collect();
        let held = channel.version.map(|version| version.fingerprint);
        assert_eq!(held.as_ref(), names.first(), "what {} holds", channel.name);
        seen.push(format!("channel {} {}", channel.name, names.join(" ")));
    }
    seen.sort();
    seen
}
