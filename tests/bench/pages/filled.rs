//! A registry in which every page has something to show.

use std::collections::BTreeMap;

use serde_json::json;
use touchmark_client::Client;
use touchmark_registry::{domain::role::Role, store::principals::Scope};
use touchmark_wire::{
    bucket::CreateBucketBody,
    build::{BuildMetadata, UpdateBuildBody},
    channel::CreateChannelBody,
    own::CreateProjectBody,
    sbom::SbomFormat,
    version::UpdateVersionBody,
};

use crate::{Story, TestServer, artifact, done, upload};

/// A project in which there is nothing.
const EMPTY_PROJECT: &str = "attic";

/// What the patterns of addresses are filled in with.
#[derive(Debug, Clone)]
pub struct Filled(BTreeMap<&'static str, String>);

impl Filled {
    /// Fills a server that is new: two projects; in the first a base image with three versions, one of them revoked,
    /// an image that is built from it, one with very long words, and one that is empty.
    pub async fn make(server: &TestServer) -> Self {
        let admin = server.admin();
        base(&admin).await;
        let parent = admin.look("base-debian", "base-2").await;
        let build = parent.builds.first().map(|build| build.id.clone());
        let build = build.unwrap_or_default();
        admin.bucket("web").await;
        admin.child("web", "web-1", &parent, "").await;
        admin.channel("web", "production", "web-1").await;
        long_words(&admin).await;
        admin.bucket("empty").await;
        let project = CreateProjectBody {
            name: EMPTY_PROJECT.to_owned(),
            description: None,
        };
        let made = admin.own().create_project(&project).await;
        made.expect("a new project");
        let scope = Scope::Project(server.project.id.clone());
        let link = server.invite("invited", scope, Role::Viewer).await;
        let first = server.first_link.clone().unwrap_or_default();
        Self(BTreeMap::from([
            ("project", server.project.name.clone()),
            ("empty_project", EMPTY_PROJECT.to_owned()),
            ("bucket", "base-debian".to_owned()),
            ("long_bucket", "w".repeat(128)),
            ("empty_bucket", "empty".to_owned()),
            ("revoked_fingerprint", "base-3".to_owned()),
            ("long_fingerprint", "f".repeat(40)),
            ("fingerprint", "base-2".to_owned()),
            ("build", build),
            ("sbom", "packages".to_owned()),
            ("channel", "production".to_owned()),
            ("link", last_segment(&link)),
            ("first", last_segment(&first)),
            ("session", "01JZZZZZZZZZZZZZZZZZZZZZZZ".to_owned()),
            ("hash", "0".to_owned()),
            ("name", "touchmark.css".to_owned()),
        ]))
    }

    /// The same with other values.
    #[must_use]
    pub fn with(&self, values: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        let mut all = self.0.clone();
        all.extend(values);
        Self(all)
    }

    /// A pattern with everything filled in.
    ///
    /// # Panics
    /// When there is nothing to fill in for a name.
    pub fn fill(&self, pattern: &str) -> String {
        let mut filled = pattern.to_owned();
        for (name, value) in &self.0 {
            filled = filled.replace(&format!("{{{name}}}"), value);
        }
        assert!(
            !filled.contains('{'),
            "nothing is known to fill in: {filled}"
        );
        filled
    }
}

/// The last segment of a path.
pub(crate) fn last_segment(path: &str) -> String {
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

async fn base(admin: &Client) {
    let bucket = CreateBucketBody {
        name: "base-debian".to_owned(),
        description: "Debian 12, hardened: the base of all images".to_owned(),
        labels: labels(&[("os", "debian-12"), ("team", "platform")]),
    };
    admin.create_bucket(&bucket).await.expect("a new bucket");
    admin.complete("base-debian", "base-1").await;
    admin.version("base-debian", "base-2").await;
    // A version takes no more builds when all that it has are done.
    let mut builds = Vec::new();
    for (component, platform) in [("amazon-ebs.debian", "aws"), ("azure-arm.debian", "azure")] {
        let id = admin.build("base-debian", "base-2", component).await;
        builds.push((id, platform));
    }
    for (id, platform) in builds {
        finish(admin, &id, platform).await;
    }
    admin.channel("base-debian", "production", "base-2").await;
    admin.channel("base-debian", "old", "base-1").await;
    let restricted = CreateChannelBody {
        name: "security".to_owned(),
        version_fingerprint: "base-2".to_owned(),
        restricted: true,
    };
    let restricted = admin.create_channel("base-debian", &restricted).await;
    restricted.expect("a new channel");
    admin.complete("base-debian", "base-3").await;
    let revoked = UpdateVersionBody {
        revoke_in: "0s".to_owned(),
        revocation_message: "CVE-2026-0001 in openssl".to_owned(),
        ..UpdateVersionBody::default()
    };
    let revoked = admin
        .update_version("base-debian", "base-3", &revoked)
        .await;
    revoked.expect("a revocation");
    admin.version("base-debian", "base-4").await;
    admin
        .build("base-debian", "base-4", "amazon-ebs.debian")
        .await;
}

/// What a build of `base-2` ends with: its artifacts, how it was built, and what is in it.
async fn finish(admin: &Client, id: &str, platform: &str) {
    let sbom = json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
        {"type": "library", "name": "openssl", "version": "3.0.15", "purl": "pkg:deb/debian/openssl@3.0.15"}]});
    let body = upload(SbomFormat::CycloneDx, &sbom, "packages");
    let sbom = admin.upload_sbom("base-debian", "base-2", id, &body).await;
    sbom.expect("an SBOM");
    let body = UpdateBuildBody {
        platform: platform.to_owned(),
        labels: labels(&[("kernel", "6.1.0-31")]),
        metadata: Some(BuildMetadata {
            packer: json!({"version": "1.11.2", "plugins": [{"name": "amazon", "version": "1.3.3"}],
                "options": {"debug": false}, "operating_system": {"type": "linux", "details": {"arch": "amd64"}}}),
            vcs: json!({"type": "git", "details": {"ref": "main", "commit": "9f2c4e1", "author": "Ada <ada@example.com>",
                "has_uncommitted_changes": false}}),
            cicd: json!({"type": "github", "details": {"GITHUB_REPOSITORY": "example/images", "GITHUB_RUN_ID": "1"}}),
        }),
        artifacts: Some(vec![
            artifact(&format!("{platform}-0a1b2c3d4e5f60718"), "eu-central-1"),
            artifact(&format!("{platform}-1f2e3d4c5b6a79808"), "us-east-1"),
        ]),
        ..done("")
    };
    admin
        .update_build("base-debian", "base-2", id, &body)
        .await
        .expect("a build that is done");
}

/// A bucket in which every word is as long as it may be.
async fn long_words(admin: &Client) {
    let name = "w".repeat(128);
    let bucket = CreateBucketBody {
        name: name.clone(),
        description: "d".repeat(255),
        labels: labels(&[(&"k".repeat(128), &"v".repeat(1_024))]),
    };
    admin.create_bucket(&bucket).await.expect("a new bucket");
    let fingerprint = "f".repeat(40);
    admin.version(&name, &fingerprint).await;
    let id = admin.build(&name, &fingerprint, &"c".repeat(200)).await;
    let body = UpdateBuildBody {
        platform: "p".repeat(200),
        artifacts: Some(vec![artifact(&"i".repeat(1_024), &"r".repeat(200))]),
        ..done("")
    };
    admin
        .update_build(&name, &fingerprint, &id, &body)
        .await
        .expect("a build that is done");
    let channel = "c".repeat(128);
    admin.channel(&name, &channel, &fingerprint).await;
}

fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    owned.collect()
}
