//! A story in which everything happens, and the log of what was done since a moment.

use std::{collections::BTreeMap, time::Duration};

use touchmark_tests::{
    Client, RUN, Story, TestServer, done, upload,
    wire::{
        build::{BuildMetadata, BuildStatus, UpdateBuildBody},
        enforced_block::{CreateEnforcedBlockBody, ManageEnforcedBlockLinkedBucketsBody},
        policy::Policy,
        sbom::SbomFormat,
        version::UpdateVersionBody,
    },
};

use crate::look::{self, Event};

/// Watches the event log from a moment on.
pub(crate) struct Watch<'a> {
    server: &'a TestServer,
    seen: usize,
}

impl<'a> Watch<'a> {
    /// Watches what comes from now on.
    pub(crate) async fn from_now(server: &'a TestServer) -> Self {
        let seen = look::log(server).await.len();
        Self { server, seen }
    }

    /// The events since the last look.
    pub(crate) async fn news(&mut self) -> Vec<Event> {
        let new = look::log(self.server).await.split_off(self.seen);
        self.seen += new.len();
        new
    }

    /// The same as lines: action, name of the resource, who did it.
    pub(crate) async fn shown(&mut self) -> String {
        lines(&self.news().await)
    }

    /// [`Watch::shown`], bucket after bucket in the order in which they were made.
    pub(crate) async fn shown_by_bucket(&mut self) -> String {
        let mut news = self.news().await;
        news.sort_by(|one, other| one.bucket_id.cmp(&other.bucket_id));
        lines(&news)
    }
}

fn lines(news: &[Event]) -> String {
    let lines: Vec<String> = news
        .iter()
        .map(|event| {
            format!(
                "{} {} by {}",
                event.action, event.resource_name, event.actor_name
            )
        })
        .collect();
    lines.join("\n")
}

/// A state of a build, as Packer reports it.
pub(crate) fn status(status: BuildStatus) -> UpdateBuildBody {
    UpdateBuildBody {
        status: Some(status),
        packer_run_uuid: RUN.to_owned(),
        ..UpdateBuildBody::default()
    }
}

/// Revokes at once.
pub(crate) fn revoke() -> UpdateVersionBody {
    UpdateVersionBody {
        revoke_in: "0s".to_owned(),
        revocation_message: "CVE-2026-1".to_owned(),
        ..UpdateVersionBody::default()
    }
}

/// Takes a revocation back.
pub(crate) fn restore() -> UpdateVersionBody {
    UpdateVersionBody {
        restore: true,
        ..UpdateVersionBody::default()
    }
}

/// Revokes a version at once.
pub(crate) async fn revoked(client: &Client, bucket: &str, fingerprint: &str) {
    let revoked = client.update_version(bucket, fingerprint, &revoke()).await;
    revoked.expect("a revoked version");
}

/// A bucket `parent` with versions `p1` and `p2`, a bucket `child` whose version `c1` was made from
/// `p2`, and in each a channel `prod` that holds its newest version.
pub(crate) async fn family(server: &TestServer) {
    let client = server.admin();
    client.bucket("parent").await;
    client.complete("parent", "p1").await;
    let prod = client.channel("parent", "prod", "p1").await;
    let parent = client.complete("parent", "p2").await;
    client.assign("parent", "prod", "p2").await;
    // Ids of another millisecond are greater, so the order of events is the same in every run.
    server.advance(Duration::from_millis(5));
    client.bucket("child").await;
    client.child("child", "c1", &parent, &prod).await;
    client.channel("child", "prod", "c1").await;
}

/// Everything that fills a table, in one project.
pub(crate) async fn everything(server: &TestServer) {
    family(server).await;
    let client = server.admin();
    client.version("child", "open").await;
    let id = client.build("child", "open", "amazon-ebs.base").await;
    let body = UpdateBuildBody {
        labels: BTreeMap::from([("os".to_owned(), "Zoë's \"Linux\" 🐧".to_owned())]),
        metadata: Some(BuildMetadata {
            vcs: serde_json::json!({"type": "git", "details": {"commit": "0A1B2C3D4E"}}),
            ..BuildMetadata::default()
        }),
        ..status(BuildStatus::Running)
    };
    client
        .update_build("child", "open", &id, &body)
        .await
        .expect("a build that runs");
    let document = serde_json::json!({"bomFormat": "CycloneDX", "specVersion": "1.6",
        "components": [{"type": "library", "name": "zlib", "version": "1.3"}]});
    let body = upload(SbomFormat::CycloneDx, &document, "os-packages");
    client
        .upload_sbom("child", "open", &id, &body)
        .await
        .expect("an SBOM");
    let other = client.build("child", "open", "null.other").await;
    client
        .update_build("child", "open", &other, &done("image"))
        .await
        .expect("a build that is done");
    revoked(&client, "parent", "p2").await;
    let bucket = format!("packer/project/{}/bucket/child", server.project.id);
    client
        .set_iam_policy(&bucket, Policy::default())
        .await
        .expect("a policy");
    client
        .get_registry_tfc_run_task_api("validation")
        .await
        .expect("a run task");
    enforced(&client, "child").await;
}

/// A block that is enforced on a bucket.
async fn enforced(client: &Client, bucket: &str) {
    let body = CreateEnforcedBlockBody {
        name: "baseline".to_owned(),
        version: "1.0.0".to_owned(),
        block_content: "provisioner \"shell-local\" {}".to_owned(),
        ..CreateEnforcedBlockBody::default()
    };
    let answer = client.create_enforced_block(&body).await.expect("a block");
    let block = answer.enforced_block.expect("the block");
    let version = block.latest_version.expect("its version");
    let buckets = ManageEnforcedBlockLinkedBucketsBody {
        bucket_names: Some(vec![bucket.to_owned()]),
    };
    client
        .manage_enforced_block_linked_buckets(&block.id, &version.id, &buckets)
        .await
        .expect("a link");
}
