//! Versions: creating, listing and completing them.

use insta::assert_snapshot;
use serde_json::json;
use touchmark_client::{Method, Page};
use touchmark_tests::{
    Client, Story, TestServer, done, refusal, shown,
    wire::{
        build::BuildStatus,
        version::{CreateVersionBody, TemplateType, UpdateVersionBody, VersionStatus},
    },
};

use crate::kit::{Steps as _, is, page};

async fn alpine(server: &TestServer) -> Client {
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin
}

fn fingerprint(text: &str) -> CreateVersionBody {
    CreateVersionBody {
        fingerprint: text.to_owned(),
        template_type: None,
    }
}

fn complete() -> UpdateVersionBody {
    UpdateVersionBody {
        complete: true,
        ..UpdateVersionBody::default()
    }
}

#[tokio::test]
async fn a_new_version_is_empty_and_named_v0() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let path = admin.scope().unwrap().versions("alpine");
    let body = json!({"fingerprint": "one", "template_type": "HCL2"});
    let answer = admin.send(Method::POST, &path, Some(&body)).await.unwrap();
    assert_snapshot!(shown(&answer), @r#"
    200
    {
      "version": {
        "author_id": "admin",
        "bucket_name": "alpine",
        "builds": [],
        "created_at": "<time>",
        "fingerprint": "one",
        "has_descendants": false,
        "id": "<ulid>",
        "name": "v0",
        "parents": null,
        "revocation_author": "",
        "revocation_inherited_from": null,
        "revocation_message": "",
        "revocation_type": "REVOCATION_TYPE_UNSET",
        "revoke_at": null,
        "status": "VERSION_RUNNING",
        "template_type": "HCL2",
        "updated_at": "<time>"
      }
    }
    "#);
}

#[tokio::test]
async fn a_fingerprint_is_taken_once_in_a_bucket() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.version("alpine", "one").await;
    let answer = refusal(admin.create_version("alpine", &fingerprint("one")).await);
    assert_snapshot!(answer, @"409/6 version with identifier one already exists");
    admin.bucket("debian").await;
    admin.version("debian", "one").await;
}

#[tokio::test]
async fn a_fingerprint_that_breaks_the_rule_is_refused() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let long = "x".repeat(41);
    for bad in ["", "-a", "a-", ".a", "a b", "a/b", "\"a\"", "ä", &long] {
        let answer = refusal(admin.create_version("alpine", &fingerprint(bad)).await);
        assert!(answer.starts_with("400/3 fingerprint"), "{bad:?}: {answer}");
    }
    let longest = "x".repeat(40);
    for good in ["1", "a.b_c-d", &longest] {
        admin
            .create_version("alpine", &fingerprint(good))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn the_template_type_is_kept() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    for (name, kind) in [
        ("none", None),
        ("unset", Some(TemplateType::Unset)),
        ("hcl2", Some(TemplateType::Hcl2)),
        ("json", Some(TemplateType::Json)),
    ] {
        let body = CreateVersionBody {
            template_type: kind,
            ..fingerprint(name)
        };
        admin.create_version("alpine", &body).await.unwrap();
        let version = admin.look("alpine", name).await;
        assert_eq!(version.template_type, kind.unwrap_or_default());
    }
}

#[tokio::test]
async fn an_unknown_template_type_is_refused() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let path = admin.scope().unwrap().versions("alpine");
    let body = json!({"fingerprint": "one", "template_type": "XML"});
    let answer = admin.send(Method::POST, &path, Some(&body)).await.unwrap();
    let status: touchmark_tests::wire::error::Status = answer.json().unwrap();
    assert_eq!((answer.status, status.code.number()), (400, 3));
    assert_eq!(status.violations()[0].field, "body.template_type");
}

#[tokio::test]
async fn an_unknown_fingerprint_is_aborted_so_that_packer_creates_it() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let answer = refusal(admin.get_version("alpine", "nope").await);
    assert_snapshot!(answer, @"409/10 version with fingerprint nope not found");
    let answer = refusal(admin.update_version("alpine", "nope", &complete()).await);
    assert_snapshot!(answer, @"409/10 version with fingerprint nope not found");
}

#[tokio::test]
async fn a_version_of_a_missing_bucket_is_missing() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let missing = "404/5 bucket with identifier nope does not exist";
    assert_eq!(refusal(admin.get_version("nope", "one").await), missing);
    let answer = admin.create_version("nope", &fingerprint("one")).await;
    assert_eq!(refusal(answer), missing);
}

