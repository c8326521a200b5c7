//! Builds that end badly, are interrupted, or fall silent.

use std::time::Duration;

use serde_json::{Value, json};
use touchmark_tests::{Story, TestServer};

use crate::run::{Packer, Release, Slot};

/// A run with one running build.
async fn running(server: &TestServer, release: Release, fingerprint: &str) -> (Packer, Slot) {
    let packer = Packer::new(server, release, ("alpine", fingerprint)).await;
    let mut slots = packer.prepare(&["amazon-ebs.base"]).await.expect("a run");
    let slot = slots.remove(0);
    packer.becomes(&slot, "BUILD_RUNNING").await;
    (packer, slot)
}

async fn status(server: &TestServer, fingerprint: &str) -> (String, String) {
    let version = server.admin().look("alpine", fingerprint).await;
    let build = version.builds.first().expect("a build").status.as_str();
    (build.to_owned(), version.status.as_str().to_owned())
}

fn pair(build: &str, version: &str) -> (String, String) {
    (build.to_owned(), version.to_owned())
}

#[tokio::test]
async fn a_build_that_fails_makes_the_version_fail() {
    let server = TestServer::start().await;
    let (packer, slot) = running(&server, Release::V1_12, "f1").await;
    assert_eq!(
        status(&server, "f1").await,
        pair("BUILD_RUNNING", "VERSION_RUNNING")
    );
    let reply = packer.becomes(&slot, "BUILD_FAILED").await;
    assert_eq!(reply.body["build"]["status"], "BUILD_FAILED");
    assert_eq!(
        status(&server, "f1").await,
        pair("BUILD_FAILED", "VERSION_FAILED")
    );
}

#[tokio::test]
async fn an_interrupt_cancels_each_build_twice_at_once() {
    let server = TestServer::start().await;
    for round in 0..5 {
        let fingerprint = format!("f{round}");
        let (packer, slot) = running(&server, Release::V1_16, &fingerprint).await;
        let (one, two) = tokio::join!(
            packer.becomes(&slot, "BUILD_CANCELLED"),
            packer.becomes(&slot, "BUILD_CANCELLED")
        );
        for reply in [one, two] {
            assert_eq!(
                reply.body["build"]["status"], "BUILD_CANCELLED",
                "{reply:?}"
            );
        }
        let expected = pair("BUILD_CANCELLED", "VERSION_CANCELLED");
        assert_eq!(status(&server, &fingerprint).await, expected);
    }
}

#[tokio::test]
async fn a_heartbeat_moves_nothing_that_a_reader_sees() {
    let server = TestServer::start().await;
    let (packer, slot) = running(&server, Release::V1_16, "f1").await;
    let before = server.admin().look("alpine", "f1").await;
    server.advance(Duration::from_mins(2));
    let reply = packer.becomes(&slot, "BUILD_RUNNING").await;
    assert_eq!(reply.body["build"]["status"], "BUILD_RUNNING");
    assert_eq!(server.admin().look("alpine", "f1").await, before);
}

#[tokio::test]
async fn a_late_heartbeat_does_not_bring_a_build_back() {
    let server = TestServer::start().await;
    for end in ["BUILD_DONE", "BUILD_FAILED", "BUILD_CANCELLED"] {
        let fingerprint = end.replace('_', "-");
        let (packer, slot) = running(&server, Release::V1_16, &fingerprint).await;
        let body = if end == "BUILD_DONE" {
            packer.result("ami-1")
        } else {
            json!({"artifacts": null, "packer_run_uuid": packer.run, "status": end})
        };
        packer.patch(&slot, body).await;
        let before = server.admin().look("alpine", &fingerprint).await;
        packer.becomes(&slot, "BUILD_RUNNING").await;
        let after = server.admin().look("alpine", &fingerprint).await;
        assert_eq!(after, before);
        assert_eq!(after.builds[0].status.as_str(), end);
    }
}

#[tokio::test]
async fn another_run_brings_a_failed_build_back_at_once() {
    let server = TestServer::start().await;
    let (mut packer, slot) = running(&server, Release::V1_16, "f1").await;
    packer.becomes(&slot, "BUILD_FAILED").await;
    packer.run = "9d1f7c14-52a5-4d0e-8b1e-0b6f6f3b6a10".into();
    packer.becomes(&slot, "BUILD_RUNNING").await;
    assert_eq!(
        status(&server, "f1").await,
        pair("BUILD_RUNNING", "VERSION_RUNNING")
    );
}

#[tokio::test]
async fn a_build_that_falls_silent_is_cancelled_and_comes_back_when_it_is_heard_of() {
    let server = TestServer::start().await;
    let (packer, slot) = running(&server, Release::V1_10_3, "f1").await;
    server.advance(Duration::from_mins(4));
    assert_eq!(server.run_jobs().await, 0, "two heartbeats may be lost");
    packer.becomes(&slot, "BUILD_RUNNING").await;
    server.advance(Duration::from_mins(4));
    assert_eq!(server.run_jobs().await, 0, "it was heard of");
    server.advance(Duration::from_mins(20));
    server.run_jobs().await;
    assert_eq!(
        status(&server, "f1").await,
        pair("BUILD_CANCELLED", "VERSION_CANCELLED")
    );

    let reply = packer.becomes(&slot, "BUILD_RUNNING").await;
    assert_eq!(reply.body["build"]["status"], "BUILD_RUNNING");
    server.advance(Duration::from_mins(20));
    server.run_jobs().await;
    let reply = packer.done(&slot, packer.result("ami-1")).await;
    assert_eq!(reply.status, 200, "a long build is not lost: {reply:?}");
    assert_eq!(server.admin().look("alpine", "f1").await.name, "v1");
}

