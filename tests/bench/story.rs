//! What many tests begin with: a bucket, a version, a build that is done. Everything goes through the
//! public interface.

use touchmark_client::Client;
use touchmark_wire::{
    artifact::ArtifactCreateBody,
    bucket::CreateBucketBody,
    build::{BuildStatus, CreateBuildBody, UpdateBuildBody},
    channel::{CreateChannelBody, UpdateChannelBody},
    version::{CreateVersionBody, TemplateType, Version},
};

/// The run of Packer in all stories.
pub const RUN: &str = "2f0c5c3a-5d96-477d-92e5-681c85120246";

/// An artifact in a region.
pub fn artifact(external_identifier: &str, region: &str) -> ArtifactCreateBody {
    ArtifactCreateBody {
        external_identifier: external_identifier.to_owned(),
        region: region.to_owned(),
    }
}

/// What Packer says of a build that ended well: one artifact on AWS.
pub fn done(external_identifier: &str) -> UpdateBuildBody {
    UpdateBuildBody {
        status: Some(BuildStatus::Done),
        packer_run_uuid: RUN.to_owned(),
        platform: "aws".to_owned(),
        artifacts: Some(vec![artifact(external_identifier, "us-east-1")]),
        ..UpdateBuildBody::default()
    }
}

/// Steps of a story, on the client of whoever takes them.
#[expect(
    async_fn_in_trait,
    reason = "used in these tests only, where no bound on the futures is needed"
)]
pub trait Story {
    /// Creates a bucket.
    async fn bucket(&self, name: &str);
    /// Creates a version without builds.
    async fn version(&self, bucket: &str, fingerprint: &str) -> Version;
    /// Registers a build and gives its id.
    async fn build(&self, bucket: &str, fingerprint: &str, component: &str) -> String;
    /// Creates a version with one done build, whose artifact is called like the fingerprint.
    async fn complete(&self, bucket: &str, fingerprint: &str) -> Version;
    /// [`Story::complete`] with a build that was made from a parent, found through a channel (or not).
    async fn child(
        &self,
        bucket: &str,
        fingerprint: &str,
        parent: &Version,
        channel_id: &str,
    ) -> Version;
    /// Creates a channel that holds a version, or none when the fingerprint is empty; gives its id.
    async fn channel(&self, bucket: &str, name: &str, fingerprint: &str) -> String;
    /// Assigns a version to a channel; an empty fingerprint clears it.
    async fn assign(&self, bucket: &str, name: &str, fingerprint: &str);
    /// The fingerprint that a channel hands out; empty for none.
    async fn held(&self, bucket: &str, channel: &str) -> String;
    /// The version as it is now.
    async fn look(&self, bucket: &str, fingerprint: &str) -> Version;
}

impl Story for Client {
    async fn bucket(&self, name: &str) {
        let body = CreateBucketBody {
            name: name.to_owned(),
            ..CreateBucketBody::default()
        };
        self.create_bucket(&body).await.expect("a new bucket");
    }

    async fn version(&self, bucket: &str, fingerprint: &str) -> Version {
        let body = CreateVersionBody {
            fingerprint: fingerprint.to_owned(),
            template_type: Some(TemplateType::Hcl2),
        };
        let answer = self
            .create_version(bucket, &body)
            .await
            .expect("a new version");
        answer.version.expect("the version")
    }

    async fn build(&self, bucket: &str, fingerprint: &str, component: &str) -> String {
        let body = CreateBuildBody {
            component_type: component.to_owned(),
            packer_run_uuid: RUN.to_owned(),
            status: Some(BuildStatus::Unset),
            ..CreateBuildBody::default()
        };
        let answer = self
            .create_build(bucket, fingerprint, &body)
            .await
            .expect("a new build");
        answer.build.expect("the build").id
    }

    async fn complete(&self, bucket: &str, fingerprint: &str) -> Version {
        self.version(bucket, fingerprint).await;
        let id = self.build(bucket, fingerprint, "amazon-ebs.base").await;
        let body = done(fingerprint);
        self.update_build(bucket, fingerprint, &id, &body)
            .await
            .expect("a build that is done");
        self.look(bucket, fingerprint).await
    }

    async fn child(
        &self,
        bucket: &str,
        fingerprint: &str,
        parent: &Version,
        channel_id: &str,
    ) -> Version {
        self.version(bucket, fingerprint).await;
        let id = self.build(bucket, fingerprint, "amazon-ebs.base").await;
        let body = UpdateBuildBody {
            parent_version_id: parent.id.clone(),
            parent_channel_id: channel_id.to_owned(),
            source_external_identifier: parent.fingerprint.clone(),
            ..done(fingerprint)
        };
        self.update_build(bucket, fingerprint, &id, &body)
            .await
            .expect("a build that is done");
        self.look(bucket, fingerprint).await
    }

    async fn channel(&self, bucket: &str, name: &str, fingerprint: &str) -> String {
        let body = CreateChannelBody {
            name: name.to_owned(),
            version_fingerprint: fingerprint.to_owned(),
            restricted: false,
        };
        let answer = self
            .create_channel(bucket, &body)
            .await
            .expect("a new channel");
        answer.channel.expect("the channel").id
    }

    async fn assign(&self, bucket: &str, name: &str, fingerprint: &str) {
        let body = UpdateChannelBody {
            update_mask: Some("versionFingerprint".to_owned()),
            version_fingerprint: fingerprint.to_owned(),
            restricted: false,
        };
        self.update_channel(bucket, name, &body)
            .await
            .expect("an assignment");
    }

    async fn held(&self, bucket: &str, channel: &str) -> String {
        let answer = self.get_channel(bucket, channel).await.expect("a channel");
        let channel = answer.channel.expect("the channel");
        channel
            .version
            .map(|version| version.fingerprint)
            .unwrap_or_default()
    }

    async fn look(&self, bucket: &str, fingerprint: &str) -> Version {
        let answer = self
            .get_version(bucket, fingerprint)
            .await
            .expect("a version");
        answer.version.expect("the version")
    }
}
