//! Templates that look up what they build from, and what they find.

use std::time::Duration;

use serde_json::json;
use touchmark_tests::{
    Client, Story, TestServer,
    wire::version::{UpdateVersionBody, Version},
};

use crate::{
    reading::{By, Reader},
    run::{Packer, Release},
};

/// A base with two builds on channel `stable`; gives the version and the channel's id.
pub(crate) async fn base(server: &TestServer) -> (Version, String) {
    let packer = Packer::new(server, Release::V1_16, ("base", "b1")).await;
    // One after the other: builds that are registered at once have no order that is known.
    packer.prepare(&["amazon-ebs.one"]).await.expect("a run");
    let both = packer.prepare(&["amazon-ebs.one", "amazon-ebs.two"]).await;
    let slots = both.expect("a run");
    for slot in &slots {
        let mut body = packer.result(&format!("ami-{}", slot.component));
        body["labels"] = json!({"git_sha": "abc"});
        packer.done(slot, body).await;
    }
    let admin = server.admin();
    let id = admin.channel("base", "stable", "b1").await;
    (admin.look("base", "b1").await, id)
}

/// Revokes a version of the base.
pub(crate) async fn revoke(
    client: &Client,
    fingerprint: &str,
    revoke_in: &str,
    keeps_channels: bool,
) {
    let body = UpdateVersionBody {
        revoke_in: revoke_in.into(),
        disable_rollback_channels: keeps_channels,
        ..UpdateVersionBody::default()
    };
    let answer = client.update_version("base", fingerprint, &body).await;
    answer.expect("a revocation");
}

#[tokio::test]
async fn the_version_source_gives_the_version_and_its_channel() {
    let server = TestServer::start().await;
    let (expected, channel_id) = base(&server).await;
    let reader = Reader::new(&server).await;
    let (version, channel) = reader.version("base", "stable").await.expect("a version");
    assert_eq!(version["id"], expected.id.as_str());
    assert_eq!(
        (version["name"].as_str(), channel),
        (Some("v1"), channel_id)
    );
    assert_eq!(version["builds"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn the_artifact_source_finds_by_channel_and_by_fingerprint() {
    let server = TestServer::start().await;
    let (version, channel_id) = base(&server).await;
    let reader = Reader::new(&server).await;
    let second = version
        .builds
        .iter()
        .find(|build| build.component_type == "amazon-ebs.two")
        .expect("a build");
    for (by, channel_id) in [
        (By::Channel("stable"), channel_id.as_str()),
        (By::Fingerprint("b1"), ""),
    ] {
        let any = reader
            .artifact("base", by, ("aws", "us-east-1", None))
            .await;
        let any = any.expect("an artifact");
        assert_eq!(
            any.external_identifier, "ami-amazon-ebs.one",
            "the first one wins"
        );
        let wanted = ("aws", "us-east-1", Some("amazon-ebs.two"));
        let found = reader
            .artifact("base", by, wanted)
            .await
            .expect("an artifact");
        assert_eq!(found.external_identifier, "ami-amazon-ebs.two");
        assert_eq!(found.build_id, second.id);
        assert_eq!(found.version_id, version.id);
        assert_eq!(found.channel_id, channel_id);
        assert_eq!(found.labels, json!({"git_sha": "abc"}));
        for wanted in [("aws", "eu-west-1", None), ("azure", "us-east-1", None)] {
            let found = reader.artifact("base", by, wanted).await;
            assert_eq!(found, Err("no artifact fits".to_owned()));
        }
    }
}

#[tokio::test]
async fn the_deprecated_sources_see_the_same_ids() {
    let server = TestServer::start().await;
    let (version, channel_id) = base(&server).await;
    let reader = Reader::new(&server).await;
    let (iteration, channel) = reader
        .iteration("base", "stable")
        .await
        .expect("an iteration");
    assert_eq!(iteration["id"], version.id.as_str());
    assert_eq!(iteration["fingerprint"], "b1");
    assert_eq!(
        (&iteration["incremental_version"], &iteration["complete"]),
        (&json!(1), &json!(true))
    );
    assert_eq!(channel, channel_id);
    let at = ("aws", "us-east-1");
    let [image, build, of] = reader
        .image("base", &version.id, at)
        .await
        .expect("an image");
    assert_eq!(image, "ami-amazon-ebs.one");
    assert_eq!(
        (build, of),
        (version.builds[0].id.clone(), version.id.clone())
    );
}

#[tokio::test]
async fn a_channel_without_a_version_is_an_error_that_packer_understands() {
    let server = TestServer::start().await;
    base(&server).await;
    server.admin().channel("base", "empty", "").await;
    let reader = Reader::new(&server).await;
    let nothing = || "nothing is assigned".to_owned();
    assert_eq!(reader.version("base", "empty").await, Err(nothing()));
    let wanted = ("aws", "us-east-1", None);
    let found = reader.artifact("base", By::Channel("empty"), wanted).await;
    assert_eq!(found, Err(nothing()));
    assert_eq!(reader.iteration("base", "empty").await, Err(nothing()));
}

#[tokio::test]
async fn what_is_not_there_is_an_error_of_code_5_or_10() {
    let server = TestServer::start().await;
    base(&server).await;
    let reader = Reader::new(&server).await;
    let wanted = ("aws", "us-east-1", None);
    let code = |code: u8| format!("code {code}");
    assert_eq!(reader.version("base", "none").await, Err(code(5)));
    assert_eq!(reader.version("none", "stable").await, Err(code(5)));
    let found = reader
        .artifact("base", By::Fingerprint("none"), wanted)
        .await;
    assert_eq!(found, Err(code(10)));
    assert_eq!(reader.iteration("base", "none").await, Err(code(5)));
    let id = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    let found = reader.image("base", id, ("aws", "us-east-1")).await;
    assert_eq!(found, Err(code(5)));
}

#[tokio::test]
async fn a_scheduled_revocation_is_usable_until_it_is_due() {
    let server = TestServer::start().await;
    let (version, _) = base(&server).await;
    revoke(&server.admin(), "b1", "0.5h", true).await;
    let reader = Reader::new(&server).await;
    let (shown, _) = reader.version("base", "stable").await.expect("a version");
    assert_eq!(shown["status"], "VERSION_REVOCATION_SCHEDULED");
    reader
        .iteration("base", "stable")
        .await
        .expect("an iteration");

    server.advance(Duration::from_mins(31));
    // Before any job has run: the status follows the clock.
    let reader = Reader::new(&server).await;
    let wanted = ("aws", "us-east-1", None);
    let by = By::Fingerprint("b1");
    assert_eq!(
        reader.artifact("base", by, wanted).await,
        Err("revoked".into())
    );
    let found = reader
        .image("base", &version.id, ("aws", "us-east-1"))
        .await;
    assert_eq!(found, Err("revoked".into()));
    server.run_jobs().await;
    assert_eq!(
        reader.version("base", "stable").await,
        Err("revoked".into())
    );
    assert_eq!(
        reader.iteration("base", "stable").await,
        Err("revoked".into())
    );
}

#[tokio::test]
async fn a_revoked_version_leaves_its_channel_empty_unless_told_to_stay() {
    let server = TestServer::start().await;
    base(&server).await;
    revoke(&server.admin(), "b1", "0s", false).await;
    let reader = Reader::new(&server).await;
    let found = reader.version("base", "stable").await;
    assert_eq!(found, Err("nothing is assigned".to_owned()));
}
