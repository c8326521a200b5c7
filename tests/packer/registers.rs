//! The fields that crash a client when they are null, of the operations that are built.

use serde_json::{Value, json};
use touchmark_client::Method;
use touchmark_tests::{Story, TestServer};

use crate::run::{Packer, Release, Reply};

/// Each place must hold something, and a text must not be empty.
fn holds(what: &str, reply: &Reply, places: &[&str]) {
    assert_eq!(reply.status, 200, "{what}: {reply:?}");
    for place in places {
        let value = reply.body.pointer(place).unwrap_or(&Value::Null);
        let empty = value.is_null() || value.as_str() == Some("");
        assert!(!empty, "{what}: {place} is missing in {}", reply.body);
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "it is one table of calls")]
async fn no_field_is_null_that_crashes_packer() {
    let server = TestServer::start().await;
    let mut packer = Packer::new(&server, Release::V1_16, ("alpine", "f1")).await;
    packer.client = server.admin();
    let put = |path: &'static str, body: Value| packer.call(Method::PUT, path, Some(body));
    let bucket = put("/buckets", json!({"name": "alpine"})).await;
    holds("CreateBucket", &bucket, &["/bucket", "/bucket/location"]);
    let version = packer
        .call(
            Method::POST,
            "/buckets/alpine/versions",
            Some(json!({"fingerprint": "f1"})),
        )
        .await;
    let places = [
        "/version",
        "/version/id",
        "/version/name",
        "/version/status",
    ];
    holds("CreateVersion", &version, &places);
    let path = "/buckets/alpine/versions/f1/builds";
    let body = json!({"artifacts": null, "component_type": "a", "packer_run_uuid": packer.run,
        "status": "BUILD_UNSET"});
    let build = packer.call(Method::POST, path, Some(body)).await;
    let places = [
        "/build",
        "/build/status",
        "/build/id",
        "/build/component_type",
    ];
    holds("CreateBuild", &build, &places);
    let id = build.body["build"]["id"].as_str().expect("an id");
    for (round, status) in ["UNSET", "RUNNING", "FAILED", "RUNNING", "DONE"]
        .iter()
        .enumerate()
    {
        let mut body = packer.result("ami-1");
        body["status"] = format!("BUILD_{status}").into();
        if *status != "DONE" {
            body["artifacts"] = Value::Null;
        }
        if round == 3 {
            body["packer_run_uuid"] = "9d1f7c14-52a5-4d0e-8b1e-0b6f6f3b6a10".into();
        }
        let reply = packer
            .call(Method::PATCH, &format!("{path}/{id}"), Some(body))
            .await;
        holds(
            "UpdateBuild",
            &reply,
            &["/build", "/build/status", "/build/version_id"],
        );
        let listed = packer.call(Method::GET, path, None).await;
        holds(
            "ListBuilds",
            &listed,
            &["/builds/0", "/builds/0/status", "/builds/0/artifacts"],
        );
        let version = packer
            .call(Method::GET, "/buckets/alpine/versions/f1", None)
            .await;
        let places = [
            "/version/status",
            "/version/name",
            "/version/builds/0/status",
        ];
        holds("GetVersion", &version, &places);
    }
    let channel = packer
        .call(Method::GET, "/buckets/alpine/channels/latest", None)
        .await;
    let places = [
        "/channel/id",
        "/channel/author_id",
        "/channel/version/status",
        "/channel/version/builds/0/artifacts/0",
        "/channel/version/builds/0/version_id",
        "/channel/version/bucket_name",
    ];
    holds("GetChannel", &channel, &places);
}

#[tokio::test]
async fn no_field_is_null_that_crashes_the_provider_or_its_tests() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.complete("alpine", "f1").await;
    let mut packer = Packer::new(&server, Release::V1_16, ("alpine", "f1")).await;
    packer.client = admin;
    let bucket = packer.call(Method::GET, "/buckets/alpine", None).await;
    holds(
        "GetBucket",
        &bucket,
        &["/bucket", "/bucket/location", "/bucket/resource_name"],
    );
    let body = json!({"name": "stable", "version_fingerprint": "f1"});
    let path = "/buckets/alpine/channels";
    let channel = packer.call(Method::POST, path, Some(body)).await;
    holds("CreateChannel", &channel, &["/channel", "/channel/name"]);
    let body = json!({"update_mask": "versionFingerprint"});
    let path = "/buckets/alpine/channels/stable";
    let channel = packer.call(Method::PATCH, path, Some(body)).await;
    holds("UpdateChannel", &channel, &["/channel", "/channel/name"]);
    assert_eq!(
        channel.body["channel"]["version"],
        Value::Null,
        "null, never {{}}"
    );
    let places = [
        "/registry",
        "/registry/config",
        "/registry/config/feature_tier",
    ];
    let registry = packer.call(Method::GET, "/registry", None).await;
    holds("GetRegistry", &registry, &places);
    let body = json!({"feature_tier": "PLUS", "update_mask": "featureTier"});
    let registry = packer.call(Method::PATCH, "/registry", Some(body)).await;
    holds(
        "UpdateRegistry",
        &registry,
        &["/operation", "/operation/id", "/operation/state"],
    );
    assert_eq!(registry.body["operation"]["error"], Value::Null);
    let body = json!({"revoke_at": "0001-01-01T00:00:00.000Z", "revoke_in": "0s"});
    let path = "/buckets/alpine/versions/f1";
    let version = packer.call(Method::PATCH, path, Some(body)).await;
    holds(
        "UpdateVersion",
        &version,
        &["/operation/id", "/version/status", "/version/revoke_at"],
    );
}

#[tokio::test]
async fn a_year_1_revocation_is_none() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.complete("alpine", "f1").await;
    let mut packer = Packer::new(&server, Release::V1_16, ("alpine", "f1")).await;
    packer.client = server.contributor().await;
    let path = "/buckets/alpine/versions/f1";
    let body = json!({"revoke_at": "0001-01-01T00:00:00.000Z", "revoke_in": "30d",
        "revocation_message": "old"});
    let reply = packer.call(Method::PATCH, path, Some(body)).await;
    assert_eq!(
        reply.body["version"]["status"], "VERSION_REVOCATION_SCHEDULED",
        "{reply:?}"
    );
    let body = json!({"restore": true, "revoke_at": "0001-01-01T00:00:00.000Z"});
    let reply = packer.call(Method::PATCH, path, Some(body)).await;
    assert_eq!(
        reply.body["version"]["status"], "VERSION_ACTIVE",
        "{reply:?}"
    );
    assert_eq!(reply.body["version"]["revoke_at"], Value::Null);
}
