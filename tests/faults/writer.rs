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

use crate::writings::{expected, look};

/// What is done again and again, after the bucket was created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Version,
    FirstBuild,
    SecondBuild,
    FirstDone,
    SecondDone,
    Channel,
    Revoke,
}

pub(crate) const ROUND: [Step; 7] = [
    Step::Version,
    Step::FirstBuild,
    Step::SecondBuild,
    Step::FirstDone,
    Step::SecondDone,
    Step::Channel,
    Step::Revoke,
];
pub(crate) const CHANNEL: &str = "release";
pub(crate) const BUILDS: [&str; 2] = ["null.a", "null.b"];

/// The story of one bucket, as far as it was acknowledged.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    pub(crate) bucket: String,
    /// Steps that were acknowledged, the creation of the bucket included.
    pub(crate) acknowledged: usize,
    builds: Vec<String>,
}

/// Step number `index`, and the version that it is about.
fn step(index: usize) -> (Step, usize) {
    let index = index - 1;
    (ROUND[index % ROUND.len()], index / ROUND.len())
}

pub(crate) fn fingerprint(version: usize) -> String {
    format!("f{version}")
}

/// Every third version is revoked again.
pub(crate) fn is_revoked_in_the_end(version: usize) -> bool {
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
