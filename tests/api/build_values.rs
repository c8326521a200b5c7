//! What an update of a build sets, keeps and refuses.

use insta::assert_snapshot;
use touchmark_tests::{
    Client, Story, TestServer, artifact, done, refusal,
    wire::build::{BuildStatus, CreateBuildBody, UpdateBuildBody},
};

use crate::kit::{OTHER_RUN, Steps as _, expect_events, is};

/// Bucket `alpine` with version `one` and a build of it, whose id comes back.
async fn open(server: &TestServer) -> (Client, String) {
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.version("alpine", "one").await;
    let id = admin.build("alpine", "one", "a").await;
    (admin, id)
}

#[tokio::test]
async fn what_an_update_leaves_out_stays() {
    let server = TestServer::start().await;
    let (admin, id) = open(&server).await;
    let body = UpdateBuildBody {
        platform: "aws".into(),
        source_external_identifier: "ami-0".into(),
        labels: [("git_sha".into(), "abc".into())].into(),
        ..is(BuildStatus::Running)
    };
    let before = admin.tell(("alpine", "one", &id), &body).await;
    for status in [BuildStatus::Running, BuildStatus::Failed] {
        admin.tell(("alpine", "one", &id), &is(status)).await;
    }
    let after = admin.see_build("alpine", "one", &id).await;
    assert_eq!(after.status, BuildStatus::Failed);
    assert_eq!(
        (
            after.platform,
            after.source_external_identifier,
            after.labels
        ),
        (
            before.platform,
            before.source_external_identifier,
            before.labels
        )
    );
    assert_eq!(after.packer_run_uuid, touchmark_tests::RUN);
}

#[tokio::test]
async fn labels_that_are_given_replace_those_that_were() {
    let server = TestServer::start().await;
    let (admin, id) = open(&server).await;
    for key in ["a", "b"] {
        let body = UpdateBuildBody {
            labels: [(key.into(), "1".into())].into(),
            ..is(BuildStatus::Running)
        };
        admin.tell(("alpine", "one", &id), &body).await;
    }
    let labels = admin.see_build("alpine", "one", &id).await.labels;
    assert_eq!(labels, [("b".into(), "1".into())].into());
}

#[tokio::test]
async fn a_done_build_needs_artifacts() {
    let server = TestServer::start().await;
    let (admin, id) = open(&server).await;
    for artifacts in [None, Some(Vec::new())] {
        let body = UpdateBuildBody {
            artifacts,
            ..done("x")
        };
        let answer = refusal(admin.update_build("alpine", "one", &id, &body).await);
        assert!(answer.starts_with("400/3 artifacts"), "{answer}");
    }
    assert_eq!(
        admin.see_build("alpine", "one", &id).await.status,
        BuildStatus::Unset
    );
}

#[tokio::test]
async fn a_done_build_needs_a_platform() {
    let server = TestServer::start().await;
    let (admin, id) = open(&server).await;
    let body = UpdateBuildBody {
        platform: String::new(),
        ..done("x")
    };
    let answer = refusal(admin.update_build("alpine", "one", &id, &body).await);
    assert!(answer.starts_with("400/3 platform"), "{answer}");
}

#[tokio::test]
async fn an_artifact_may_have_no_identifier_and_no_region() {
    let server = TestServer::start().await;
    let (admin, id) = open(&server).await;
    let artifacts = Some(vec![artifact("", ""), artifact("x", "/tmp/a b")]);
    let build = admin
        .tell(
            ("alpine", "one", &id),
            &UpdateBuildBody {
                artifacts,
                ..done("x")
            },
        )
        .await;
    let shown: Vec<_> = build
        .artifacts
        .iter()
        .map(|a| (a.external_identifier.as_str(), a.region.as_str()))
        .collect();
    assert_eq!(shown, [("", ""), ("x", "/tmp/a b")]);
}

#[tokio::test]
async fn artifacts_are_hidden_until_the_build_is_done() {
    let server = TestServer::start().await;
    let (admin, id) = open(&server).await;
    let body = UpdateBuildBody {
        artifacts: Some(vec![artifact("ami-1", "")]),
        platform: "aws".into(),
        ..is(BuildStatus::Running)
    };
    let told = admin.tell(("alpine", "one", &id), &body).await;
    assert!(told.artifacts.is_empty());
    assert!(
        admin.look("alpine", "one").await.builds[0]
            .artifacts
            .is_empty()
    );
    let build = admin
        .tell(("alpine", "one", &id), &is(BuildStatus::Done))
        .await;
    assert_eq!(build.artifacts[0].external_identifier, "ami-1");
}

