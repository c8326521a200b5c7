//! What is refused appends nothing and changes nothing, down to the last column.

use reqwest::Method;
use serde_json::{Value, json};
use touchmark_tests::{
    Story, TestServer, artifact, done,
    wire::{
        build::BuildStatus,
        version::{CreateVersionBody, UpdateVersionBody},
    },
};

use crate::{
    look,
    story::{self, restore, revoke, status},
};

/// Calls that are refused after the story: method, path below the project, body.
#[expect(clippy::too_many_lines, reason = "a table")]
fn refused_calls() -> Vec<(Method, &'static str, Value)> {
    vec![
        (Method::PUT, "/buckets", json!({ "name": "parent" })),
        (Method::PUT, "/buckets", json!({ "name": "no good" })),
        (
            Method::PATCH,
            "/buckets/none",
            json!({ "description": "x" }),
        ),
        (
            Method::PATCH,
            "/buckets/parent",
            json!({ "description": "x".repeat(300) }),
        ),
        (
            Method::POST,
            "/buckets/parent/versions",
            json!({ "fingerprint": "p1" }),
        ),
        (
            Method::POST,
            "/buckets/parent/versions",
            json!({ "fingerprint": "" }),
        ),
        (
            Method::POST,
            "/buckets/parent/channels",
            json!({ "name": "prod" }),
        ),
        (
            Method::POST,
            "/buckets/parent/channels",
            json!({ "name": "latest" }),
        ),
        // The channel would be made before its version turns out to be revoked, open, or unknown.
        (
            Method::POST,
            "/buckets/parent/channels",
            json!({ "name": "new", "version_fingerprint": "p2" }),
        ),
        (
            Method::POST,
            "/buckets/child/channels",
            json!({ "name": "new", "version_fingerprint": "open" }),
        ),
        (
            Method::POST,
            "/buckets/parent/channels",
            json!({ "name": "new", "version_fingerprint": "?" }),
        ),
        (
            Method::PATCH,
            "/buckets/parent/channels/latest",
            json!({ "version_fingerprint": "p1", "update_mask": "versionFingerprint" }),
        ),
        // The first field would be changed before the second is refused.
        (
            Method::PATCH,
            "/buckets/parent/channels/prod",
            json!({ "restricted": true, "version_fingerprint": "p2", "update_mask": "restricted,versionFingerprint" }),
        ),
        (
            Method::DELETE,
            "/buckets/parent/channels/latest",
            json!(null),
        ),
        (Method::DELETE, "/buckets/parent/versions/p1", json!(null)),
        (Method::DELETE, "/registry", json!(null)),
        (Method::PUT, "/registry", json!({})),
    ]
}

#[tokio::test]
async fn refused_operations_leave_the_database_as_it_was() {
    let server = TestServer::start().await;
    let admin = server.admin();
    story::everything(&server).await;
    let scope = format!(
        "/packer/2023-01-01/organizations/{}/projects/{}",
        server.project.organization_id, server.project.id
    );
    let before = look::everything(&server).await;
    for (method, path, body) in refused_calls() {
        let body = (!body.is_null()).then_some(body);
        let path = format!("{scope}{path}");
        let answer = admin
            .send(method.clone(), &path, body.as_ref())
            .await
            .expect("an answer");
        let said = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(
            (400..500).contains(&answer.status),
            "{method} {path} {body:?}: {said}"
        );
        assert_eq!(
            look::everything(&server).await,
            before,
            "{method} {path}: {said}"
        );
    }
}

#[tokio::test]
async fn refused_changes_of_versions_and_builds_leave_the_database_as_it_was() {
    let server = TestServer::start().await;
    let admin = server.admin();
    story::everything(&server).await;
    let version = admin.look("parent", "p1").await;
    let finished = version.builds[0].id.clone();
    let open = admin.look("child", "open").await;
    let running = open
        .builds
        .iter()
        .find(|build| build.status == BuildStatus::Running);
    let running = running.expect("a build that runs").id.clone();
    let before = look::everything(&server).await;
    let complete = UpdateVersionBody {
        complete: true,
        ..UpdateVersionBody::default()
    };
    for (bucket, fingerprint, body) in [
        ("parent", "p2", revoke()),
        ("parent", "p1", restore()),
        ("child", "c1", restore()),
        ("child", "open", complete),
        ("parent", "none", revoke()),
    ] {
        let answer = admin.update_version(bucket, fingerprint, &body).await;
        assert!(answer.is_err(), "{bucket} {fingerprint} {body:?}");
        assert_eq!(
            look::everything(&server).await,
            before,
            "{bucket} {fingerprint} {body:?}"
        );
    }
    let mut other = done("p1");
    other.artifacts = Some(vec![artifact("another", "us-east-1")]);
    let mut empty = done("x");
    empty.artifacts = Some(Vec::new());
    for (bucket, fingerprint, id, body) in [
        ("parent", "p1", &finished, other),
        ("parent", "p1", &finished, status(BuildStatus::Failed)),
        ("child", "open", &running, empty),
        ("child", "open", &finished, done("x")),
    ] {
        let answer = admin.update_build(bucket, fingerprint, id, &body).await;
        assert!(answer.is_err(), "{bucket} {fingerprint} {body:?}");
        assert_eq!(
            look::everything(&server).await,
            before,
            "{bucket} {fingerprint} {body:?}"
        );
    }
}

#[tokio::test]
async fn who_may_not_changes_nothing() {
    let server = TestServer::start().await;
    story::everything(&server).await;
    let (viewer, builder) = (server.viewer().await, server.builder().await);
    // Their tokens are there before the comparison begins.
    viewer.get_bucket("parent").await.expect("the bucket");
    builder.get_bucket("parent").await.expect("the bucket");
    let before = look::everything(&server).await;
    let body = CreateVersionBody {
        fingerprint: "new".to_owned(),
        template_type: None,
    };
    assert!(viewer.create_version("parent", &body).await.is_err());
    assert!(
        builder
            .update_version("parent", "p1", &revoke())
            .await
            .is_err()
    );
    assert!(builder.delete_channel("parent", "prod").await.is_err());
    assert!(builder.delete_bucket("parent").await.is_err());
    assert!(
        server
            .anonymous()
            .create_version("parent", &body)
            .await
            .is_err()
    );
    assert_eq!(look::everything(&server).await, before);
}

#[tokio::test]
async fn a_deactivated_registry_takes_nothing_new() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    let off = touchmark_tests::wire::registry::UpdateRegistryBody {
        activated: false,
        update_mask: Some("activated".to_owned()),
        ..Default::default()
    };
    admin.update_registry(&off).await.expect("a change");
    let before = look::everything(&server).await;
    let body = CreateVersionBody {
        fingerprint: "new".to_owned(),
        template_type: None,
    };
    assert!(admin.create_version("alpine", &body).await.is_err());
    let bucket = touchmark_tests::wire::bucket::CreateBucketBody {
        name: "other".to_owned(),
        ..Default::default()
    };
    assert!(admin.create_bucket(&bucket).await.is_err());
    assert_eq!(look::everything(&server).await, before);
}