#[tokio::test]
async fn sparse_updates_clear_nothing() {
    let server = TestServer::start().await;
    let packer = Packer::new(&server, Release::V1_16, ("alpine", "f1")).await;
    let slots = packer.prepare(&["a", "b"]).await.expect("a run");
    let mut body = packer.result("ami-1");
    body["labels"] = json!({"git_sha": "abc"});
    body["metadata"] = json!({"cicd": null, "packer": {"version": "1.16.0"}, "vcs": null});
    body["source_external_identifier"] = "ami-0".into();
    body["status"] = "BUILD_RUNNING".into();
    packer.patch(&slots[0], body).await;
    for status in ["BUILD_RUNNING", "BUILD_FAILED"] {
        let reply = packer.becomes(&slots[0], status).await;
        let build = &reply.body["build"];
        assert_eq!(build["platform"], "aws");
        assert_eq!(build["labels"], json!({"git_sha": "abc"}));
        assert_eq!(build["source_external_identifier"], "ami-0");
        assert_eq!(build["packer_run_uuid"], packer.run.as_str());
    }
    let answer = server.admin().get_build("alpine", "f1", &slots[0].id).await;
    let build = answer.expect("a build").build.expect("the build");
    let metadata = build.metadata.expect("metadata");
    assert_eq!(metadata.packer, json!({"version": "1.16.0"}));
}

#[tokio::test]
async fn done_needs_an_artifact() {
    let server = TestServer::start().await;
    let (packer, slot) = running(&server, Release::V1_16, "f1").await;
    for artifacts in [json!(null), json!([])] {
        let mut body = packer.result("ami-1");
        body["artifacts"] = artifacts;
        let reply = packer.patch(&slot, body).await;
        assert_eq!((reply.status, reply.code()), (400, Some(3)));
    }
    assert_eq!(
        status(&server, "f1").await,
        pair("BUILD_RUNNING", "VERSION_RUNNING")
    );
}

#[tokio::test]
async fn an_artifact_may_lack_its_region_and_have_an_empty_name() {
    let server = TestServer::start().await;
    for (fingerprint, artifact) in [
        ("f1", json!({"external_identifier": "/tmp/image.qcow2"})),
        (
            "f2",
            json!({"external_identifier": "x", "region": "/var/lib/a path"}),
        ),
        ("f3", json!({})),
    ] {
        let (packer, slot) = running(&server, Release::V1_16, fingerprint).await;
        let mut body = packer.result("");
        body["artifacts"] = json!([artifact]);
        let reply = packer.patch(&slot, body).await;
        let shown = &reply.body["build"]["artifacts"][0];
        let sent = |key: &str| artifact[key].as_str().unwrap_or_default().to_owned();
        assert_eq!(
            shown["external_identifier"],
            sent("external_identifier"),
            "{reply:?}"
        );
        assert_eq!(shown["region"], sent("region"));
    }
}

#[tokio::test]
async fn a_result_may_be_sent_again_but_not_changed() {
    let server = TestServer::start().await;
    let (packer, slot) = running(&server, Release::V1_16, "f1").await;
    let first = packer.patch(&slot, packer.result("ami-1")).await;
    server.advance(Duration::from_secs(1));
    let again = packer.patch(&slot, packer.result("ami-1")).await;
    assert_eq!(again.status, 200, "{again:?}");
    assert_eq!(again.body, first.body);
    let other = packer.patch(&slot, packer.result("ami-2")).await;
    assert_eq!((other.status, other.code()), (400, Some(9)));
    let failed = packer.becomes(&slot, "BUILD_FAILED").await;
    assert_eq!((failed.status, failed.code()), (400, Some(9)));
    let version = server.admin().look("alpine", "f1").await;
    assert_eq!(version.builds[0].artifacts[0].external_identifier, "ami-1");
    assert_eq!(version.name, "v1");
}

#[tokio::test]
async fn a_pending_build_reads_as_unset_and_an_unknown_state_is_refused() {
    let server = TestServer::start().await;
    let packer = Packer::new(&server, Release::V1_16, ("alpine", "f1")).await;
    let slots = packer.prepare(&["a"]).await.expect("a run");
    let reply = packer.becomes(&slots[0], "BUILD_PENDING").await;
    assert_eq!(reply.body["build"]["status"], "BUILD_UNSET", "{reply:?}");
    let reply = packer.becomes(&slots[0], "BUILD_ASLEEP").await;
    assert_eq!((reply.status, reply.code()), (400, Some(3)));
    assert_ne!(reply.body["message"], Value::Null);
}
