//! The life of a build: running, silent, ended, and back again.

use std::time::Duration;

use BuildStatus::{Cancelled, Done, Failed, Running, Unset};
use touchmark_tests::{
    Client, Story, TestServer, done, refusal,
    wire::{
        build::{BuildStatus, UpdateBuildBody},
        version::VersionStatus,
    },
};

use crate::kit::{OTHER_RUN, Steps as _, expect_events, is, later};

const MINUTE: Duration = Duration::from_mins(1);

/// Bucket `alpine` with version `one` and a build of it, whose id comes back.
async fn open(server: &TestServer) -> (Client, String) {
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.version("alpine", "one").await;
    let id = admin.build("alpine", "one", "a").await;
    (admin, id)
}

fn running_again() -> UpdateBuildBody {
    UpdateBuildBody {
        packer_run_uuid: OTHER_RUN.to_owned(),
        ..is(Running)
    }
}

#[tokio::test]
async fn a_build_runs_and_is_done() {
    let server = TestServer::start().await;
    let (admin, id) = open(&server).await;
    assert_eq!(admin.see_build("alpine", "one", &id).await.status, Unset);
    assert_eq!(
        admin
            .tell(("alpine", "one", &id), &is(Running))
            .await
            .status,
        Running
    );
    let build = admin.tell(("alpine", "one", &id), &done("ami-1")).await;
    assert_eq!((build.status, build.platform.as_str()), (Done, "aws"));
    assert_eq!(build.artifacts[0].region, "us-east-1");
}

#[tokio::test]
async fn a_build_that_ended_is_taken_up_by_another_run() {
    let server = TestServer::start().await;
    for end in [Failed, Cancelled] {
        let (admin, id) = {
            let admin = server.admin();
            let bucket = end.as_str();
            admin.bucket(bucket).await;
            admin.version(bucket, "one").await;
            let id = admin.build(bucket, "one", "a").await;
            (admin, id)
        };
        let place = (end.as_str(), "one", id.as_str());
        admin.tell(place, &is(Running)).await;
        admin.tell(place, &is(end)).await;
        let build = admin.tell(place, &running_again()).await;
        assert_eq!(
            (build.status, build.packer_run_uuid.as_str()),
            (Running, OTHER_RUN)
        );
        assert_eq!(admin.tell(place, &done("x")).await.status, Done);
        assert_eq!(admin.look(end.as_str(), "one").await.name, "v1");
    }
}

#[tokio::test]
async fn cancelling_twice_is_harmless() {
    let server = TestServer::start().await;
    let (admin, id) = open(&server).await;
    admin.tell(("alpine", "one", &id), &is(Running)).await;
    let first = admin.tell(("alpine", "one", &id), &is(Cancelled)).await;
    let second = admin.tell(("alpine", "one", &id), &is(Cancelled)).await;
    assert_eq!(first, second);
    expect_events(&server, "build.cancelled", 1);
}

#[tokio::test]
async fn a_late_heartbeat_does_not_bring_an_ended_build_back() {
    let server = TestServer::start().await;
    let (admin, id) = open(&server).await;
    for end in [Failed, Cancelled] {
        admin.tell(("alpine", "one", &id), &running_again()).await;
        admin.tell(("alpine", "one", &id), &is(Running)).await;
        let before = admin.tell(("alpine", "one", &id), &is(end)).await;
        server.advance(Duration::from_secs(5));
        // Refusing it would do as well: the client only logs.
        let _ = admin.update_build("alpine", "one", &id, &is(Running)).await;
        assert_eq!(admin.see_build("alpine", "one", &id).await, before);
    }
}

#[tokio::test]
async fn a_late_heartbeat_does_not_move_a_done_build() {
    let server = TestServer::start().await;
    let (admin, id) = open(&server).await;
    let before = admin.tell(("alpine", "one", &id), &done("x")).await;
    server.advance(10 * MINUTE);
    for late in [is(Running), running_again()] {
        let _ = admin.update_build("alpine", "one", &id, &late).await;
        assert_eq!(admin.see_build("alpine", "one", &id).await, before);
    }
}