#[tokio::test]
async fn an_identical_done_is_accepted_and_noted_once() {
    let server = TestServer::start().await;
    let (admin, id) = open(&server).await;
    let first = admin.tell(("alpine", "one", &id), &done("x")).await;
    server.advance(std::time::Duration::from_secs(90));
    let second = admin.tell(("alpine", "one", &id), &done("x")).await;
    assert_eq!(first, second);
    expect_events(&server, "build.done", 1);
    expect_events(&server, "build.updated", 0);
    expect_events(&server, "version.completed", 1);
}

#[tokio::test]
async fn a_different_done_is_refused() {
    let server = TestServer::start().await;
    let (admin, id) = open(&server).await;
    let before = admin.tell(("alpine", "one", &id), &done("x")).await;
    let answer = refusal(admin.update_build("alpine", "one", &id, &done("y")).await);
    assert_snapshot!(answer, @"400/9 build <ulid> is done and cannot change");
    let labels = UpdateBuildBody {
        labels: [("a".into(), "1".into())].into(),
        ..done("x")
    };
    let answer = refusal(admin.update_build("alpine", "one", &id, &labels).await);
    assert!(answer.starts_with("400/9"), "{answer}");
    assert_eq!(admin.see_build("alpine", "one", &id).await, before);
}

#[tokio::test]
async fn the_platform_is_set_once() {
    let server = TestServer::start().await;
    let (admin, id) = open(&server).await;
    let on = |platform: &str| UpdateBuildBody {
        platform: platform.to_owned(),
        ..is(BuildStatus::Running)
    };
    admin.tell(("alpine", "one", &id), &on("aws")).await;
    admin.tell(("alpine", "one", &id), &on("aws")).await;
    let answer = refusal(admin.update_build("alpine", "one", &id, &on("gce")).await);
    assert_snapshot!(answer, @"409/6 platform is already set to aws and cannot change");
}

#[tokio::test]
async fn builds_may_share_a_platform() {
    let server = TestServer::start().await;
    let (admin, a) = open(&server).await;
    let b = admin.build("alpine", "one", "b").await;
    admin.tell(("alpine", "one", &a), &done("x")).await;
    admin.tell(("alpine", "one", &b), &done("y")).await;
    assert_eq!(admin.see_bucket("alpine").await.platforms, ["aws"]);
}

#[tokio::test]
async fn the_parent_is_set_once() {
    let server = TestServer::start().await;
    let (admin, id) = open(&server).await;
    let parent = |version: &str, channel: &str| UpdateBuildBody {
        parent_version_id: version.to_owned(),
        parent_channel_id: channel.to_owned(),
        ..is(BuildStatus::Running)
    };
    let (x, y) = ("01JD0000000000000000000001", "01JD0000000000000000000002");
    admin.tell(("alpine", "one", &id), &parent(x, x)).await;
    admin.tell(("alpine", "one", &id), &parent(x, x)).await;
    admin.tell(("alpine", "one", &id), &parent("", "")).await;
    let answer = refusal(
        admin
            .update_build("alpine", "one", &id, &parent(y, x))
            .await,
    );
    assert_snapshot!(answer, @"409/6 parent_version_id is already set to <ulid> and cannot change");
    let answer = refusal(
        admin
            .update_build("alpine", "one", &id, &parent(x, y))
            .await,
    );
    assert_snapshot!(answer, @"409/6 parent_channel_id is already set to <ulid> and cannot change");
}

#[tokio::test]
async fn a_parent_channel_needs_a_parent_version() {
    let server = TestServer::start().await;
    let (admin, id) = open(&server).await;
    let channel = "01JD0000000000000000000001".to_owned();
    let body = UpdateBuildBody {
        parent_channel_id: channel.clone(),
        ..is(BuildStatus::Running)
    };
    let answer = refusal(admin.update_build("alpine", "one", &id, &body).await);
    assert!(answer.starts_with("400/3 parent_channel_id"), "{answer}");
    let body = CreateBuildBody {
        component_type: "b".into(),
        packer_run_uuid: OTHER_RUN.into(),
        parent_channel_id: channel,
        ..CreateBuildBody::default()
    };
    let answer = refusal(admin.create_build("alpine", "one", &body).await);
    assert!(answer.starts_with("400/3 parent_channel_id"), "{answer}");
}

#[tokio::test]
async fn ids_that_are_none_are_refused() {
    let server = TestServer::start().await;
    let (admin, id) = open(&server).await;
    let running = || is(BuildStatus::Running);
    let bad = [
        UpdateBuildBody {
            packer_run_uuid: "x".into(),
            ..running()
        },
        UpdateBuildBody {
            parent_version_id: "x".into(),
            ..running()
        },
    ];
    for (body, field) in bad.iter().zip(["packer_run_uuid", "parent_version_id"]) {
        let answer = refusal(admin.update_build("alpine", "one", &id, body).await);
        assert!(answer.starts_with(&format!("400/3 {field}")), "{answer}");
    }
}
