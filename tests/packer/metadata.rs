//! Metadata of builds, as the releases send it.

use serde_json::{Value, json};
use touchmark_client::Method;
use touchmark_tests::TestServer;

use crate::run::{Packer, Release};

fn metadata(release: Release) -> Value {
    let plugins = json!([{"name": "amazon", "version": "1.3.0"}]);
    if release == Release::V1_10_3 {
        return json!({"packer": {"plugins": plugins, "version": "1.10.3"}});
    }
    json!({
        "cicd": {"details": {"GITHUB_SHA": "abc"}, "type": "github"},
        "packer": {
            "options": {"debug": false, "except": null, "force": false, "only": ["a"],
                "path": ".", "var-files": null, "vars": ["b"]},
            "os": {"details": {"arch": "amd64", "version": "6.1.0"}, "type": "linux"},
            "plugins": null, "version": "1.16.0"},
        "vcs": {"details": {"author": "A <a@b>", "commit": "abc", "has_uncommitted_changes": false,
            "ref": "main"}, "type": "git"}})
}

#[tokio::test]
async fn metadata_comes_back_as_it_was_sent_from_builds_and_from_a_version_only() {
    let server = TestServer::start().await;
    for release in [Release::V1_10_3, Release::V1_12, Release::V1_16] {
        let bucket = format!("{release:?}").replace('_', "-");
        let packer = Packer::new(&server, release, (&bucket, "f1")).await;
        let mut packer = packer;
        packer.client = server.admin();
        let slots = packer.prepare(&["a"]).await.expect("a run");
        let sent = metadata(release);
        let mut body = packer.result("ami-1");
        body["metadata"] = sent.clone();
        let reply = packer.done(&slots[0], body).await;
        let whole = |value: &Value| {
            let part = |key: &str| (value[key].clone(), sent[key].clone());
            for (got, sent) in ["packer", "vcs", "cicd"].map(part) {
                assert_eq!(got, sent);
            }
        };
        whole(&reply.body["build"]["metadata"]);
        let version = format!("/buckets/{bucket}/versions/f1");
        let build = format!("{version}/builds/{}", slots[0].id);
        let reply = packer.call(Method::GET, &build, None).await;
        whole(&reply.body["build"]["metadata"]);
        let reply = packer.call(Method::GET, &version, None).await;
        whole(&reply.body["version"]["builds"][0]["metadata"]);
        let reply = packer
            .call(Method::GET, &format!("{version}/builds"), None)
            .await;
        whole(&reply.body["builds"][0]["metadata"]);

        for (path, place) in [
            (
                format!("/buckets/{bucket}/versions"),
                "/versions/0/builds/0",
            ),
            (
                format!("/buckets/{bucket}"),
                "/bucket/latest_version/builds/0",
            ),
            (
                format!("/buckets/{bucket}/channels/latest"),
                "/channel/version/builds/0",
            ),
        ] {
            let reply = packer.call(Method::GET, &path, None).await;
            let build = reply.body.pointer(place).expect("a build");
            assert_eq!(build["metadata"], Value::Null, "{path}");
        }
    }
}

#[tokio::test]
async fn a_build_without_metadata_shows_none_and_can_complete_a_version() {
    let server = TestServer::start().await;
    let packer = Packer::new(&server, Release::V1_10_3, ("alpine", "f1")).await;
    let slots = packer.prepare(&["a"]).await.expect("a run");
    let reply = packer.done(&slots[0], packer.result("ami-1")).await;
    assert_eq!(reply.body["build"]["metadata"], Value::Null);
    let reply = packer
        .call(Method::GET, "/buckets/alpine/versions/f1", None)
        .await;
    assert_eq!(reply.body["version"]["name"], "v1");
}

#[tokio::test]
async fn a_platform_is_set_once() {
    let server = TestServer::start().await;
    let packer = Packer::new(&server, Release::V1_16, ("alpine", "f1")).await;
    let slots = packer.prepare(&["a"]).await.expect("a run");
    let platform = |name: &str| {
        json!({"artifacts": null, "packer_run_uuid": packer.run, "platform": name,
            "status": "BUILD_RUNNING"})
    };
    for (name, expected) in [("aws", None), ("aws", None), ("azure", Some(6))] {
        let reply = packer.patch(&slots[0], platform(name)).await;
        assert_eq!(reply.code(), expected, "{name}: {reply:?}");
    }
}
