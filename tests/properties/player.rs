//! Does operations to a real server as a client, and looks at what they came to.

use std::time::Duration;

use touchmark_registry::domain::time::Time;
use touchmark_tests::{
    Client, Error, TestServer, artifact,
    wire::{
        bucket::CreateBucketBody,
        build::{BuildStatus, CreateBuildBody, UpdateBuildBody},
        channel::{AssignChannelVersionBody, CreateChannelBody, UpdateChannelBody},
        version::{CreateVersionBody, UpdateVersionBody},
    },
};

use crate::{
    model::{LATEST, Model},
    operation::{
        BUCKETS, BuildState, CHANNELS, COMPONENTS, FINGERPRINTS, Holders, Operation, Parent, RUNS,
        Target, When,
    },
};

/// An id that nothing has.
const NOBODY: &str = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

/// A server and who uses it.
pub(crate) struct Player {
    pub(crate) server: TestServer,
    pub(crate) client: Client,
    pub(crate) begun: Time,
}

impl Player {
    pub(crate) async fn start() -> Self {
        let server = TestServer::start().await;
        let begun = server.clock.now();
        let client = server.admin();
        Self {
            server,
            client,
            begun,
        }
    }

    /// Forgets a token that may have expired by the server's clock, which the client does not see.
    pub(crate) fn sign_in_again(&mut self) {
        self.client = self.server.admin();
    }

    /// Does one operation: nothing, or the code of the refusal. Ids that came of it go into the model,
    /// which has done the operation already.
    pub(crate) async fn perform(
        &self,
        operation: &Operation,
        before: &Model,
        after: &mut Model,
    ) -> Result<(), i32> {
        let client = &self.client;
        let name = |bucket: usize| BUCKETS[bucket];
        match *operation {
            Operation::CreateBucket(bucket) => {
                let body = CreateBucketBody {
                    name: name(bucket).into(),
                    ..Default::default()
                };
                code(client.create_bucket(&body).await)?;
                self.learn_latest(bucket, after).await;
            }
            Operation::DeleteBucket(bucket) => {
                code(client.delete_bucket(name(bucket)).await)?;
            }
            Operation::CreateVersion(target) => self.create_version(target, after).await?,
            Operation::DeleteVersion(target, holders) => {
                self.delete_version(target, holders).await?;
            }
            Operation::Complete(target) => {
                let body = UpdateVersionBody {
                    complete: true,
                    ..Default::default()
                };
                self.update_version(target, body).await?;
            }
            Operation::CreateBuild(..)
            | Operation::UpdateBuild(..)
            | Operation::DeleteBuild(..) => {
                self.perform_on_build(operation, before, after).await?;
            }
            Operation::Revoke(target, when, flags) => {
                self.update_version(target, self.revocation(when, flags))
                    .await?;
            }
            Operation::Restore(target) => {
                let body = UpdateVersionBody {
                    restore: true,
                    ..Default::default()
                };
                self.update_version(target, body).await?;
            }
            Operation::Advance(minutes) => {
                self.server
                    .advance(Duration::from_secs(u64::from(minutes) * 60));
            }
            Operation::RunJobs => {
                self.server.run_jobs().await;
            }
            ref other => self.perform_on_channel(other, after).await?,
        }
        Ok(())
    }

    async fn create_version(&self, target: Target, after: &mut Model) -> Result<(), i32> {
        let body = CreateVersionBody {
            fingerprint: FINGERPRINTS[target.fingerprint].to_owned(),
            template_type: None,
        };
        let bucket = BUCKETS[target.bucket];
        let new = code(self.client.create_version(bucket, &body).await)?;
        if let Ok(version) = after.version(target, 0) {
            version.id = new.version.unwrap_or_default().id;
        }
        Ok(())
    }

    async fn delete_version(&self, target: Target, holders: Holders) -> Result<(), i32> {
        let (client, (bucket, fingerprint)) = (&self.client, of(target));
        let deleted = match holders {
            Holders::Block => client.delete_version(bucket, fingerprint).await,
            Holders::RollBack => {
                client
                    .delete_version_and_roll_back(bucket, fingerprint)
                    .await
            }
        };
        code(deleted).map(drop)
    }

    async fn perform_on_build(
        &self,
        operation: &Operation,
        before: &Model,
        after: &mut Model,
    ) -> Result<(), i32> {
        let client = &self.client;
        match *operation {
            Operation::CreateBuild(target, component, state) => {
                self.create_build(target, component, state, after).await?;
            }
            Operation::UpdateBuild(target, component, state, run, parent) => {
                let body = update(before, (state, run), parent);
                let (bucket, fingerprint) = of(target);
                let id = build_id(before, target, component);
                code(client.update_build(bucket, fingerprint, &id, &body).await)?;
            }
            Operation::DeleteBuild(target, component) => {
                let (bucket, fingerprint) = of(target);
                let id = build_id(before, target, component);
                code(client.delete_build(bucket, fingerprint, &id).await)?;
            }
            ref other => panic!("{other:?} is nothing that is done to a build"),
        }
        Ok(())
    }

