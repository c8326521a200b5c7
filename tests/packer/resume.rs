//! Runs on a fingerprint that is there already.

use insta::assert_snapshot;
use touchmark_tests::{Story, TestServer};

use crate::run::{Packer, Release, Slot};

const SECOND: &str = "9d1f7c14-52a5-4d0e-8b1e-0b6f6f3b6a10";

fn find<'a>(slots: &'a [Slot], component: &str) -> &'a Slot {
    let found = slots.iter().find(|slot| slot.component == component);
    found.expect("a build")
}

fn to_run(slots: &[Slot]) -> Vec<&str> {
    let mut names: Vec<&str> = slots
        .iter()
        .filter(|slot| slot.to_run)
        .map(|slot| slot.component.as_str())
        .collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn a_run_after_a_failure_builds_what_is_missing() {
    let server = TestServer::start().await;
    let admin = server.admin();
    for release in [
        Release::V1_10_3,
        Release::V1_12,
        Release::V1_15_3,
        Release::V1_16,
    ] {
        let bucket = format!("{release:?}").replace('_', "-");
        let first = Packer::new(&server, release, (&bucket, "f1")).await;
        let slots = first
            .prepare(&["a", "b", "c", "d", "e"])
            .await
            .expect("a run");
        for name in ["a", "b", "c", "d"] {
            first.becomes(find(&slots, name), "BUILD_RUNNING").await;
        }
        first.done(find(&slots, "a"), first.result("ami-a")).await;
        first.becomes(find(&slots, "b"), "BUILD_FAILED").await;
        first.becomes(find(&slots, "c"), "BUILD_CANCELLED").await;
        // d is running for ever, e never ran.

        let mut second = Packer::new(&server, release, (&bucket, "f1")).await;
        second.run = SECOND.to_owned();
        let slots = second
            .prepare(&["a", "b", "c", "d", "e"])
            .await
            .expect("a run");
        assert_eq!(to_run(&slots), ["b", "c", "d", "e"]);
        for name in to_run(&slots) {
            let slot = find(&slots, name);
            let reply = second.becomes(slot, "BUILD_RUNNING").await;
            assert_eq!(reply.body["build"]["status"], "BUILD_RUNNING", "{name}");
            assert_eq!(reply.body["build"]["packer_run_uuid"], SECOND, "{name}");
            second.done(slot, second.result("ami-1")).await;
        }
        assert_eq!(admin.look(&bucket, "f1").await.name, "v1");
    }
}

#[tokio::test]
async fn a_complete_fingerprint_ends_the_run_before_anything_is_sent() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.complete("alpine", "f1").await;
    let packer = Packer::new(&server, Release::V1_16, ("alpine", "f1")).await;
    let refused = packer.prepare(&["amazon-ebs.base"]).await;
    assert_eq!(
        refused.expect_err("an end"),
        "this fingerprint is complete, change it"
    );
    assert_snapshot!(packer.said(), @"
    GET /buckets/alpine -> 200
    GET /buckets/alpine/versions/f1 -> 200
    ");
    assert_eq!(admin.look("alpine", "f1").await.name, "v1");
}

#[tokio::test]
async fn a_version_of_another_kind_of_template_ends_the_run() {
    let server = TestServer::start().await;
    let first = Packer::new(&server, Release::V1_12, ("alpine", "f1")).await;
    first.prepare(&["a"]).await.expect("a run");
    let mut second = Packer::new(&server, Release::V1_12, ("alpine", "f1")).await;
    second.template_type = "JSON";
    let refused = second.prepare(&["a"]).await;
    assert_eq!(
        refused.expect_err("an end"),
        "the version was built from HCL2"
    );
}

#[tokio::test]
async fn a_version_without_a_template_type_is_taken_by_any_run() {
    let server = TestServer::start().await;
    server.admin().bucket("alpine").await;
    let packer = Packer::new(&server, Release::V1_12, ("alpine", "f1")).await;
    let body = touchmark_tests::wire::version::CreateVersionBody {
        fingerprint: "f1".into(),
        template_type: None,
    };
    let created = server.admin().create_version("alpine", &body).await;
    created.expect("a version");
    packer.prepare(&["a"]).await.expect("a run");
}

#[tokio::test]
async fn a_source_that_was_excluded_stays_unset_and_keeps_the_version_open() {
    let server = TestServer::start().await;
    let packer = Packer::new(&server, Release::V1_16, ("alpine", "f1")).await;
    let slots = packer.prepare(&["a", "b"]).await.expect("a run");
    packer.done(find(&slots, "a"), packer.result("ami-1")).await;
    let version = server.admin().look("alpine", "f1").await;
    assert_eq!(
        (version.name.as_str(), version.status.as_str()),
        ("v0", "VERSION_INCOMPLETE")
    );
    let latest = server.admin().held("alpine", "latest").await;
    assert_eq!(latest, "");
}

#[tokio::test]
async fn builds_that_are_not_done_list_no_artifacts() {
    let server = TestServer::start().await;
    let packer = Packer::new(&server, Release::V1_16, ("alpine", "f1")).await;
    let slots = packer.prepare(&["a"]).await.expect("a run");
    // A result that is sent too early counts for nothing until the build is done.
    let mut early = packer.result("ami-1");
    early["status"] = "BUILD_RUNNING".into();
    packer.patch(&slots[0], early).await;
    packer.becomes(&slots[0], "BUILD_FAILED").await;
    let slots = packer.prepare(&["a"]).await.expect("a run");
    assert!(slots[0].to_run);
}