#[tokio::test]
async fn a_done_build_is_final() {
    let server = TestServer::start().await;
    let (admin, id) = open(&server).await;
    admin.tell(("alpine", "one", &id), &done("x")).await;
    for status in [Failed, Cancelled] {
        let answer = refusal(admin.update_build("alpine", "one", &id, &is(status)).await);
        assert!(answer.starts_with("400/9 build"), "{answer}");
    }
    assert_eq!(admin.see_build("alpine", "one", &id).await.status, Done);
}

#[tokio::test]
async fn a_heartbeat_leaves_updated_at_alone() {
    let server = TestServer::start().await;
    let (admin, id) = open(&server).await;
    let before = admin.tell(("alpine", "one", &id), &is(Running)).await;
    let version = admin.look("alpine", "one").await;
    server.advance(2 * MINUTE);
    assert_eq!(
        admin.tell(("alpine", "one", &id), &is(Running)).await,
        before
    );
    assert_eq!(admin.look("alpine", "one").await, version);
    expect_events(&server, "build.started", 1);
    expect_events(&server, "build.updated", 0);
}

#[tokio::test]
async fn a_silent_build_is_cancelled_after_15_minutes() {
    let server = TestServer::start().await;
    let (admin, id) = open(&server).await;
    admin.tell(("alpine", "one", &id), &is(Running)).await;
    server.advance(14 * MINUTE);
    assert_eq!(server.run_jobs().await, 0);
    assert_eq!(admin.see_build("alpine", "one", &id).await.status, Running);
    server.advance(MINUTE + Duration::from_secs(1));
    assert_eq!(server.run_jobs().await, 1);
    assert_eq!(
        admin.see_build("alpine", "one", &id).await.status,
        Cancelled
    );
    assert_eq!(
        admin.look("alpine", "one").await.status,
        VersionStatus::Cancelled
    );
    assert_eq!(server.run_jobs().await, 0);
}

#[tokio::test]
async fn heartbeats_keep_a_build_running() {
    let server = TestServer::start().await;
    let (admin, id) = open(&server).await;
    for _ in 0..4 {
        admin.tell(("alpine", "one", &id), &is(Running)).await;
        server.advance(10 * MINUTE);
        assert_eq!(server.run_jobs().await, 0);
    }
    assert_eq!(admin.see_build("alpine", "one", &id).await.status, Running);
}

#[tokio::test]
async fn a_build_cancelled_for_its_silence_comes_back_with_its_next_heartbeat() {
    let server = TestServer::start().await;
    let (admin, id) = open(&server).await;
    admin.tell(("alpine", "one", &id), &is(Running)).await;
    server.advance(16 * MINUTE);
    server.run_jobs().await;
    let build = admin.tell(("alpine", "one", &id), &is(Running)).await;
    assert_eq!(build.status, Running);
    assert_eq!(server.run_jobs().await, 0);
}

#[tokio::test]
async fn a_build_cancelled_for_its_silence_can_still_be_done() {
    let server = TestServer::start().await;
    let (admin, id) = open(&server).await;
    admin.tell(("alpine", "one", &id), &is(Running)).await;
    server.advance(16 * MINUTE);
    server.run_jobs().await;
    assert_eq!(
        admin.tell(("alpine", "one", &id), &done("x")).await.status,
        Done
    );
    assert_eq!(admin.look("alpine", "one").await.name, "v1");
}

#[tokio::test]
async fn builds_that_do_not_run_are_never_cancelled_for_silence() {
    let server = TestServer::start().await;
    let (admin, failed) = open(&server).await;
    let unset = admin.build("alpine", "one", "b").await;
    admin.tell(("alpine", "one", &failed), &is(Running)).await;
    admin.tell(("alpine", "one", &failed), &is(Failed)).await;
    let admin = later(&server, 60 * MINUTE);
    assert_eq!(server.run_jobs().await, 0);
    assert_eq!(admin.see_build("alpine", "one", &unset).await.status, Unset);
}
