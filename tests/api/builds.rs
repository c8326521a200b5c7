//! Builds: registering, listing and deleting them.

use insta::assert_snapshot;
use serde_json::json;
use touchmark_client::{Method, Page};
use touchmark_tests::{
    Client, RUN, Story, TestServer, done, refusal, shown,
    wire::{
        build::{BuildMetadata, BuildStatus, CreateBuildBody, UpdateBuildBody},
        version::VersionStatus,
    },
};

use crate::kit::{Steps as _, is, page};

/// Bucket `alpine` with the empty version `one`.
async fn open(server: &TestServer) -> Client {
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.version("alpine", "one").await;
    admin
}

fn component(name: &str) -> CreateBuildBody {
    CreateBuildBody {
        component_type: name.to_owned(),
        packer_run_uuid: RUN.to_owned(),
        status: Some(BuildStatus::Unset),
        ..CreateBuildBody::default()
    }
}

#[tokio::test]
async fn a_new_build_is_answered_whole() {
    let server = TestServer::start().await;
    let admin = open(&server).await;
    let path = admin.scope().unwrap().builds("alpine", "one");
    let body = json!({
        "component_type": "amazon-ebs.base", "packer_run_uuid": RUN,
        "status": "BUILD_UNSET", "artifacts": null
    });
    let answer = admin.send(Method::POST, &path, Some(&body)).await.unwrap();
    assert_snapshot!(shown(&answer), @r#"
    200
    {
      "build": {
        "artifacts": [],
        "component_type": "amazon-ebs.base",
        "created_at": "<time>",
        "id": "<ulid>",
        "labels": {},
        "metadata": null,
        "packer_run_uuid": "<uuid>",
        "platform": "",
        "source_external_identifier": "",
        "status": "BUILD_UNSET",
        "updated_at": "<time>",
        "version_id": "<ulid>"
      }
    }
    "#);
}

#[tokio::test]
async fn a_component_type_is_taken_once_in_a_version() {
    let server = TestServer::start().await;
    let admin = open(&server).await;
    admin.build("alpine", "one", "null.a").await;
    let answer = refusal(
        admin
            .create_build("alpine", "one", &component("null.a"))
            .await,
    );
    assert_snapshot!(answer, @"409/6 build with identifier null.a already exists");
}

#[tokio::test]
async fn a_build_of_a_missing_version_is_aborted() {
    let server = TestServer::start().await;
    let admin = open(&server).await;
    let answer = refusal(admin.create_build("alpine", "nope", &component("a")).await);
    assert_snapshot!(answer, @"409/10 version with fingerprint nope not found");
    let answer = refusal(admin.list_builds("alpine", "nope", &Page::default()).await);
    assert_snapshot!(answer, @"409/10 version with fingerprint nope not found");
    let answer = refusal(admin.create_build("nope", "one", &component("a")).await);
    assert_snapshot!(answer, @"404/5 bucket with identifier nope does not exist");
}

#[tokio::test]
async fn a_build_that_is_not_there_cannot_be_changed() {
    let server = TestServer::start().await;
    let admin = open(&server).await;
    let id = "01JD0000000000000000000000";
    let missing = "404/5 build with identifier <ulid> does not exist";
    let body = is(BuildStatus::Running);
    assert_eq!(refusal(admin.get_build("alpine", "one", id).await), missing);
    assert_eq!(
        refusal(admin.update_build("alpine", "one", id, &body).await),
        missing
    );
    assert_eq!(
        refusal(admin.delete_build("alpine", "one", id).await),
        missing
    );
    let answer = refusal(admin.update_build("alpine", "nope", id, &body).await);
    assert_snapshot!(answer, @"404/5 version with identifier nope does not exist");
}

#[tokio::test]
async fn a_build_belongs_to_one_version() {
    let server = TestServer::start().await;
    let admin = open(&server).await;
    let id = admin.build("alpine", "one", "a").await;
    admin.version("alpine", "two").await;
    let answer = refusal(admin.get_build("alpine", "two", &id).await);
    assert_snapshot!(answer, @"404/5 build with identifier <ulid> does not exist");
}

#[tokio::test]
async fn a_complete_version_takes_no_more_builds() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.complete("alpine", "one").await;
    let answer = refusal(admin.create_build("alpine", "one", &component("b")).await);
    assert_snapshot!(answer, @"400/9 version v1 (one) is complete and takes no more builds");
}

#[tokio::test]
async fn pending_reads_as_unset() {
    let server = TestServer::start().await;
    let admin = open(&server).await;
    let path = admin.scope().unwrap().builds("alpine", "one");
    let body = json!({"component_type": "a", "packer_run_uuid": RUN, "status": "BUILD_PENDING"});
    let answer = admin.send(Method::POST, &path, Some(&body)).await.unwrap();
    let json: serde_json::Value = answer.json().unwrap();
    assert_eq!(json["build"]["status"], json!("BUILD_UNSET"));
}

#[tokio::test]
async fn an_unknown_status_is_refused() {
    let server = TestServer::start().await;
    let admin = open(&server).await;
    let path = admin.scope().unwrap().builds("alpine", "one");
    let body = json!({"component_type": "a", "packer_run_uuid": RUN, "status": "BUILD_LOST"});
    let answer = admin.send(Method::POST, &path, Some(&body)).await.unwrap();
    let status: touchmark_tests::wire::error::Status = answer.json().unwrap();
    assert_eq!((answer.status, status.code.number()), (400, 3));
    assert_eq!(status.violations()[0].field, "body.status");
}