#[tokio::test]
async fn versions_are_listed_newest_first() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    for name in ["b", "a", "c"] {
        admin.version("alpine", name).await;
    }
    let names = |list: touchmark_tests::wire::version::ListVersionsResponse| {
        let names = list.versions.iter().map(|v| v.fingerprint.clone());
        (names.collect::<String>(), list.pagination.unwrap())
    };
    let all = admin
        .list_versions("alpine", &Page::default())
        .await
        .unwrap();
    assert_eq!(names(all).0, "cab");
    let (first, tokens) = names(admin.list_versions("alpine", &page(2)).await.unwrap());
    let next = Page {
        next_page_token: Some(tokens.next_page_token),
        ..page(2)
    };
    let (second, tokens) = names(admin.list_versions("alpine", &next).await.unwrap());
    assert_eq!((first.as_str(), second.as_str()), ("ca", "b"));
    let back = Page {
        previous_page_token: Some(tokens.previous_page_token),
        ..page(2)
    };
    assert_eq!(
        names(admin.list_versions("alpine", &back).await.unwrap()).0,
        "ca"
    );
}

#[tokio::test]
async fn versions_cannot_be_sorted_by_an_unknown_field() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let order = Page {
        order_by: vec!["author_id".into()],
        ..Page::default()
    };
    let answer = refusal(admin.list_versions("alpine", &order).await);
    assert!(answer.starts_with("400/3 sorting.order_by"), "{answer}");
}

#[tokio::test]
async fn the_last_build_that_is_done_completes_the_version() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.version("alpine", "one").await;
    let a = admin.build("alpine", "one", "a").await;
    let b = admin.build("alpine", "one", "b").await;
    admin.tell(("alpine", "one", &a), &done("x")).await;
    assert_eq!(admin.look("alpine", "one").await.name, "v0");
    admin.tell(("alpine", "one", &b), &done("y")).await;
    let version = admin.look("alpine", "one").await;
    assert_eq!(
        (version.name.as_str(), version.status),
        ("v1", VersionStatus::Active)
    );
    assert_eq!(admin.held("alpine", "latest").await, "one");
    assert_eq!(admin.history("alpine", "latest").await, ["touchmark one"]);
}

#[tokio::test]
async fn numbers_are_given_at_completion_not_at_creation() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.version("alpine", "slow").await;
    let slow = admin.build("alpine", "slow", "a").await;
    assert_eq!(admin.complete("alpine", "fast").await.name, "v1");
    admin.tell(("alpine", "slow", &slow), &done("x")).await;
    assert_eq!(admin.look("alpine", "slow").await.name, "v2");
}

#[tokio::test]
async fn a_version_cannot_be_completed_while_a_build_is_open() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.version("alpine", "one").await;
    let answer = refusal(admin.update_version("alpine", "one", &complete()).await);
    assert!(answer.starts_with("400/9 version one"), "{answer}");
    let build = admin.build("alpine", "one", "a").await;
    admin
        .tell(("alpine", "one", &build), &is(BuildStatus::Failed))
        .await;
    let answer = refusal(admin.update_version("alpine", "one", &complete()).await);
    assert!(answer.starts_with("400/9 version one"), "{answer}");
}

#[tokio::test]
async fn completing_a_complete_version_changes_nothing() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let before = admin.complete("alpine", "one").await;
    let answer = admin
        .update_version("alpine", "one", &complete())
        .await
        .unwrap();
    assert_eq!(answer.version.unwrap().name, "v1");
    assert!(answer.operation.is_some());
    assert_eq!(admin.look("alpine", "one").await, before);
}

#[tokio::test]
async fn the_status_of_an_open_version_follows_its_builds() {
    use BuildStatus::{Cancelled, Failed, Running};
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    admin.version("alpine", "one").await;
    let a = admin.build("alpine", "one", "a").await;
    let b = admin.build("alpine", "one", "b").await;
    assert_eq!(
        admin.look("alpine", "one").await.status,
        VersionStatus::Incomplete
    );
    for (build, status, expected) in [
        (&a, Running, VersionStatus::Running),
        (&a, Cancelled, VersionStatus::Cancelled),
        (&b, Running, VersionStatus::Running),
        (&b, Failed, VersionStatus::Failed),
    ] {
        admin.tell(("alpine", "one", build), &is(status)).await;
        assert_eq!(
            admin.look("alpine", "one").await.status,
            expected,
            "{status}"
        );
    }
}