    async fn perform_on_channel(
        &self,
        operation: &Operation,
        after: &mut Model,
    ) -> Result<(), i32> {
        let client = &self.client;
        let fingerprint = |to: Option<usize>| to.map_or("", |to| FINGERPRINTS[to]).to_owned();
        match *operation {
            Operation::CreateChannel(bucket, name, to) => {
                let body = CreateChannelBody {
                    name: CHANNELS[name].into(),
                    restricted: false,
                    version_fingerprint: fingerprint(to),
                };
                let new = code(client.create_channel(BUCKETS[bucket], &body).await)?;
                let channels = after
                    .buckets
                    .get_mut(&bucket)
                    .map(|bucket| &mut bucket.channels);
                if let Some(channel) = channels.and_then(|channels| channels.get_mut(&name)) {
                    channel.id = new.channel.unwrap_or_default().id;
                }
            }
            Operation::Assign(bucket, name, to) => {
                let body = UpdateChannelBody {
                    update_mask: Some("versionFingerprint".into()),
                    version_fingerprint: fingerprint(to),
                    restricted: false,
                };
                code(
                    client
                        .update_channel(BUCKETS[bucket], CHANNELS[name], &body)
                        .await,
                )?;
            }
            Operation::Copy(bucket, source, target) => {
                let body = AssignChannelVersionBody {
                    source_channel: CHANNELS[source].into(),
                    target_channel: CHANNELS[target].into(),
                };
                code(client.assign_channel_version(BUCKETS[bucket], &body).await)?;
            }
            Operation::DeleteChannel(bucket, name) => {
                code(client.delete_channel(BUCKETS[bucket], CHANNELS[name]).await)?;
            }
            ref other => panic!("{other:?} is nothing that is done to a channel"),
        }
        Ok(())
    }

    async fn learn_latest(&self, bucket: usize, after: &mut Model) {
        let latest = self
            .client
            .get_channel(BUCKETS[bucket], CHANNELS[LATEST])
            .await;
        let latest = latest
            .expect("the managed channel")
            .channel
            .unwrap_or_default();
        if let Ok(bucket) = after.bucket(bucket)
            && let Some(channel) = bucket.channels.get_mut(&LATEST)
        {
            channel.id = latest.id;
        }
    }

    async fn create_build(
        &self,
        target: Target,
        component: usize,
        state: BuildState,
        after: &mut Model,
    ) -> Result<(), i32> {
        let (bucket, fingerprint) = of(target);
        let body = CreateBuildBody {
            component_type: COMPONENTS[component].into(),
            packer_run_uuid: RUNS[0].into(),
            status: Some(status(state)),
            ..Default::default()
        };
        let new = code(self.client.create_build(bucket, fingerprint, &body).await)?;
        let builds = after.version(target, 0).map(|version| &mut version.builds);
        if let Some(build) = builds.ok().and_then(|builds| builds.get_mut(&component)) {
            build.id = new.build.unwrap_or_default().id;
        }
        Ok(())
    }

    async fn update_version(&self, target: Target, body: UpdateVersionBody) -> Result<(), i32> {
        let (bucket, fingerprint) = of(target);
        code(self.client.update_version(bucket, fingerprint, &body).await).map(drop)
    }

    fn revocation(&self, when: When, (spare, keep): (bool, bool)) -> UpdateVersionBody {
        let mut body = UpdateVersionBody {
            skip_descendants_revocation: spare,
            disable_rollback_channels: keep,
            ..Default::default()
        };
        match when {
            When::AnHourAgo => {
                let then = self.server.clock.now().before(Duration::from_hours(1));
                body.revoke_at = Some(then.into());
            }
            When::Now => body.revoke_in = "0s".into(),
            When::InTenMinutes => body.revoke_in = "10m".into(),
        }
        body
    }
}

fn of(target: Target) -> (&'static str, &'static str) {
    (BUCKETS[target.bucket], FINGERPRINTS[target.fingerprint])
}

fn build_id(model: &Model, target: Target, component: usize) -> String {
    let build = model
        .find(target)
        .and_then(|version| version.builds.get(&component));
    build.map_or(NOBODY, |build| &build.id).to_owned()
}

pub(crate) fn status(state: BuildState) -> BuildStatus {
    match state {
        BuildState::Unset => BuildStatus::Unset,
        BuildState::Running => BuildStatus::Running,
        BuildState::Done => BuildStatus::Done,
        BuildState::Failed => BuildStatus::Failed,
        BuildState::Cancelled => BuildStatus::Cancelled,
    }
}

fn update(
    model: &Model,
    (state, run): (BuildState, usize),
    parent: Option<Parent>,
) -> UpdateBuildBody {
    let parent = model.parent(parent);
    let (id, channel) = parent
        .map(|(_, id, channel)| (id, channel))
        .unwrap_or_default();
    let done = state == BuildState::Done;
    UpdateBuildBody {
        status: Some(status(state)),
        packer_run_uuid: RUNS[run].into(),
        platform: if done { "aws".into() } else { String::new() },
        artifacts: done.then(|| vec![artifact("ami-1", "us-east-1")]),
        parent_version_id: id,
        parent_channel_id: channel.unwrap_or_default(),
        ..UpdateBuildBody::default()
    }
}

fn code<T>(answer: Result<T, Error>) -> Result<T, i32> {
    answer.map_err(|error| match error {
        Error::Refused { status, .. } => status.code.number(),
        other => panic!("failed in another way: {other:?}"),
    })
}