#[tokio::test]
async fn a_build_can_be_registered_with_all_that_is_known() {
    let server = TestServer::start().await;
    let admin = open(&server).await;
    let body = CreateBuildBody {
        platform: "aws".into(),
        status: Some(BuildStatus::Done),
        artifacts: Some(vec![touchmark_tests::artifact("ami-1", "")]),
        ..component("a")
    };
    let answer = admin.create_build("alpine", "one", &body).await.unwrap();
    assert_eq!(answer.build.unwrap().status, BuildStatus::Done);
    assert_eq!(admin.look("alpine", "one").await.name, "v1");
}

#[tokio::test]
async fn a_list_without_a_page_size_shows_all_in_order() {
    let server = TestServer::start().await;
    let admin = open(&server).await;
    let names: Vec<String> = (0..105).rev().map(|n| format!("null.{n}")).collect();
    for name in &names {
        admin.build("alpine", "one", name).await;
    }
    let list = admin
        .list_builds("alpine", "one", &Page::default())
        .await
        .unwrap();
    let shown: Vec<String> = list.builds.into_iter().map(|b| b.component_type).collect();
    assert_eq!(shown, names);
    assert_eq!(list.pagination.unwrap().next_page_token, "");
}

#[tokio::test]
async fn a_list_of_builds_has_pages_when_asked() {
    let server = TestServer::start().await;
    let admin = open(&server).await;
    for name in ["c", "a", "b"] {
        admin.build("alpine", "one", name).await;
    }
    let names = |list: &touchmark_tests::wire::build::ListBuildsResponse| {
        let names = list.builds.iter().map(|b| b.component_type.clone());
        names.collect::<String>()
    };
    let first = admin.list_builds("alpine", "one", &page(2)).await.unwrap();
    let token = first.pagination.clone().unwrap().next_page_token;
    let next = Page {
        next_page_token: Some(token),
        ..page(2)
    };
    let second = admin.list_builds("alpine", "one", &next).await.unwrap();
    assert_eq!((names(&first), names(&second)), ("ca".into(), "b".into()));
}

#[tokio::test]
async fn metadata_is_shown_with_builds_and_with_one_version_only() {
    let server = TestServer::start().await;
    let admin = open(&server).await;
    let id = admin.build("alpine", "one", "a").await;
    let metadata = BuildMetadata {
        packer: json!({"version": "1.16.0", "options": {"only": null}}),
        vcs: serde_json::Value::Null,
        cicd: json!({"type": "github", "details": {}}),
    };
    let body = UpdateBuildBody {
        metadata: Some(metadata.clone()),
        ..done("x")
    };
    let told = admin.tell(("alpine", "one", &id), &body).await;
    assert_eq!(told.metadata.as_ref(), Some(&metadata));
    let seen = admin.see_build("alpine", "one", &id).await;
    assert_eq!(seen.metadata.as_ref(), Some(&metadata));
    let version = admin.look("alpine", "one").await;
    assert_eq!(version.builds[0].metadata.as_ref(), Some(&metadata));

    let listed = admin
        .list_versions("alpine", &Page::default())
        .await
        .unwrap();
    assert_eq!(listed.versions[0].builds[0].metadata, None);
    let held = admin.see_channel("alpine", "latest").await.version.unwrap();
    assert_eq!(held.builds[0].metadata, None);
    let latest = admin.see_bucket("alpine").await.latest_version.unwrap();
    assert_eq!(latest.builds[0].metadata, None);
}

#[tokio::test]
async fn deleting_the_open_build_completes_the_version() {
    let server = TestServer::start().await;
    let admin = open(&server).await;
    let a = admin.build("alpine", "one", "a").await;
    let b = admin.build("alpine", "one", "b").await;
    admin.tell(("alpine", "one", &a), &done("x")).await;
    admin.delete_build("alpine", "one", &b).await.unwrap();
    assert_eq!(admin.look("alpine", "one").await.name, "v1");
    assert_eq!(admin.held("alpine", "latest").await, "one");
}

#[tokio::test]
async fn deleting_the_only_build_completes_nothing() {
    let server = TestServer::start().await;
    let admin = open(&server).await;
    let a = admin.build("alpine", "one", "a").await;
    admin.delete_build("alpine", "one", &a).await.unwrap();
    let version = admin.look("alpine", "one").await;
    assert_eq!(
        (version.name.as_str(), version.status),
        ("v0", VersionStatus::Running)
    );
}

#[tokio::test]
async fn deleting_a_build_of_a_complete_version_leaves_it_complete() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    let build = admin.complete("alpine", "one").await.builds.remove(0);
    admin
        .delete_build("alpine", "one", &build.id)
        .await
        .unwrap();
    let version = admin.look("alpine", "one").await;
    assert_eq!(
        (version.name.as_str(), version.status),
        ("v1", VersionStatus::Active)
    );
    assert!(version.builds.is_empty());
    assert_eq!(admin.held("alpine", "latest").await, "one");
}
