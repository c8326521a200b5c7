//! What is in the registry of most tests here:
//!
//! * bucket `alpine` with the versions `v1` to `v3` of two regions each, of which `v2` and `v3` have an SBOM;
//!   `nightly` is still being built;
//! * its channels `production`, which held `v1` and holds `v2`, and `staging`, which holds `v3`;
//! * bucket `web`, whose `v1` was built from what `production` of `alpine` held.

use std::{collections::BTreeMap, time::Duration};

use serde_json::json;
use touchmark_tests::{
    Client, RUN, Story as _, TestServer, artifact, upload,
    wire::{
        bucket::CreateBucketBody,
        build::{BuildStatus, CreateBuildBody, UpdateBuildBody},
        sbom::SbomFormat,
    },
};

use crate::program::Cli;

/// What builds the images of `alpine`.
pub(crate) const COMPONENT: &str = "amazon-ebs.base";

/// A server with all this, and its admin.
pub(crate) async fn seeded() -> (TestServer, Cli) {
    let server = TestServer::start().await;
    seed(&server).await;
    let cli = Cli::admin(&server);
    (server, cli)
}

/// Records all this, one thing after the other: what is made at the same time has no order.
pub(crate) async fn seed(server: &TestServer) {
    let client = &server.admin();
    bucket(client).await;
    for number in 1..=3 {
        server.advance(Duration::from_secs(1));
        version(client, number).await;
    }
    server.advance(Duration::from_secs(1));
    client.channel("alpine", "production", "alpine-1").await;
    client.assign("alpine", "production", "alpine-2").await;
    client.channel("alpine", "staging", "alpine-3").await;
    client.version("alpine", "nightly").await;
    build(client, "nightly", BuildStatus::Running).await;
    child(client).await;
}

async fn bucket(client: &Client) {
    let body = CreateBucketBody {
        name: "alpine".to_owned(),
        description: "Base images".to_owned(),
        labels: labels(&[("team", "platform")]),
    };
    client.create_bucket(&body).await.expect("a bucket");
}

fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

async fn build(client: &Client, fingerprint: &str, status: BuildStatus) -> String {
    let body = CreateBuildBody {
        component_type: COMPONENT.to_owned(),
        packer_run_uuid: RUN.to_owned(),
        status: Some(status),
        ..CreateBuildBody::default()
    };
    let answer = client.create_build("alpine", fingerprint, &body).await;
    answer.expect("a build").build.expect("the build").id
}

async fn version(client: &Client, number: u8) {
    let fingerprint = format!("alpine-{number}");
    client.version("alpine", &fingerprint).await;
    let id = build(client, &fingerprint, BuildStatus::Running).await;
    if number > 1 {
        let document = json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
            {"type": "library", "name": "musl", "version": "1.2.5"},
            {"type": "library", "name": "openssl", "version": format!("3.3.{number}")},
        ]});
        let body = upload(SbomFormat::CycloneDx, &document, "system");
        let uploaded = client.upload_sbom("alpine", &fingerprint, &id, &body).await;
        uploaded.expect("an upload");
    }
    let second = if number == 1 {
        "eu-west-1"
    } else {
        "eu-central-1"
    };
    let body = UpdateBuildBody {
        status: Some(BuildStatus::Done),
        packer_run_uuid: RUN.to_owned(),
        platform: "aws".to_owned(),
        labels: labels(&[("os", "alpine"), ("release", &format!("3.{number}"))]),
        source_external_identifier: format!("ami-5000000000000000{number}"),
        artifacts: Some(vec![
            artifact(&format!("ami-0a1b2c3d4e5f6000{number}"), "us-east-1"),
            artifact(&format!("ami-1a1b2c3d4e5f6000{number}"), second),
        ]),
        ..UpdateBuildBody::default()
    };
    let updated = client
        .update_build("alpine", &fingerprint, &id, &body)
        .await;
    updated.expect("a build that is done");
}

async fn child(client: &Client) {
    client.bucket("web").await;
    let parent = client.look("alpine", "alpine-2").await;
    let channel = client.get_channel("alpine", "production").await;
    let channel = channel.expect("a channel").channel.expect("the channel").id;
    client.child("web", "web-1", &parent, &channel).await;
}
